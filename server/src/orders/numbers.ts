import type { OrderId } from '../base/index.ts';

/** Where a process gets the numbers of its next orders. */
export type OrderNumbers = {
  /** So many numbers that no other order has, in order. */
  take: (count: number) => Promise<OrderId[]>;
};

/** So many batches this close to each other are a stream, in which the next is prepared for. */
const streamBatches = 16;
const streamMs = 50;
/** Numbers tell which order came first, so those that nobody took are soon left out. */
const keptMs = 1_000;

/**
 * Asks for numbers while the batch before is stored, for as long as batches keep coming: then none
 * waits for its numbers. A stream that ends leaves a gap of a batch; what comes alone leaves none.
 * @param ask gets new numbers from the database
 */
export function createOrderNumbers(ask: OrderNumbers['take']): OrderNumbers {
  let reserve: { ids: Promise<OrderId[]>; count: number; atMs: number } | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  let streak = 0;

  async function take(count: number): Promise<OrderId[]> {
    const nowMs = performance.now();
    streak = nowMs - lastMs <= streamMs ? streak + 1 : 0;
    lastMs = nowMs;
    const kept = reserve;
    const isEnough = kept !== undefined && kept.count >= count && nowMs - kept.atMs <= keptMs;
    // Asked ahead, it may have failed a while ago.
    const ids = isEnough ? kept.ids.catch(() => ask(count)) : ask(count);
    reserve = streak >= streamBatches ? prepareAfter(ids, { count, atMs: nowMs }) : undefined;
    return (await ids).slice(0, count);
  }

  /** Not beside each other: the later order would get the smaller number. */
  function prepareAfter(ids: Promise<OrderId[]>, { count, atMs }: { count: number; atMs: number }) {
    const next = { ids: ids.then(() => ask(count)), count, atMs };
    next.ids.catch(() => {});
    return next;
  }

  return { take };
}
