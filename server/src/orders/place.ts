import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  assert,
  type Batcher,
  type CustomerId,
  createBatcher,
  createBusyPoll,
  type OrderId,
  reach,
  runApart,
} from '../base/index.ts';
import type { CatalogStore } from '../catalog/index.ts';
import type { PriceTerms } from '../customers/index.ts';
import {
  bigints,
  type Ctx,
  inTransaction,
  isCluster,
  isConnectionLost,
  lockable,
  onShardsOf,
  type Tx,
} from '../db/index.ts';
import { lockWallets, writeTransfers } from '../ledger/index.ts';
import { draftOrder, findRequest, type OrderDraft } from './draft.ts';
import type { Fields } from './fields.ts';
import { allocateOrderIds, insertOrders } from './insert.ts';
import { createOrderNumbers } from './numbers.ts';
import { placeCovered } from './place-covered.ts';
import { isRunning } from './queries.ts';
import {
  linkKey,
  type PlacementEntry,
  type PlacementFacts,
  planPlacement,
  replayOutcome,
  requestKey,
} from './rules.ts';

/** What placing orders needs besides the base context. */
export type OrdersCtx = Ctx & { catalog: CatalogStore };

/** The queue of drafts on their way into the database; one per process. */
export type Placement = Batcher<OrderDraft, OrderId>;

// 256 orders with two batches in flight measured best on 2 cores; more only adds latency.
const batchItemsMax = 256;
const batchesInFlightMax = 2;
// The second batch waits for the locks of the first, and a small one in its turn brings little: of
// 256 connections those answered first made one. At 0.5 and 0.8 there were a ninth more orders.
const enoughShare = 0.8;
/** The longest that a small batch waits: one before it may be held up by somebody's lock. */
const patienceMs = 20;
const draftsWaitingMax = 20_000;
// An order may bring a megabyte of comments; 256 of those in a statement stopped all else for
// seconds.
const batchWeightMax = 2 * 1024 * 1024;
const waitingWeightMax = 64 * 1024 * 1024;
/** What a string costs besides its letters, roughly. */
const textOverhead = 32;

/** Opens the queue that `placeOrder` puts its drafts into. */
export function createPlacement(ctx: Ctx): Placement {
  const numbers = createOrderNumbers((count) => allocateOrderIds(ctx.db, count));
  const busyPoll = createBusyPoll();
  const place = async (drafts: readonly OrderDraft[]) =>
    placeBatch(ctx, numberDrafts(drafts, await numbers.take(drafts.length)));
  return createBatcher({
    itemsMax: batchItemsMax,
    inFlightMax: batchesInFlightMax,
    patienceMs,
    enoughShare,
    isEager: true,
    waitingMax: draftsWaitingMax,
    weights: { weigh: weighDraft, weightMax: batchWeightMax, waitingWeightMax },
    run: (drafts) => (drafts.length === 1 ? busyPoll(place(drafts)) : place(drafts)),
  });
}

/** The letters of a draft's texts, about; for most orders just the link's. */
function weighDraft({ link, details }: OrderDraft): number {
  let weight = link.length;
  for (const name in details) {
    const value = details[name];
    if (typeof value === 'string') weight += value.length + textOverhead;
    else if (Array.isArray(value)) {
      for (const line of value) weight += String(line).length + textOverhead;
    }
  }
  return weight;
}

/**
 * Takes an order: checks and prices it from the catalog in memory, then charges and stores it, in
 * one transaction with the other orders of the moment. Resolves when that is committed.
 * @returns the order's id; with a repeated `request_id`, the id it made the first time
 * @throws AppError with the first refusal of the protocol's order of checks
 */
export async function placeOrder(
  ctx: OrdersCtx & { placement: Placement },
  actor: Actor & { kind: 'customer' },
  input: { terms: PriceTerms; fields: Fields },
): Promise<OrderId> {
  const { customerId } = actor;
  const replay = await findReplay(ctx, customerId, input.fields);
  if (replay instanceof AppError) throw replay;
  if (replay !== undefined) return replay;
  const draft = draftOrder(
    { customerId, terms: input.terms, fields: input.fields, now: ctx.clock.now() },
    ctx.catalog.current(),
  );
  return ctx.placement.submit(draft);
}

/** A `request_id` answers its order also when the service was changed or withdrawn since. */
async function findReplay(
  ctx: Ctx,
  customerId: CustomerId,
  fields: Fields,
): Promise<OrderId | AppError | undefined> {
  const request = findRequest(fields);
  if (request === null) return undefined;
  const known = await ctx.db
    .selectFrom('orders')
    .select(['id', 'request_hash as hash'])
    .where('customer_id', '=', customerId)
    .where('request_id', '=', request.id)
    .executeTakeFirst();
  if (known === undefined || known.hash === null) return undefined;
  return replayOutcome({ id: known.id, hash: known.hash }, { request });
}

/**
 * Writes a batch under ids that it keeps from try to try. If the connection broke, a commit may
 * have arrived: the batch is tried once more, and finds what is already stored. If the database
 * refuses either try, each order is tried alone, so one bad order takes no other along.
 */
async function placeBatch(
  ctx: Ctx,
  entries: readonly PlacementEntry[],
): Promise<(OrderId | Error)[]> {
  for (const isRetry of [false, true]) {
    try {
      return await (isRetry ? writeBatch(ctx, entries, { isRetry }) : writeFirst(ctx, entries));
    } catch (error) {
      ctx.log.warn({ error, orders: entries.length }, 'a batch of orders failed');
      if (!isConnectionLost(error)) break;
      if (isRetry) throw error;
    }
  }
  return runApart(entries, (batch) => writeBatch(ctx, batch, { isRetry: true }));
}

