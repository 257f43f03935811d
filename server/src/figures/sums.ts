import { type RawBuilder, sql } from 'kysely';
import { type Db, isCluster } from '../db/index.ts';
import { exchanged } from '../providers/index.ts';
import type { NumberSpan } from './number-span.ts';

/** From `from` on and before `to`, and the numbers between which the orders of that time are. */
export type Span = { from: Date; to: Date; numbers: NumberSpan };

/** A bucket holds the times up to 2^(1/4) of those of the one below it: 19% more. */
const bucketsPerDoubling = 4;

/** The bucket of a time in seconds. */
const bucketOf = (seconds: RawBuilder<unknown>) =>
  sql`greatest(0, ceil(${bucketsPerDoubling}::int * ln(greatest(${seconds}, 1)) / ln(2)))::int`;

/** The longest time in a bucket, in seconds. */
export const bucketSeconds = sql`round(power(2, bucket / ${bucketsPerDoubling}::float8))::float8`;

/** What staff took off an order, or what was not delivered, as far as its money came back. */
const undelivered = (state: 'before' | 'after') => sql`
  case when ${sql.ref(state)} ->> 'status' in ('Partial', 'Canceled')
    then (${sql.ref(state)} ->> 'remains')::numeric else 0 end`;

/** 1 for an event that ends an order this way, -1 for one that staff undo. */
const ending = (status: 'Completed' | 'Partial' | 'Canceled') => sql`
  (coalesce(after ->> 'status' = ${status}, false)::int
    - coalesce(before ->> 'status' = ${status}, false)::int)`;

/** A post of a subscription that its provider runs: nobody tells what it costs there. */
const isPost = sql`(d.provider_id is null and p.provider_id is not null)`;

/** Of an order that providers took: whether none of them has a known price for it. */
const isTakenUncosted = sql`(
  select bool_and(t.cost is null) from attempts t
  where t.customer_id = o.customer_id and t.order_id = o.id and t.state = 'accepted')`;

/**
 * Who delivers a drip-feed or subscription that goes nowhere by itself: whoever its first run or
 * post is with (null: staff), and before there is one, whom its service's first route leads to.
 * Later runs may go elsewhere; their money, tries and endings are counted there, run by run, while
 * what the customer ordered is one order and stays in one place.
 */
const parentProvider = sql`
  case when o.kind <> 'single' then coalesce(
    (select coalesce(rd.provider_id, 0) from orders r
      left join deliveries rd on rd.customer_id = r.customer_id and rd.order_id = r.id
      where r.customer_id = o.customer_id and r.parent_id = o.id and r.run = (
        select min(run) from orders f where f.customer_id = o.customer_id and f.parent_id = o.id)),
    (select s.provider_id from service_routes s
      where s.service_id = o.service_id order by s.position limit 1)
  ) end`;

/**
 * The orders of a span with their provider: an order that goes nowhere by itself, as a post of a
 * subscription that its provider runs, is where its parent is, and a parent where its runs are.
 */
function placedIn(span: Span): RawBuilder<unknown> {
  return sql`
    select o.customer_id, o.id, o.service_id, o.parent_id, o.kind, o.charge, o.created_at,
      coalesce(d.provider_id, p.provider_id, ${parentProvider}, 0) as provider_id,
      ${isPost} as is_post
    from orders o
    left join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id
    left join deliveries p on p.customer_id = o.customer_id and p.order_id = o.parent_id
    where o.created_at >= ${span.from}::timestamptz and o.created_at < ${span.to}::timestamptz
      and o.id >= ${span.numbers.first}::bigint and o.id <= ${span.numbers.last}::bigint`;
}

/** Whether a row of an append-only table lies in the span; its index by time answers that. */
export function timedIn(
  span: { from: Date; to: Date },
  column: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`${column} >= ${span.from}::timestamptz and ${column} < ${span.to}::timestamptz`;
}

