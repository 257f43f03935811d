import { LRUCache } from 'lru-cache';
import type { Clock } from './clock.ts';
import type { Peers } from './peers.ts';

export type RateLimiter = {
  /** Takes one call of `subject`; answers 0, or for how many seconds it has to wait. */
  take: (subject: string | number, limits: Limits) => number;
  /** Like `take`, without taking. */
  waitSeconds: (subject: string | number, limits: Limits) => number;
};

/** So many calls per second in the long run, and so many at once. */
export type Limits = { perSecond: number; burst: number };

/** What is counted, and with whom: without peers in this process alone. */
export type Shared = { name: string; peers: Peers | undefined };

/** How much time of a subject's bucket its calls have used up. */
type Taken = [subject: string | number, tookMs: number];

const subjectsMax = 50_000;
/** Calls of all processes are told together, so a busy port costs few messages. */
const tellMs = 50;

/**
 * The generic cell rate algorithm: per subject one number, the time at which its bucket is full
 * again. Memory is bounded; the subjects longest unseen are forgotten first.
 *
 * With peers each process tells what it let in, and the others count it too. What all let in before
 * they have heard of each other is a debt that is paid before the next call: at once it may be a
 * burst per process at worst, in the long run it is the rate.
 */
export function createRateLimiter(clock: Clock, { name, peers }: Shared): RateLimiter {
  const fullAtMs = new LRUCache<string | number, number>({ max: subjectsMax });
  const note = peers === undefined ? undefined : share({ name, peers, onTaken: add });
  const burstsMax = peers?.count ?? 1;

  function add([subject, tookMs]: Taken): void {
    const nowMs = clock.now().getTime();
    fullAtMs.set(subject, Math.max(fullAtMs.get(subject) ?? 0, nowMs) + tookMs);
  }

  function wait(subject: string | number, limits: Limits, isTaken: boolean): number {
    const nowMs = clock.now().getTime();
    const costMs = 1000 / limits.perSecond;
    const fullMs = fullAtMs.get(subject) ?? 0;
    // What lies further ahead than a whole burst of each process was kept by a clock that has been
    // set back since.
    const isReal = fullMs <= nowMs + costMs * limits.burst * burstsMax;
    const afterMs = Math.max(isReal ? fullMs : 0, nowMs) + costMs;
    const overMs = afterMs - nowMs - costMs * limits.burst;
    if (overMs > 0) return Math.ceil(overMs / 1000);
    if (isTaken) {
      fullAtMs.set(subject, afterMs);
      note?.(subject, costMs);
    }
    return 0;
  }

  return {
    take: (subject, limits) => wait(subject, limits, true),
    waitSeconds: (subject, limits) => wait(subject, limits, false),
  };
}

/** Tells others what was taken here, and hears what was taken there. */
function share(input: {
  name: string;
  peers: Peers;
  onTaken: (taken: Taken) => void;
}): (subject: string | number, tookMs: number) => void {
  const { peers, onTaken } = input;
  const topic = `limit ${input.name}`;
  let untold = new Map<string | number, number>();
  peers.hear(topic, (message) => {
    // It comes from a limiter of the same name in another process of this server.
    for (const taken of message as Taken[]) onTaken(taken);
  });
  return (subject, tookMs) => {
    if (untold.size === 0) {
      setTimeout(() => {
        peers.tell(topic, [...untold]);
        untold = new Map();
      }, tellMs).unref();
    }
    untold.set(subject, (untold.get(subject) ?? 0) + tookMs);
  };
}
