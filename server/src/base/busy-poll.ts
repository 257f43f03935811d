import { availableParallelism } from 'node:os';

/** The machine as a busy poll sees it. */
export type Machine = {
  cores: number;
  nowMs: () => number;
  /** Runs this in the next turn of the event loop, which does not sleep before it. */
  nextTurn: (run: () => void) => void;
};

const thisMachine: Machine = {
  cores: availableParallelism(),
  nowMs: () => performance.now(),
  nextTurn: setImmediate,
};

/** The longest that is polled for. Of what takes longer, a thread's waking is a small part. */
const pollMs = 2;
/** A turn in which nothing happens takes some µs; in a longer one there was work, or no core. */
const idleTurnMs = 0.2;

/**
 * For work that an otherwise idle process waits for: the event loop does not sleep until it is
 * over, so that the answer is read when it comes. To wake a sleeping thread took a quarter of the
 * time of an order that came alone. It costs one core for as long, and nobody who needs that core:
 * polling ends at the first sign of other work, in this process or in another that had the core,
 * and does not begin on a single core, nor where the work before took longer than is polled for.
 * @returns what takes work under way, and settles as it does
 */
export function createBusyPoll(machine = thisMachine): <T>(work: Promise<T>) => Promise<T> {
  let lastMs = 0;
  return async (work) => {
    const startedMs = machine.nowMs();
    let isOver = false;
    let turnedMs = Number.POSITIVE_INFINITY;
    const turn = () => {
      const nowMs = machine.nowMs();
      const hadOtherWork = nowMs - turnedMs > idleTurnMs;
      if (isOver || hadOtherWork || nowMs - startedMs > pollMs) return;
      turnedMs = nowMs;
      machine.nextTurn(turn);
    };
    if (machine.cores > 1 && lastMs <= pollMs) machine.nextTurn(turn);
    try {
      return await work;
    } finally {
      isOver = true;
      lastMs = machine.nowMs() - startedMs;
    }
  };
}