/** What the settlements of single orders in a span did to their state. */
function settledIn(span: Span): RawBuilder<unknown> {
  return sql`
    select o.service_id, coalesce(d.provider_id, p.provider_id, 0) as provider_id,
      ${ending('Completed')} as completed, ${ending('Partial')} as partial,
      ${ending('Canceled')} as canceled,
      (${undelivered('after')}) - (${undelivered('before')}) as undelivered,
      o.quantity, a.provider_id as asked_id, a.cost,
      extract(epoch from e.created_at - o.created_at)::float8 as seconds
    from order_events e
    join orders o on o.customer_id = e.customer_id and o.id = e.order_id and o.kind = 'single'
    left join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id
    left join deliveries p on p.customer_id = o.customer_id and p.order_id = o.parent_id
    left join lateral (
      select distinct on (t.customer_id) t.provider_id,
        ${exchanged(sql`t.cost`, 'r')} as cost
      from attempts t join providers r on r.id = t.provider_id
      where t.customer_id = o.customer_id and t.order_id = o.id and t.state = 'accepted'
        and (${undelivered('after')}) <> (${undelivered('before')})
      order by t.customer_id, t.number desc
    ) a on true
    where ${timedIn(span, sql`e.created_at`)} and e.kind = 'settled'
      and (e.before ->> 'status' <> e.after ->> 'status'
        or e.before ->> 'remains' <> e.after ->> 'remains')`;
}

/** Transfers of single orders but their charges: refunds, and what staff took back of them. */
function refundedIn(span: Span): RawBuilder<unknown> {
  return sql`
    select o.service_id, coalesce(d.provider_id, p.provider_id, 0) as provider_id,
      case when t.credit = 'wallet' then t.amount else -t.amount end as refunded,
      ${isPost} or coalesce(${isTakenUncosted}, false) as is_uncosted
    from transfers t
    join orders o on o.customer_id = t.customer_id and o.id = t.order_id and o.kind = 'single'
    left join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id
    left join deliveries p on p.customer_id = o.customer_id and p.order_id = o.parent_id
    where ${timedIn(span, sql`t.created_at`)} and t.order_id is not null
      and t.reference <> 'order:' || t.order_id || ':charge'`;
}

/** What was sent of the orders of a span: each attempt, with whom its order is. */
const tries = sql`
  select p.provider_id, t.provider_id as asked_id, p.service_id, p.charge,
    t.state, t.lease_until > t.started_at as is_sent,
    case when t.state = 'accepted' then ${exchanged(sql`t.cost`, 'r')} end as cost,
    t.state = 'accepted' and t.cost is null and not exists (
      select from attempts x
      where x.customer_id = t.customer_id and x.order_id = t.order_id
        and x.state = 'accepted' and (x.cost is not null or x.number < t.number)
    ) as is_uncosted
  from placed p
  join attempts t on t.customer_id = p.customer_id and t.order_id = p.id
  join providers r on r.id = t.provider_id
  where p.kind = 'single'`;

/** Sums by service, and by two providers: whom an order is with (0: staff), and who was asked. */
const sumsOfPlaced = sql`
  select provider_id, null::int as asked_id, service_id, null::int as bucket, 0::bigint as timed,
    count(*) filter (where parent_id is null) as orders,
    sum(charge) filter (where kind = 'single') as charge, 0::numeric as refunded,
    0::numeric as cost, 0::bigint as attempts, 0::bigint as failures, 0::bigint as completed,
    0::bigint as partial, 0::bigint as canceled, count(*) filter (where is_post) as uncosted,
    sum(charge) filter (where is_post) as uncosted_revenue
  from placed group by provider_id, service_id`;

const sumsOfRefunded = (refunded: RawBuilder<unknown>) => sql`
  select provider_id, null, service_id, null, 0, 0, 0, sum(refunded), 0, 0, 0, 0, 0, 0, 0,
    -sum(refunded) filter (where is_uncosted)
  from (${refunded}) r group by provider_id, service_id`;

const sumsOfTries = sql`
  select provider_id, asked_id, service_id, null, 0, 0, 0, 0, sum(cost),
    count(*) filter (where is_sent),
    count(*) filter (where is_sent and state in ('rejected', 'not_sent', 'unknown')), 0, 0, 0,
    count(*) filter (where is_uncosted), sum(charge) filter (where is_uncosted)
  from tries group by provider_id, asked_id, service_id`;

