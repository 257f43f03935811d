import { LRUCache } from 'lru-cache';
import { type Clock, type Peers, secondMs } from '../base/index.ts';

/** So many attempts; no more until none was let in for as long as the window is. */
export type AttemptRule = { window: number; max: number };

/** Takes one attempt; answers 0, or for how many seconds there is to wait. */
export type TakeAttempt = (key: string, rule: AttemptRule) => number;

type Counted = { count: number; lastMs: number };

const keysMax = 100_000;
const topic = 'attempts';

/**
 * Counts attempts in memory, those of the processes that share the port included: each is told at
 * once. Only attempts of the very same moment in several processes are judged apart, and counted
 * together after that. Memory is bounded; the keys longest unseen are forgotten first.
 */
export function createAttempts(clock: Clock, peers?: Peers): TakeAttempt {
  const counts = new LRUCache<string, Counted>({ max: keysMax });

  function current(key: string, window: number): number {
    const known = counts.get(key);
    const sinceMs = known === undefined ? 0 : clock.now().getTime() - known.lastMs;
    // After a clock that was set back nobody waits for the time it showed.
    const isOver = sinceMs < 0 || sinceMs >= window * secondMs;
    return known === undefined || isOver ? 0 : known.count;
  }

  function add(key: string, window: number): void {
    counts.set(key, { count: current(key, window) + 1, lastMs: clock.now().getTime() });
  }

  peers?.hear(topic, (message) => {
    const { key, window } = message as { key: string; window: number }; // as it is told below
    add(key, window);
  });

  return (key, { window, max }) => {
    if (current(key, window) >= max) {
      const known = counts.get(key);
      const waitMs = (known?.lastMs ?? 0) + window * secondMs - clock.now().getTime();
      return Math.max(1, Math.ceil(waitMs / secondMs));
    }
    add(key, window);
    peers?.tell(topic, { key, window });
    return 0;
  };
}
