import { sql } from 'kysely';
import {
  type Amount,
  type Batcher,
  type CustomerId,
  createBatcher,
  type OrderId,
} from '../base/index.ts';
import { bigints, type Db, type Json } from '../db/index.ts';
import type { OrderStatus } from './rules.ts';

/** An order as its customer sees it. `charge` is what is kept after refunds. */
export type OrderView = {
  id: OrderId;
  status: OrderStatus;
  charge: Amount;
  startCount: bigint | null;
  remains: bigint;
  dripFeed: { runsDone: number; orders: OrderId[] } | null;
  subscription: { expiresAt: Date | null; postsDone: number; orders: OrderId[] } | null;
};

export type OrderKey = { customerId: CustomerId; orderId: OrderId };

/**
 * Reads orders one by one in code, many at once in SQL. Undefined: unknown, or another customer's.
 */
export type OrderReader = Batcher<OrderKey, OrderView | undefined>;

const readsPerBatchMax = 500;
const batchesInFlightMax = 3;
const readsWaitingMax = 100_000;

type Row = Pick<OrderView, 'id' | 'status' | 'charge' | 'startCount' | 'remains'> & {
  customerId: CustomerId;
  kind: 'single' | 'drip_feed' | 'subscription';
};

/** Opens the queue that gathers the order reads of an event-loop turn into one query. */
export function createOrderReader(db: Db): OrderReader {
  return createBatcher({
    itemsMax: readsPerBatchMax,
    inFlightMax: batchesInFlightMax,
    waitingMax: readsWaitingMax,
    run: (keys) => readOrderViews(db, keys),
  });
}

/** The orders of some keys, in the keys' order, each only if it is that customer's. */
export async function readOrderViews(
  db: Db,
  keys: readonly OrderKey[],
): Promise<(OrderView | undefined)[]> {
  const found = await sql<Row>`
    select o.customer_id as "customerId", o.id, o.kind, o.status, o.charge - o.refunded as charge,
      o.start_count as "startCount", o.remains
    from unnest(${keys.map((key) => key.customerId)}::int[],
      ${bigints(keys.map((key) => key.orderId))}) as k (customer_id, id)
    join orders o on o.customer_id = k.customer_id and o.id = k.id`.execute(db);
  const parents = found.rows.filter((row) => row.kind !== 'single');
  const extras = await readParentExtras(db, parents);
  const views = new Map(
    found.rows.map((row) => {
      const extra = extras.get(row.id);
      const view: OrderView = {
        id: row.id,
        status: row.status,
        charge: row.charge,
        startCount: row.startCount,
        remains: row.remains,
        dripFeed: extra?.dripFeed ?? null,
        subscription: extra?.subscription ?? null,
      };
      return [row.id, { customerId: row.customerId, view }];
    }),
  );
  return keys.map((key) => {
    const entry = views.get(key.orderId);
    return entry?.customerId === key.customerId ? entry.view : undefined;
  });
}

type ParentExtra = Pick<OrderView, 'dripFeed' | 'subscription'>;

async function readParentExtras(
  db: Db,
  parents: readonly Row[],
): Promise<Map<OrderId, ParentExtra>> {
  if (parents.length === 0) return new Map();
  const found = await sql<{
    id: OrderId;
    runsDone: number | null;
    postsDone: number | null;
    expiresAt: Date | null;
    orders: OrderId[];
  }>`
    select p.id, d.runs_done as "runsDone", s.posts_done as "postsDone",
      s.expires_at as "expiresAt",
      array(select o.id from orders o
        where o.customer_id = p.customer_id and o.parent_id = p.id order by o.run) as orders
    from unnest(${parents.map((row) => row.customerId)}::int[],
      ${bigints(parents.map((row) => row.id))}) as p (customer_id, id)
    left join drip_feeds d on d.customer_id = p.customer_id and d.order_id = p.id
    left join subscriptions s on s.customer_id = p.customer_id and s.order_id = p.id`.execute(db);
  return new Map(
    found.rows.map((row) => [
      row.id,
      {
        dripFeed: row.runsDone === null ? null : { runsDone: row.runsDone, orders: row.orders },
        subscription:
          row.postsDone === null
            ? null
            : { expiresAt: row.expiresAt, postsDone: row.postsDone, orders: row.orders },
      },
    ]),
  );
}

export type OrderEventView = {
  at: Date;
  actor: string;
  kind: string;
  before: Json;
  after: Json;
  refund: Amount;
  note: string;
};

/** What happened to an order after it was placed, oldest first. */
export async function readTimeline(db: Db, key: OrderKey): Promise<OrderEventView[]> {
  return db
    .selectFrom('order_events')
    .select(['created_at as at', 'actor', 'kind', 'before', 'after', 'refund', 'note'])
    .where('customer_id', '=', key.customerId)
    .where('order_id', '=', key.orderId)
    .orderBy('id')
    .execute();
}
