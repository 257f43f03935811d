import { type RawBuilder, sql } from 'kysely';
import { type CustomerId, dayMs, type OrderId, type ServiceId } from '../base/index.ts';
import { type Db, isCluster, type Schema } from '../db/index.ts';
import { startOfDay } from './days.ts';
import { qualityDays } from './quality.ts';
import { bucketSeconds } from './sums.ts';
import { partSeconds, withRunningSums } from './times.ts';

/** A running order that takes longer than its service does. For staff alone. */
export type StuckOrder = {
  customerId: CustomerId;
  orderId: OrderId;
  serviceId: ServiceId;
  service: string;
  status: string;
  link: string;
  quantity: bigint;
  remains: bigint;
  createdAt: Date;
  /** When it became stuck, by what its service usually takes. */
  stuckSince: Date;
  /** Null: staff deliver it. */
  provider: string | null;
  delivery: Schema['deliveries']['state'] | null;
};

export type StuckCursor = { createdAt: Date; orderId: OrderId };

/** Nobody wants to be told of a minute. */
const secondsMin = 900;
/** What a service has without enough orders to tell. */
const secondsDefault = 3 * 86_400;
const samplesMin = 20;
const stuckMax = 200;
const countedPerServiceMax = 1_000;

/** Services with the seconds after which their orders are stuck. */
function limitsAt(now: Date): RawBuilder<unknown> {
  const from = new Date(startOfDay(now).getTime() - qualityDays * dayMs);
  const buckets = sql`
    select service_id, ${bucketSeconds} as seconds, sum(orders) as orders from delivery_times
    where day >= ${from}::timestamptz and service_id <> 0 group by service_id, bucket`;
  return sql`
    select s.id as service_id, s.name, ${now}::timestamptz - interval '1 second'
        * case when p95 is null then ${secondsDefault}::int
          else greatest(${secondsMin}::int, p95) end
      as placed_before
    from services s
    left join (
      select service_id, ${partSeconds(0.95)} as p95
      from (${withRunningSums(sql`service_id`, buckets)}) running
      group by service_id having max(whole) >= ${samplesMin}::int
    ) t on t.service_id = s.id`;
}

/**
 * Orders that run for longer than 95 of 100 of their service's took of late, and for at least a
 * quarter of an hour; three days where a service has too few to tell. Oldest first; by the index of
 * running orders, so that it reads those it shows. Drip-feeds and subscriptions are not among them,
 * their runs are.
 */
export async function listStuckOrders(
  db: Db,
  now: Date,
  page: { limit: number; after?: StuckCursor },
): Promise<{ orders: StuckOrder[]; next: StuckCursor | null }> {
  const limit = Math.min(page.limit, stuckMax);
  const { after } = page;
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(created_at, id)
          > (${after.createdAt}::timestamptz, ${after.orderId.toString()}::bigint)`;
  const found = await sql<StuckOrder>`
    with limits as (${limitsAt(now)})
    select o.customer_id as "customerId", o.id as "orderId", o.service_id as "serviceId",
      o.name as service, o.status, o.link, o.quantity, o.remains, o.created_at as "createdAt",
      o.created_at + (${now}::timestamptz - o.placed_before) as "stuckSince",
      p.name as provider, d.state as delivery
    from (${isCluster(db) ? joinStuck(beyond) : firstStuck(beyond, limit + 1)}) o
    left join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id
    left join providers p on p.id = d.provider_id
    order by o.created_at, o.id limit ${limit + 1}::int`.execute(db);
  const orders = found.rows.slice(0, limit);
  const last = orders.at(-1);
  const hasMore = found.rows.length > limit && last !== undefined;
  return { orders, next: hasMore ? { createdAt: last.createdAt, orderId: last.orderId } : null };
}

/** Of each service its first ones, so that no more are read than are shown. */
function firstStuck(beyond: RawBuilder<unknown>, count: number): RawBuilder<unknown> {
  return sql`
    select o.*, l.name, l.placed_before from limits l
    cross join lateral (
      select customer_id, id, service_id, status, link, quantity, remains, created_at
      from orders
      where service_id = l.service_id and completed_at is null and kind = 'single'
        and created_at < l.placed_before and ${beyond}
      order by created_at, id limit ${count}::int
    ) o
    order by o.created_at, o.id limit ${count}::int`;
}

/** All of them, for a cluster: its shards have each a limit of their own, but no lateral one. */
function joinStuck(beyond: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    select o.*, l.name, l.placed_before from orders o join limits l on l.service_id = o.service_id
    where completed_at is null and kind = 'single' and created_at < l.placed_before and ${beyond}`;
}

/** How many orders are stuck; of one service at most a thousand are counted. */
export function countStuck(db: Db, now: Date): RawBuilder<unknown> {
  const max = sql`${countedPerServiceMax}::int`;
  if (isCluster(db)) {
    return sql`
      select coalesce(sum(least(o.count, ${max})), 0)::int from (
        select o.service_id, count(*) as count
        from orders o join (${limitsAt(now)}) l on l.service_id = o.service_id
        where o.completed_at is null and o.kind = 'single' and o.created_at < l.placed_before
        group by o.service_id
      ) o`;
  }
  return sql`
    select coalesce(sum(o.count), 0)::int from (${limitsAt(now)}) l
    cross join lateral (
      select count(*) as count from (
        select from orders
        where service_id = l.service_id and completed_at is null and kind = 'single'
          and created_at < l.placed_before
        limit ${max}
      ) counted
    ) o`;
}
