import { LRUCache } from 'lru-cache';
import { type Batcher, type CustomerId, createBatcher, scatterMs } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import {
  type OrderList,
  type OrderView,
  type ReadList,
  readOrderLists,
  readOrderVersions,
} from './queries.ts';

/**
 * Reads list by list in code, many lists at once in SQL. Answers what was made of each order, in
 * the list's order; undefined: unknown, or another customer's.
 */
export type OrderReader<T> = Batcher<OrderList, (T | undefined)[]>;

/** What was made of a customer's orders, by their ids, as they were under a version. */
type Known<T> = { version: bigint; made: Map<number, T> };

type Memory<T> = LRUCache<CustomerId, Known<T>>;

/** What reads share: the database, the memory, and what is made of an order. */
type Reading<T> = { db: Db; memory: Memory<T>; make: (order: OrderView) => T };

const listsPerBatchMax = 128;
const batchesInFlightMax = 2;
const batchPatienceMs = 5;
const readsWaitingMax = 100_000;
// A list has up to 100 ids, so one statement has at most a few thousand rows.
const listsPerStatementMax = 32;
/** Some 200 bytes each. */
const knownOrdersMax = 120_000;
// Behind the versions, in case someone changes orders by SQL of their own.
const knownTtlMaxMs = 60_000;

/**
 * Opens the queue that gathers the order reads of an event-loop turn. Resellers ask for the same
 * orders again and again, and most have not changed: each settlement raises the version of its
 * customer's orders in its own transaction, so one small row per customer tells whether what is in
 * memory is still true. It is asked for at every read; nothing answered is ever stale.
 * @param make what to keep of an order, for instance its reply: printing costs more than reading
 */
export function createOrderReader<T>(db: Db, make: (order: OrderView) => T): OrderReader<T> {
  const memory: Memory<T> = new LRUCache({
    maxSize: knownOrdersMax,
    sizeCalculation: ({ made }) => made.size + 1,
    ttl: knownTtlMaxMs,
    // What is added to an entry does not make what was there before younger.
    noUpdateTTL: true,
  });
  return createBatcher({
    itemsMax: listsPerBatchMax,
    inFlightMax: batchesInFlightMax,
    patienceMs: batchPatienceMs,
    waitingMax: readsWaitingMax,
    run: (lists) => readLists({ db, memory, make }, lists),
  });
}

/** A list on its way: what memory has of it, under which version, and what it lacks. */
type Pending<T> = {
  list: OrderList;
  version: bigint | undefined;
  made: (T | undefined)[];
  lacking: number[];
};

function recall<T>(memory: Memory<T>, list: OrderList): Pending<T> {
  const entry = memory.get(list.customerId);
  const lacking: number[] = [];
  const made = list.orderIds.map((id) => {
    const known = entry?.made.get(id);
    if (known === undefined) lacking.push(id);
    return known;
  });
  return { list, version: entry?.version, made, lacking };
}

async function readLists<T>(
  reading: Reading<T>,
  lists: readonly OrderList[],
): Promise<(T | undefined)[][]> {
  const pending = lists.map((list) => recall(reading.memory, list));
  const answers = await answerFromMemory(reading.db, pending);
  if (!answers.includes(undefined)) return answers as (T | undefined)[][]; // it has no undefined
  await readRest(reading, { pending, answers, whole: false });
  // What changed between two reads is read again, whole.
  await readRest(reading, { pending, answers, whole: true });
  return answers.map((orders) => orders ?? []);
}

/** Answers the lists of which every order is in memory and still true. */
async function answerFromMemory<T>(
  db: Db,
  pending: readonly Pending<T>[],
): Promise<((T | undefined)[] | undefined)[]> {
  const whole = pending.filter(({ lacking }) => lacking.length === 0);
  const asked = new Set(whole.map(({ list }) => list.customerId));
  const versions = asked.size > 0 ? await readOrderVersions(db, [...asked]) : new Map();
  return pending.map(({ list, version, made, lacking }) => {
    const isTrue = lacking.length === 0 && version === (versions.get(list.customerId) ?? 0n);
    return isTrue ? made : undefined;
  });
}

/** Reads what the lists without an answer lack, or the whole of them, and answers those it can. */
async function readRest<T>(
  reading: Reading<T>,
  work: {
    pending: readonly Pending<T>[];
    answers: ((T | undefined)[] | undefined)[];
    whole: boolean;
  },
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
      reading.db,
      part.map(({ list, orderIds }) => ({ customerId: list.customerId, orderIds })),
    );
    part.forEach(({ list, version, made, at, orderIds }, index) => {
      const found = read[index];
      if (found === undefined) return;
      const fresh = found.orders.map((order) => order && reading.make(order));
      remember(reading.memory, list.customerId, { ...found, made: fresh });
      const isAll = orderIds.length === list.orderIds.length;
      if (!isAll && version !== found.version) return;
      // What was lacking was read in the list's order, and stands where it was lacking.
      let next = 0;
      answers[at] = isAll ? fresh : made.map((known) => known ?? fresh[next++]);
    });
  }
}

/** Parents change without a settlement, by a run that is created, and are not kept. */
function remember<T>(
  memory: Memory<T>,
  customerId: CustomerId,
  found: ReadList & { made: (T | undefined)[] },
): void {
  const entry = memory.get(customerId);
  // Another read may have been answered later than this one and seen more.
  if (entry !== undefined && entry.version > found.version) return;
  const kept = entry?.version === found.version ? entry.made : new Map<number, T>();
  found.orders.forEach((order, at) => {
    const made = found.made[at];
    const isParent = order?.dripFeed !== null || order.subscription !== null;
    if (order !== undefined && made !== undefined && !isParent) kept.set(Number(order.id), made);
  });
  const ttl = scatterMs(knownTtlMaxMs);
  // Set again for its size.
  memory.set(customerId, { version: found.version, made: kept }, { ttl });
}
