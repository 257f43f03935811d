import { LRUCache } from 'lru-cache';
import type { Clock } from '../../base/index.ts';

export type RateLimiter = {
  /** Takes one call of `subject`; answers 0, or for how many seconds it has to wait. */
  take: (subject: string | number, limits: Limits) => number;
  /** Like `take`, without taking. */
  waitSeconds: (subject: string | number, limits: Limits) => number;
};

/** So many calls per second in the long run, and so many at once. */
export type Limits = { perSecond: number; burst: number };

const subjectsMax = 50_000;

/**
 * The generic cell rate algorithm: per subject one number, the time at which its bucket is full
 * again. Memory is bounded; the subjects longest unseen are forgotten first.
 */
export function createRateLimiter(clock: Clock): RateLimiter {
  const fullAtMs = new LRUCache<string | number, number>({ max: subjectsMax });

  function wait(subject: string | number, limits: Limits, isTaken: boolean): number {
    const nowMs = clock.now().getTime();
    const costMs = 1000 / limits.perSecond;
    const fullMs = fullAtMs.get(subject) ?? 0;
    // What lies further ahead than a whole burst was kept by a clock that has been set back since.
    const isReal = fullMs <= nowMs + costMs * limits.burst;
    const afterMs = Math.max(isReal ? fullMs : 0, nowMs) + costMs;
    const overMs = afterMs - nowMs - costMs * limits.burst;
    if (overMs > 0) return Math.ceil(overMs / 1000);
    if (isTaken) fullAtMs.set(subject, afterMs);
    return 0;
  }

  return {
    take: (subject, limits) => wait(subject, limits, true),
    waitSeconds: (subject, limits) => wait(subject, limits, false),
  };
}
