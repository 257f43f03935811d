import type { FailpointName } from '../../src/base/index.ts';
import { type Random, shuffle } from '../../tests/random.ts';
import { pointsOf } from './points.ts';

/** What is killed: a process of ours, one session of the database, all of it. */
const killKinds = ['api', 'worker', 'command', 'backend', 'database'] as const;
export type KillKind = (typeof killKinds)[number];

/** One kill: of what, and when. Without a point at a random moment. */
export type Strike = {
  kind: KillKind;
  point: FailpointName | undefined;
  /** The how manieth time the process comes by the point. */
  nth: number;
  afterMs: number;
};

/** Of twenty kills, how many are of a kind, when all kinds are wanted. */
const weights: Readonly<Record<KillKind, number>> = {
  api: 9,
  worker: 8,
  command: 1,
  backend: 1,
  database: 1,
};
const nthMax = 4;
const afterMsMax = 400;
/** Of ten kills, those at a random moment. */
const randomOfTen = 3;

/**
 * Says by the seed what is killed when. Each kind goes through all of its points, in an order of
 * its own, before it comes back to one.
 */
export function planStrikes(
  random: Random,
  options: { count: number; kinds: readonly KillKind[] },
): Strike[] {
  const kinds = options.kinds.flatMap((kind) => Array<KillKind>(weights[kind]).fill(kind));
  const decks = new Map<KillKind, FailpointName[]>();
  const draw = (kind: KillKind): FailpointName | undefined => {
    const left = decks.get(kind) ?? [];
    if (left.length === 0) left.push(...shuffle(random, pointsFor(kind)));
    decks.set(kind, left);
    return left.pop();
  };
  const order: KillKind[] = [];
  while (order.length < options.count) order.push(...shuffle(random, kinds));
  return order.slice(0, options.count).map((kind) => {
    // A command is over too soon for a moment of its own.
    const isRandom = kind !== 'command' && random(10) < randomOfTen;
    const point = isRandom ? undefined : draw(kind);
    return { kind, point, nth: 1 + random(nthMax), afterMs: random(afterMsMax) };
  });
}

/** The database is struck while a process of ours is held at any of its points. */
function pointsFor(kind: KillKind): FailpointName[] {
  if (kind === 'backend' || kind === 'database') return [...pointsOf('api'), ...pointsOf('worker')];
  return pointsOf(kind);
}

/**
 * The kinds that are named; all of them without a name.
 * @throws Error for an unknown one
 */
export function readKinds(names: readonly string[]): readonly KillKind[] {
  const isKind = (name: string): name is KillKind => killKinds.some((kind) => kind === name);
  const unknown = names.find((name) => !isKind(name));
  if (unknown !== undefined) throw new Error(`no kind of kill: ${unknown}; ${killKinds}`);
  return names.length === 0 ? killKinds : names.filter(isKind);
}
