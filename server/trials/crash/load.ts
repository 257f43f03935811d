import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../tests/random.ts';
import { type Ask, createAsk, type Fields } from './ask.ts';
import type { Caller } from './seed.ts';
import type { Stage } from './stage.ts';

/** What callers can be told to do more of, so that a rare point is come by. */
export type Wish = 'order' | 'drip' | 'refill' | 'cancel';

/** What was answered with success: it must be there from then on. */
export type Promised =
  | { kind: 'order'; caller: Caller; link: string; order: number }
  | { kind: 'refill' | 'cancel'; caller: Caller; order: number };

type PromisedOrder = Promised & { kind: 'order' };

export type Load = {
  wish: (wish: Wish) => void;
  /** Takes what was promised since it was last taken. */
  takePromised: () => Promised[];
  /** What no server may ever answer, in words. */
  faults: readonly string[];
  /** Every link that was asked for, answered or under way, by its caller. */
  links: () => readonly { caller: Caller; link: string }[];
  /** How many calls got no answer and were repeated. */
  repeats: () => number;
  /** Resolves at the first right answer to a call that is sent from now on. */
  answers: () => Promise<void>;
  /** Ends the callers; each gets the answer it waits for first. */
  stop: () => Promise<void>;
  /** Ends them as they are: nothing answers any more. */
  abandon: () => void;
};

/** What callers have seen and wait for. */
type Memory = {
  stage: Stage;
  random: Random;
  ask: Ask;
  links: { caller: Caller; link: string }[];
  faults: string[];
  promised: Promised[];
  recent: PromisedOrder[];
};

const pauseMsMax = 60;
const recentMax = 200;
/** Of a hundred orders that are answered, those that are asked for once more. */
const replaysPerHundred = 5;

/** Starts callers that go on until stopped, and repeat what got no answer until it gets one. */
export function startLoad(stage: Stage, random: Random): Load {
  const ask = createAsk(stage.url);
  const lists = { links: [], faults: [], promised: [], recent: [] };
  const memory: Memory = { stage, random, ask, ...lists };
  let wish: Wish = 'order';
  let isStopped = false;

  async function run(caller: Caller): Promise<void> {
    while (!isStopped) {
      await delay(random(pauseMsMax));
      await takeTurn(memory, caller, wish);
    }
  }

  const runs = stage.callers.map(run);
  return {
    wish: (next) => {
      wish = next;
    },
    takePromised: () => memory.promised.splice(0),
    faults: memory.faults,
    links: () => memory.links,
    repeats: ask.repeats,
    answers: () => ask.untilAnswered(stage.callers[0]?.key ?? ''),
    stop: async () => {
      isStopped = true;
      await Promise.all(runs);
    },
    abandon: () => {
      isStopped = true;
      ask.abandon();
    },
  };
}

async function takeTurn(memory: Memory, caller: Caller, wish: Wish): Promise<void> {
  const dice = memory.random(100);
  const isWished = wish !== 'order' && dice < 40;
  if (isWished && wish === 'refill') return refill(memory);
  if (dice < 5 || (isWished && wish === 'cancel')) return cancel(memory);
  return order(memory, caller, dice < 8 || (isWished && wish === 'drip'));
}

async function order(memory: Memory, caller: Caller, isDrip: boolean): Promise<void> {
  const { stage, random, ask, links, faults, recent } = memory;
  const link = `https://crash.example/${links.length}`;
  links.push({ caller, link });
  const runs: Fields = isDrip ? { runs: 2, interval: 1 } : {};
  const service = isDrip ? stage.drip : stage.plain;
  const fields = { action: 'add', service, link, quantity: 100, request_id: link, ...runs };
  const { reply } = await ask.surely(caller.key, fields);
  const id: unknown = Reflect.get(Object(reply), 'order');
  if (typeof id !== 'number') return void faults.push(`${link}: ${JSON.stringify(reply)}`);
  const promised: PromisedOrder = { kind: 'order', caller, link, order: id };
  memory.promised.push(promised);
  recent.push(promised);
  if (recent.length > recentMax) recent.shift();
  if (random(100) >= replaysPerHundred) return;
  const again = Object((await ask.surely(caller.key, fields)).reply).order;
  if (again !== id) faults.push(`${link} is ${id}, and then ${again}`);
}

async function refill({ stage, ask, faults, promised }: Memory): Promise<void> {
  const next = stage.refillable.pop();
  if (next === undefined) return;
  const { caller } = next;
  const asked = await ask.surely(caller.key, { action: 'refill', order: String(next.order) });
  const { refill: id, error } = Object(asked.reply);
  // An earlier call that got no answer may have been heard.
  const isKnown = asked.isRepeated && String(error).includes('refill was requested less than');
  if (id === undefined && !isKnown) faults.push(`refill: ${JSON.stringify(asked.reply)}`);
  promised.push({ kind: 'refill', caller, order: Number(next.order) });
}

async function cancel({ random, ask, faults, promised, recent }: Memory): Promise<void> {
  const target = recent[random(Math.max(1, recent.length))];
  if (target === undefined) return;
  const { caller } = target;
  const fields = { action: 'cancel', orders: String(target.order) };
  const { reply } = await ask.surely(caller.key, fields);
  const outcome: unknown = Reflect.get(Object(Reflect.get(Object(reply), 0)), 'cancel');
  if (outcome === undefined) faults.push(`cancel: ${JSON.stringify(reply)}`);
  if (outcome === 1) promised.push({ kind: 'cancel', caller, order: target.order });
}