/** What is completed is counted by how long it took, too. */
const sumsOfSettled = sql`
  select provider_id, asked_id, service_id, bucket, count(bucket), 0, 0, 0,
    -sum(cost * undelivered / nullif(quantity, 0)), 0, 0,
    sum(completed), sum(partial), sum(canceled), 0, 0
  from (
    select *, case when completed > 0 then ${bucketOf(sql`seconds`)} end as bucket from settled
  ) s group by provider_id, asked_id, service_id, bucket`;

/**
 * What a span comes to, as a statement. In a cluster every shard sums up its own, and sends to the
 * coordinator what comes out of that: so each of these sums stands for itself, and what they are
 * of is not kept aside, which only the coordinator could do.
 */
function summedIn(db: Db, span: Span): RawBuilder<unknown> {
  const kept = isCluster(db) ? sql`not materialized` : sql`materialized`;
  return sql`
    with placed as ${kept} (${placedIn(span)}), tries as ${kept} (${tries}),
    settled as ${kept} (${settledIn(span)})
    ${sumsOfPlaced} union all ${sumsOfRefunded(refundedIn(span))}
    union all ${sumsOfTries} union all ${sumsOfSettled}`;
}

/**
 * Sums up a span. What an order costs is known by the provider's list price when it was sent; what
 * is not delivered is taken to come back, as the provider's own refund does. An order that a
 * provider took without a known price adds nothing to the cost, and is counted, with its revenue,
 * as uncosted.
 * @returns what `figuresOf` and `timesOf` read, as text: it goes back into the database as it is
 */
export async function sumUp(tx: Db, span: Span): Promise<string> {
  const found = await sql<{ summed: string }>`
    with summed as materialized (${summedIn(tx, span)})
    select coalesce(json_agg(s), '[]')::text as summed from summed s`.execute(tx);
  const [row] = found.rows;
  if (row === undefined) throw new Error('the sums are one row');
  return row.summed;
}

const summedTable = (summed: string) => sql`
  json_to_recordset(${summed}::text::json) as summed(
    provider_id int, asked_id int, service_id int, bucket int, timed bigint, orders bigint,
    charge numeric, refunded numeric, cost numeric, attempts bigint, failures bigint,
    completed bigint, partial bigint, canceled bigint, uncosted bigint, uncosted_revenue numeric)`;

/** The figures of what was summed up, by provider and service and, under service 0, by provider. */
export function figuresOf(summed: string): RawBuilder<unknown> {
  return sql`
    with summed as materialized (select * from ${summedTable(summed)}), shares as (
      select provider_id, service_id, orders, charge, refunded, 0::numeric as cost, 0 as attempts,
        0 as failures, completed, partial, canceled, uncosted, uncosted_revenue
      from summed
      union all
      select asked_id, service_id, 0, 0, 0, cost, attempts, failures, 0, 0, 0, 0, 0
      from summed where asked_id is not null
    )
    select provider_id, coalesce(service_id, 0) as service_id, sum(orders)::int as orders,
      coalesce(sum(charge), 0) as charge, sum(refunded) as refunded,
      coalesce(round(sum(cost)), 0) as cost, sum(attempts)::int as attempts,
      sum(failures)::int as failures, sum(completed)::int as completed,
      sum(partial)::int as partial, sum(canceled)::int as canceled,
      sum(uncosted)::int as uncosted,
      coalesce(sum(uncosted_revenue), 0) as uncosted_revenue
    from shares group by grouping sets ((provider_id, service_id), (provider_id))`;
}

/** Its delivery times, alike. */
export function timesOf(summed: string): RawBuilder<unknown> {
  return sql`
    select provider_id, coalesce(service_id, 0) as service_id, bucket, sum(timed)::int as orders
    from ${summedTable(summed)} where bucket is not null
    group by grouping sets ((provider_id, service_id, bucket), (provider_id, bucket))`;
}
