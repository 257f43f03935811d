import { type RawBuilder, sql } from 'kysely';
import type { Amount, CustomerId, OrderId, ServiceId } from '../base/index.ts';
import type { Db, Json, Schema } from '../db/index.ts';
import { isOfLink, ordersOfLink } from './by-link.ts';
import type { OrderStatus } from './rules.ts';

/** An order as staff see it: whole, with what delivery needs. Amounts in 10⁻⁸. */
export type OrderRow = {
  id: OrderId;
  customerId: CustomerId;
  serviceId: ServiceId;
  service: string;
  type: string;
  kind: Schema['orders']['kind'];
  status: OrderStatus;
  link: string;
  quantity: bigint;
  charge: Amount;
  refunded: Amount;
  startCount: bigint | null;
  remains: bigint;
  details: Json;
  parentId: OrderId | null;
  /** Which run or post of its parent it is. */
  run: number | null;
  /** A drip-feed's runs, a subscription's posts: how many there are, and were to be at most. */
  partsDone: number | null;
  parts: number | null;
  /** Whether it is a parent that can be paused: what a provider runs by itself goes on there. */
  canPause: boolean;
  createdAt: Date;
  updatedAt: Date;
};

export type OrderFilter = {
  orderId?: OrderId;
  customerId?: CustomerId;
  parentId?: OrderId;
  status?: OrderStatus;
  kind?: OrderRow['kind'];
  serviceId?: ServiceId;
  /** In any of its usual spellings (`link_hash` of the schema says which are one). */
  link?: string;
  /** Only older ones than this, for the next page. */
  before?: OrderId;
  limit: number;
};

const ordersMax = 1_000;

/**
 * Orders, newest first, of any customer unless the filter names one. The page is found first, by
 * keys alone: so the planner reads it from an index that begins with the customer, and never walks
 * through the orders of all others for one who has ordered nothing of late.
 */
export async function listOrders(db: Db, filter: OrderFilter): Promise<OrderRow[]> {
  return db
    .selectFrom(pageOf(db, filter).as('page'))
    .innerJoin('orders as o', (join) =>
      join.onRef('o.customer_id', '=', 'page.customer_id').onRef('o.id', '=', 'page.id'),
    )
    .innerJoin('services as s', 's.id', 'o.service_id')
    .select(['o.id', 'o.customer_id as customerId', 'o.service_id as serviceId'])
    .select(['s.name as service', 'o.type', 'o.kind', 'o.status', 'o.link', 'o.quantity'])
    .select(['o.charge', 'o.refunded', 'o.start_count as startCount', 'o.remains', 'o.details'])
    .select(['o.parent_id as parentId', 'o.run', partsDone, parts, canPause])
    .select(['o.created_at as createdAt', 'o.updated_at as updatedAt'])
    .orderBy('o.id', 'desc')
    .execute();
}

/** A page of orders as keys. */
function pageOf(db: Db, filter: OrderFilter): RawBuilder<PageRow> {
  const { link, orderId, parentId } = filter;
  const limit = Math.min(filter.limit, ordersMax);
  const isByLink = link !== undefined && orderId === undefined && parentId === undefined;
  // An order, and those of a parent, are found by their own indexes.
  if (!isByLink) return sql<PageRow>`(${keysOf(filter, limit)})`;
  return sql<PageRow>`(${ordersOfLink(db, (isThere) => keysOf(filter, limit, isThere), limit)})`;
}

type PageRow = { customer_id: CustomerId; id: OrderId };

function keysOf(filter: OrderFilter, limit: number, isThere = sql<boolean>`true`) {
  const { parentId, before } = filter;
  const isOlder =
    before === undefined
      ? sql`true`
      : parentId === undefined
        ? sql`o.id < ${before}`
        : sql`o.run < (select run from orders where id = ${before} and parent_id = ${parentId})`;
  // Runs and posts are numbered in the order they came in, which is what their index is ordered by.
  return sql`
    select o.customer_id, o.id from orders o
    where ${sql.join([...conditionsOf(filter), isThere, isOlder], sql` and `)}
    order by ${parentId === undefined ? sql`o.id` : sql`o.run`} desc limit ${limit}::int`;
}

function conditionsOf(filter: OrderFilter): RawBuilder<unknown>[] {
  const { orderId, customerId, parentId, status, kind, serviceId, link } = filter;
  return [
    ...(orderId === undefined ? [] : [sql`o.id = ${orderId}`]),
    ...(customerId === undefined ? [] : [sql`o.customer_id = ${customerId}`]),
    ...(parentId === undefined ? [] : [sql`o.parent_id = ${parentId}`]),
    // Written out, so that a plan which is kept for any value can use the indexes of some.
    ...(status === undefined ? [] : [sql`o.status = ${sql.lit(status)}`]),
    ...(kind === undefined ? [] : [sql`o.kind = ${sql.lit(kind)}`]),
    ...(serviceId === undefined ? [] : [sql`o.service_id = ${serviceId}`]),
    ...(link === undefined ? [] : [isOfLink(link)]),
  ];
}

const partsDone = sql<number | null>`case o.kind
  when 'drip_feed' then (select d.runs_done from drip_feeds d
    where d.customer_id = o.customer_id and d.order_id = o.id)
  when 'subscription' then (select u.posts_done from subscriptions u
    where u.customer_id = o.customer_id and u.order_id = o.id) end`.as('partsDone');

const parts = sql<number | null>`case o.kind
  when 'drip_feed' then (select d.runs from drip_feeds d
    where d.customer_id = o.customer_id and d.order_id = o.id)
  when 'subscription' then (select u.posts::float8 + u.old_posts from subscriptions u
    where u.customer_id = o.customer_id and u.order_id = o.id) end`.as('parts');

/**
 * What a provider runs by itself goes on there whatever is said here. A scalar, as for a `not
 * exists` the planner would read all deliveries there are.
 */
export const canPause = sql<boolean>`(o.kind <> 'single' and coalesce((
  select not d.is_delegated from deliveries d
  where d.customer_id = o.customer_id and d.order_id = o.id
), true))`.as('canPause');
