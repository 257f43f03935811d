import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../tests/random.ts';
import type { Caller } from './seed.ts';
import type { Stage } from './stage.ts';

/** What callers can be told to do more of, so that a rare point is come by. */
export type Wish = 'order' | 'drip' | 'refill' | 'cancel';

/** What was answered with success: it must be there from then on. */
export type Promised =
  | { kind: 'order'; caller: Caller; link: string; order: number }
  | { kind: 'refill' | 'cancel'; caller: Caller; order: number };

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

type Fields = Record<string, string | number>;
/** What the last call says was done before, when an earlier one got no answer. */
type Answer = { reply: unknown; isRepeated: boolean };

const callersAtOnce = 4;
const pauseMsMax = 60;
const retryMs = 15;
const probeMs = 10;
const callTimeoutMs = 15_000;
const recentMax = 200;
/** Of a hundred turns, those in which an answered order is asked for once more. */
const replaysPerHundred = 5;

/** Starts callers that go on until stopped, and repeat what got no answer until it gets one. */
export function startLoad(stage: Stage, random: Random): Load {
  const links: { caller: Caller; link: string }[] = [];
  const faults: string[] = [];
  const recent: (Promised & { kind: 'order' })[] = [];
  const promised: Promised[] = [];
  let wish: Wish = 'order';
  let isStopped = false;
  let isAbandoned = false;
  let repeats = 0;

  async function ask(caller: Caller, fields: Fields): Promise<Answer> {
    for (let attempt = 0; ; attempt += 1) {
      const reply = await call(stage.url, { key: caller.key, ...fields });
      if (reply !== undefined) return { reply, isRepeated: attempt > 0 };
      if (isAbandoned) return { reply: undefined, isRepeated: true };
      repeats += 1;
      await delay(retryMs);
    }
  }

  function keep(one: Promised): void {
    promised.push(one);
    if (one.kind !== 'order') return;
    recent.push(one);
    if (recent.length > recentMax) recent.shift();
  }

  async function order(caller: Caller, isDrip: boolean): Promise<void> {
    const link = `https://crash.example/${links.length}`;
    links.push({ caller, link });
    const runs: Fields = isDrip ? { runs: 2, interval: 1 } : {};
    const service = isDrip ? stage.drip : stage.plain;
    const fields = { action: 'add', service, link, quantity: 100, request_id: link, ...runs };
    const { reply } = await ask(caller, fields);
    const id: unknown = Reflect.get(Object(reply), 'order');
    if (typeof id !== 'number') return void faults.push(`${link}: ${JSON.stringify(reply)}`);
    keep({ kind: 'order', caller, link, order: id });
    if (random(100) >= replaysPerHundred) return;
    const again = Object((await ask(caller, fields)).reply).order;
    if (again !== id) faults.push(`${link} is ${id}, and then ${again}`);
  }

  async function refill(): Promise<void> {
    const next = stage.refillable.pop();
    if (next === undefined) return;
    const { caller } = next;
    const asked = await ask(caller, { action: 'refill', order: String(next.order) });
    const { refill: id, error } = Object(asked.reply);
    const isKnown = asked.isRepeated && String(error).includes('refill was requested less than');
    if (id === undefined && !isKnown) faults.push(`refill: ${JSON.stringify(asked.reply)}`);
    keep({ kind: 'refill', caller, order: Number(next.order) });
  }

  async function cancel(): Promise<void> {
    const target = recent[random(Math.max(1, recent.length))];
    if (target === undefined) return;
    const { caller } = target;
    const { reply } = await ask(caller, { action: 'cancel', orders: String(target.order) });
    const outcome: unknown = Reflect.get(Object(Reflect.get(Object(reply), 0)), 'cancel');
    if (outcome === undefined) faults.push(`cancel: ${JSON.stringify(reply)}`);
    if (outcome === 1) keep({ kind: 'cancel', caller, order: target.order });
  }

  async function turn(caller: Caller): Promise<void> {
    const dice = random(100);
    const isWished = wish !== 'order' && dice < 40;
    if (isWished && wish === 'refill') return refill();
    if (dice < 5 || (isWished && wish === 'cancel')) return cancel();
    return order(caller, dice < 8 || (isWished && wish === 'drip'));
  }

  async function run(caller: Caller): Promise<void> {
    while (!isStopped) {
      await delay(random(pauseMsMax));
      await turn(caller);
    }
  }

  const runs = stage.callers.slice(0, callersAtOnce).map(run);
  return {
    wish: (next) => {
      wish = next;
    },
    takePromised: () => promised.splice(0),
    faults,
    links: () => links,
    repeats: () => repeats,
    answers: () => untilAnswered(stage),
    stop: async () => {
      isStopped = true;
      await Promise.all(runs);
    },
    abandon: () => {
      isStopped = true;
      isAbandoned = true;
    },
  };
}

/** The balance is read from the database, so an answer says that all of the way works. */
async function untilAnswered({ url, callers }: Stage): Promise<void> {
  const key = callers[0]?.key ?? '';
  for (;;) {
    const reply = await call(url, { key, action: 'balance' });
    if (typeof Object(reply).balance === 'string') return;
    await delay(probeMs);
  }
}

/** What was answered with status 200; undefined for no answer, or none that says anything. */
async function call(url: string, fields: Fields): Promise<unknown> {
  const named = Object.entries(fields).map(([name, value]): [string, string] => {
    return [name, String(value)];
  });
  const body = new URLSearchParams(named);
  const signal = AbortSignal.timeout(callTimeoutMs);
  try {
    const response = await fetch(`${url}/api/v2`, { method: 'POST', body, signal });
    const text = await response.text();
    return response.status === 200 ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
