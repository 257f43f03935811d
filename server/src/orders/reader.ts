import { LRUCache } from 'lru-cache';
import { type Batcher, type CustomerId, createBatcher, type OrderId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { type OrderList, type OrderView, readOrderLists, readOrderVersions } from './queries.ts';

/**
 * Reads list by list in code, many lists at once in SQL. Answers in the list's order; undefined:
 * unknown, or another customer's.
 */
export type OrderReader = Batcher<OrderList, (OrderView | undefined)[]>;

type Orders = (OrderView | undefined)[];

/** A customer's orders in memory, as they were under a version. */
type Known = { version: bigint; views: Map<OrderId, OrderView> };

const listsPerBatchMax = 128;
const batchesInFlightMax = 2;
const readsWaitingMax = 100_000;
// A list has up to 100 ids, so one statement has at most a few thousand rows.
const listsPerStatementMax = 32;
/** Some 400 bytes each. */
const knownOrdersMax = 120_000;
// Behind the versions, in case someone changes orders by SQL of their own.
const knownTtlMs = 30_000;

/**
 * Opens the queue that gathers the order reads of an event-loop turn. Resellers ask for the same
 * orders again and again, and most have not changed: each settlement raises the version of its
 * customer's orders in its own transaction, so one small row per customer tells whether what is in
 * memory is still true. It is asked for at every read; nothing answered is ever stale.
 */
export function createOrderReader(db: Db): OrderReader {
  const known = new LRUCache<CustomerId, Known>({
    maxSize: knownOrdersMax,
    sizeCalculation: ({ views }) => views.size + 1,
    ttl: knownTtlMs,
    // What is added to an entry does not make what was there before younger.
    noUpdateTTL: true,
  });
  return createBatcher({
    itemsMax: listsPerBatchMax,
    inFlightMax: batchesInFlightMax,
    waitingMax: readsWaitingMax,
    run: (lists) => readLists(db, known, lists),
  });
}

/** A list on its way: what memory has of it, under which version, and what it lacks. */
type Pending = { list: OrderList; entry: Known | undefined; lacking: OrderId[] };

async function readLists(
  db: Db,
  known: LRUCache<CustomerId, Known>,
  lists: readonly OrderList[],
): Promise<Orders[]> {
  const pending = lists.map((list): Pending => {
    const entry = known.get(list.customerId);
    const lacking = entry ? list.orderIds.filter((id) => !entry.views.has(id)) : [...list.orderIds];
    return { list, entry, lacking };
  });
  const answers = await answerFromMemory(db, pending);
  await readRest(db, known, { pending, answers, whole: false });
  // What changed between two reads is read again, whole.
  await readRest(db, known, { pending, answers, whole: true });
  return answers.map((orders) => orders ?? []);
}

/** Answers the lists of which every order is in memory and still true. */
async function answerFromMemory(
  db: Db,
  pending: readonly Pending[],
): Promise<(Orders | undefined)[]> {
  const whole = pending.filter(({ lacking }) => lacking.length === 0);
  const asked = new Set(whole.map(({ list }) => list.customerId));
  const versions = asked.size > 0 ? await readOrderVersions(db, [...asked]) : new Map();
  return pending.map(({ list, entry, lacking }) => {
    if (entry === undefined || lacking.length > 0) return undefined;
    if (entry.version !== (versions.get(list.customerId) ?? 0n)) return undefined;
    return list.orderIds.map((id) => entry.views.get(id));
  });
}

/** Reads what the lists without an answer lack, or the whole of them, and answers those it can. */
async function readRest(
  db: Db,
  known: LRUCache<CustomerId, Known>,
  work: { pending: readonly Pending[]; answers: (Orders | undefined)[]; whole: boolean },
): Promise<void> {
  const { pending, answers } = work;
  const open = pending.flatMap((one, at) => {
    if (answers[at] !== undefined) return [];
    const orderIds = work.whole ? one.list.orderIds : one.lacking;
    return orderIds.length > 0 ? { ...one, at, orderIds } : [];
  });
  for (let from = 0; from < open.length; from += listsPerStatementMax) {
    const part = open.slice(from, from + listsPerStatementMax);
    const read = await readOrderLists(
      db,
      part.map(({ list, orderIds }) => ({ customerId: list.customerId, orderIds })),
    );
    part.forEach(({ list, entry, at, orderIds }, index) => {
      const found = read[index];
      if (found === undefined) return;
      remember(known, list.customerId, found);
      const isAll = orderIds.length === list.orderIds.length;
      if (!isAll && entry?.version !== found.version) return;
      const fresh = new Map(orderIds.map((id, place) => [id, found.orders[place]]));
      answers[at] = list.orderIds.map((id) =>
        fresh.has(id) ? fresh.get(id) : entry?.views.get(id),
      );
    });
  }
}

/** Parents change without a settlement, by a run that is created, and are not kept. */
function remember(
  known: LRUCache<CustomerId, Known>,
  customerId: CustomerId,
  found: { version: bigint; orders: Orders },
): void {
  const entry = known.get(customerId);
  // Another read may have been answered later than this one and seen more.
  if (entry !== undefined && entry.version > found.version) return;
  const views = entry?.version === found.version ? entry.views : new Map<OrderId, OrderView>();
  for (const view of found.orders) {
    if (view && view.dripFeed === null && view.subscription === null) views.set(view.id, view);
  }
  // Set again for its size.
  known.set(customerId, { version: found.version, views });
}
