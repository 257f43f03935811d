import type { OrderId } from '../base/index.ts';

/** Where a process gets the numbers of its next orders. */
export type OrderNumbers = {
  /** So many numbers that no other order has, in order. */
  take: (count: number) => Promise<OrderId[]>;
};

/** So many batches this close to each other are a stream, in which the next is prepared for. */
const streamBatches = 16;
const streamMs = 50;
/** Where a batch is an order or a few, so many numbers: then few of them ask for any. */
const aheadMin = 16;
/** Numbers tell which order came first, so those that nobody took are soon left out. */
const keptMs = 1_000;

/** Numbers that were asked for ahead, and how many of them are left, the last ones. */
type Reserve = { ids: Promise<OrderId[]>; left: number; atMs: number };

/**
 * Asks for numbers while the batch before is stored, for as long as batches keep coming: then none
 * waits for its numbers. A stream that ends leaves a gap of a batch; what comes alone leaves none.
 * @param ask gets new numbers from the database
 */
export function createOrderNumbers(ask: OrderNumbers['take']): OrderNumbers {
  let reserve: Reserve | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;
  let streak = 0;

  async function take(count: number): Promise<OrderId[]> {
    const nowMs = performance.now();
    streak = nowMs - lastMs <= streamMs ? streak + 1 : 0;
    lastMs = nowMs;
    const kept = reserve;
    const isEnough = kept !== undefined && kept.left >= count && nowMs - kept.atMs <= keptMs;
    const ids = isEnough ? takeFrom(kept, count) : ask(count);
    const isOver = !isEnough || kept.left < count;
    if (streak < streamBatches) reserve = undefined;
    else if (isOver) reserve = prepareAfter(ids, { count: Math.max(count, aheadMin), atMs: nowMs });
    return ids;
  }

  async function takeFrom(kept: Reserve, count: number): Promise<OrderId[]> {
    const { left } = kept;
    kept.left -= count;
    // Asked ahead, they may have failed a while ago.
    const ids = await kept.ids.catch(() => ask(count));
    const from = Math.max(0, ids.length - left);
    return ids.slice(from, from + count);
  }

  /** Not beside each other: the later order would get the smaller number. */
  function prepareAfter(ids: Promise<OrderId[]>, { count, atMs }: { count: number; atMs: number }) {
    const next = { ids: ids.then(() => ask(count)), left: count, atMs };
    next.ids.catch(() => {});
    return next;
  }

  return { take };
}
