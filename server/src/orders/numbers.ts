import type { OrderId } from '../base/index.ts';

/** Where a process gets the numbers of its next orders. */
export type OrderNumbers = {
  /** So many numbers that no other order has, in order. */
  take: (count: number) => Promise<OrderId[]>;
};

/** Batches this close to each other are a stream, in which the next one can be prepared for. */
const streamMs = 50;
/** Numbers tell which order came first, so those that nobody took are soon left out. */
const keptMs = 1_000;

/**
 * Asks for numbers while the batch before is stored, for as long as batches keep coming: then none
 * waits for its numbers. What comes alone asks for exactly those it needs, and leaves no gap.
 * @param ask gets new numbers from the database
 */
export function createOrderNumbers(ask: OrderNumbers['take']): OrderNumbers {
  let reserve: { ids: Promise<OrderId[]>; count: number; atMs: number } | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;

  async function take(count: number): Promise<OrderId[]> {
    const nowMs = performance.now();
    const isStream = nowMs - lastMs <= streamMs;
    lastMs = nowMs;
    const kept = reserve;
    const isEnough = kept !== undefined && kept.count >= count && nowMs - kept.atMs <= keptMs;
    const ids = isEnough ? kept.ids : ask(count);
    reserve = isStream ? prepareAfter(ids, { count, atMs: nowMs }) : undefined;
    return (await ids).slice(0, count);
  }

  /** Not beside each other: the later order would get the smaller number. */
  function prepareAfter(ids: Promise<OrderId[]>, { count, atMs }: { count: number; atMs: number }) {
    const next = { ids: ids.then(() => ask(count)), count, atMs };
    // Whoever comes next asks again, and hears why there are none.
    next.ids.catch(() => {
      if (reserve === next) reserve = undefined;
    });
    return next;
  }

  return { take };
}