function numberDrafts(drafts: readonly OrderDraft[], ids: readonly OrderId[]): PlacementEntry[] {
  return drafts.map((draft, index) => {
    const id = ids[index];
    assert(id !== undefined, 'one id per draft');
    return { id, draft };
  });
}

/**
 * Most orders by one statement, and in a transaction those it has left. In a cluster all of them by
 * a transaction for each customer, whose statements go to his shard alone, so that it is committed
 * there in one step: one statement for all of it is taken apart, its parts' rows are shown to every
 * node, and all of them commit in two steps, 9 ms of PostgreSQL in place of 2.
 */
async function writeFirst(
  ctx: Ctx,
  entries: readonly PlacementEntry[],
): Promise<(OrderId | AppError)[]> {
  await reach('place.before_lock');
  const outcomes = new Map<OrderId, OrderId | AppError>();
  if (!isCluster(ctx.db)) {
    const covered = await placeCovered(ctx.db, entries, ctx.clock.now());
    if (covered.size > 0) await reach('place.after_commit');
    for (const id of covered) outcomes.set(id, id);
  }
  const left = entries.filter(({ id }) => !outcomes.has(id));
  const written = await Promise.allSettled(
    lockable(ctx.db, left, ({ draft }) => draft.customerId).map(async (group) => {
      const ofGroup = await writeBatch(ctx, group, { isRetry: false });
      group.forEach(({ id }, index) => {
        const outcome = ofGroup[index];
        if (outcome !== undefined) outcomes.set(id, outcome);
      });
    }),
  );
  // Only when all are over, so that who tries again finds all that was stored.
  const failed = written.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return entries.map(({ id }) => {
    const outcome = outcomes.get(id);
    assert(outcome !== undefined, 'one outcome per order');
    return outcome;
  });
}

/** Decides orders under the locks of their wallets, and writes what is accepted. */
async function writeBatch(
  ctx: Ctx,
  entries: readonly PlacementEntry[],
  options: { isRetry: boolean },
): Promise<(OrderId | AppError)[]> {
  const at = ctx.clock.now();
  const outcomes = await inTransaction(ctx.db, async (tx) => {
    const customerIds = [...new Set(entries.map(({ draft }) => draft.customerId))];
    // First, and in an order of its own: everything else is read under these locks.
    const wallets = await lockWallets(tx, customerIds);
    const facts: PlacementFacts = {
      wallets,
      requests: await readRequests(tx, entries),
      activeLinks: await readActiveLinks(tx, entries),
      stored: options.isRetry ? await readStored(tx, entries) : new Set<OrderId>(),
    };
    await reach('place.after_lock');
    const plan = planPlacement(entries, facts);
    await insertOrders(tx, plan.accepted, at);
    await reach('place.after_orders');
    await writeTransfers(tx, { wallets: plan.wallets, transfers: plan.transfers, at });
    await reach('place.after_debit');
    return plan.outcomes;
  });
  await reach('place.after_commit');
  return outcomes;
}

async function readRequests(
  tx: Tx,
  entries: readonly PlacementEntry[],
): Promise<PlacementFacts['requests']> {
  const asked = entries.flatMap(({ draft }) =>
    draft.request === null ? [] : { customerId: draft.customerId, id: draft.request.id },
  );
  if (asked.length === 0) return new Map();
  const customerIds = asked.map((a) => a.customerId);
  const found = await sql<{
    customer_id: CustomerId;
    request_id: string;
    id: OrderId;
    hash: Uint8Array;
  }>`
    select o.customer_id, o.request_id, o.id, o.request_hash as hash
    from unnest(${customerIds}::int[], ${asked.map((a) => a.id)}::text[])
      as a (customer_id, request_id)
    join orders o using (customer_id, request_id)
    where true${onShardsOf(tx, 'o.customer_id', customerIds)}`.execute(tx);
  return new Map(
    found.rows.map((row) => [
      requestKey(row.customer_id, row.request_id),
      { id: row.id, hash: row.hash },
    ]),
  );
}

/** Of the links of a batch, those with a running order, where the service allows one only. */
export async function readActiveLinks(
  tx: Tx,
  entries: readonly PlacementEntry[],
): Promise<PlacementFacts['activeLinks']> {
  const asked = entries.flatMap(({ draft }) => (draft.denyDuplicates ? draft : []));
  if (asked.length === 0) return new Set();
  const customerIds = asked.map((a) => a.customerId);
  const found = await sql<OrderDraft>`
    select distinct a.customer_id as "customerId", a.service_id as "serviceId", a.link
    from unnest(${customerIds}::int[], ${asked.map((a) => a.serviceId)}::int[],
      ${asked.map((a) => a.link)}::text[]) as a (customer_id, service_id, link)
    join orders o on o.customer_id = a.customer_id and o.service_id = a.service_id
      and md5(o.link) = md5(a.link) and o.link = a.link
      and ${isRunning}
      ${onShardsOf(tx, 'o.customer_id', customerIds)}`.execute(tx);
  return new Set(found.rows.map(linkKey));
}

/** Orders of an earlier try whose commit arrived although its answer did not. */
async function readStored(
  tx: Tx,
  entries: readonly PlacementEntry[],
): Promise<PlacementFacts['stored']> {
  const customerIds = entries.map((e) => e.draft.customerId);
  const found = await sql<{ id: OrderId }>`
    select o.id
    from unnest(${customerIds}::int[], ${bigints(entries.map((e) => e.id))}) as e (customer_id, id)
    join orders o using (customer_id, id)
    where true${onShardsOf(tx, 'o.customer_id', customerIds)}`.execute(tx);
  return new Set(found.rows.map((row) => row.id));
}
