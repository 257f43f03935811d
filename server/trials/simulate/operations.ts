import { createRandom, type Random } from '../../tests/random.ts';

/** How often each kind of operation happens, by itself in a row of all. */
const weights = {
  place: 22,
  place_many: 3,
  repeat: 5,
  status: 6,
  ask: 3,
  deposit: 5,
  adjust: 2,
  start_paying: 3,
  report_payment: 5,
  decide_payment: 2,
  look: 3,
  ask_refill: 8,
  ask_cancel: 5,
  pause: 2,
  settle: 6,
  decide: 8,
  decide_cancel: 3,
  decide_refill: 3,
  send_refill: 1,
  stop_parent: 1,
  send_by: 2,
  ask_on_behalf: 2,
  act_on_many: 2,
  acknowledge: 2,
  announce: 4,
  change_terms: 2,
  change_service: 3,
  change_settings: 1,
  suspend: 3,
  rotate_key: 1,
  change_provider: 3,
  change_routes: 1,
  forward: 18,
  poll: 14,
  reconcile: 6,
  pass_requests: 6,
  expire: 4,
  parents: 7,
  chores: 5,
  sync: 1,
  fault: 10,
  plan: 6,
  fund: 2,
  post_upstream: 3,
  change_upstream: 2,
  decide_changes: 1,
  hold: 3,
  release: 4,
  kill: 2,
  cut: 4,
  wait: 12,
  jump: 1,
  restart: 0.4,
  cut_all: 0.1,
} as const;

export type OperationKind = keyof typeof weights;

/**
 * One thing that happens. Whom it is about is said as a share of what there is at that moment, so
 * that it keeps a meaning when others before it are left out.
 */
export type Operation = {
  /** Its place in the whole history; what it makes is named after it. */
  at: number;
  kind: OperationKind;
  /** From 0 to below `shares` each. */
  a: number;
  b: number;
  c: number;
  d: number;
};

const shares = 1_000_000;

const kinds = Object.entries(weights) as [OperationKind, number][]; // they are its keys
const weightsTotal = kinds.reduce((sum, [, weight]) => sum + weight, 0);

/** The operations of a seed, always the same. */
export function generate(seed: number, count: number): Operation[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, at) => ({
    at,
    kind: chooseKind(random),
    a: random(shares),
    b: random(shares),
    c: random(shares),
    d: random(shares),
  }));
}

function chooseKind(random: Random): OperationKind {
  let left = (random(shares) / shares) * weightsTotal;
  for (const [kind, weight] of kinds) {
    left -= weight;
    if (left < 0) return kind;
  }
  return 'wait';
}

/** The item of a list that a share stands for; undefined of an empty one. */
export function pick<T>(list: readonly T[], share: number): T | undefined {
  return list[Math.floor((share * list.length) / shares)];
}

/** A whole number from 0 to below `below` that a share stands for. */
export function scale(share: number, below: number): number {
  return Math.floor((share * below) / shares);
}

/** Whether a share falls into the first so many percent. */
export function isWithin(share: number, percent: number): boolean {
  return share * 100 < percent * shares;
}
