import { type RawBuilder, sql } from 'kysely';

/** From `from` on and before `to`. */
export type Span = { from: Date; to: Date };

/**
 * How far an order's number may be from those of its moment. Numbers are drawn when an order is
 * taken up and written some batches later, so neighbours in time are neighbours in number.
 */
const numbersApartMax = 50_000;
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

/**
 * The number of the first order that was placed at or after a moment, as near as the order of
 * numbers tells: a search by halves over the index of numbers, with some 25 looks into it.
 */
const firstNumber = (at: Date) => sql`(
  with recursive search (low, high) as (
    select 0::bigint, coalesce((select max(id) + 1 from orders), 1)
    union all
    select case when n.created_at < ${at}::timestamptz then n.id + 1 else s.low end,
      case when n.created_at < ${at}::timestamptz then s.high else (s.low + s.high) / 2 end
    from search s
    left join lateral (
      select id, created_at from orders where id >= (s.low + s.high) / 2 order by id limit 1
    ) n on true
    where s.low < s.high
  )
  select low from search where low >= high limit 1)`;

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
  case when o.kind <> 'single' then (
    select provider_id from (
      (select r.run, rd.provider_id from orders r
        left join deliveries rd on rd.customer_id = r.customer_id and rd.order_id = r.id
        where r.customer_id = o.customer_id and r.parent_id = o.id order by r.run limit 1)
      union all
      (select null, s.provider_id from service_routes s
        where s.service_id = o.service_id order by s.position limit 1)
    ) first_of order by run nulls last limit 1
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
      and o.id >= ${firstNumber(span.from)} - ${numbersApartMax}::int
      and o.id <= ${firstNumber(span.to)} + ${numbersApartMax}::int`;
}

/** Whether a row of an append-only table lies in the span; its index by time answers that. */
export function timedIn(span: Span, column: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`${column} >= ${span.from}::timestamptz and ${column} < ${span.to}::timestamptz`;
}

/** What the settlements of single orders in a span did to their state. */
function settledIn(span: Span): RawBuilder<unknown> {
  return sql`
    select o.service_id, coalesce(d.provider_id, p.provider_id, 0) as provider_id,
      e.created_at, ${ending('Completed')} as completed, ${ending('Partial')} as partial,
      ${ending('Canceled')} as canceled,
      (${undelivered('after')}) - (${undelivered('before')}) as undelivered,
      o.quantity, a.provider_id as cost_provider_id, a.cost,
      extract(epoch from e.created_at - o.created_at)::float8 as seconds
    from order_events e
    join orders o on o.customer_id = e.customer_id and o.id = e.order_id and o.kind = 'single'
    left join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id
    left join deliveries p on p.customer_id = o.customer_id and p.order_id = o.parent_id
    left join lateral (
      select t.provider_id, t.cost * r.exchange_rate / 100000000.0 as cost
      from attempts t join providers r on r.id = t.provider_id
      where t.customer_id = o.customer_id and t.order_id = o.id and t.state = 'accepted'
        and (${undelivered('after')}) <> (${undelivered('before')})
      order by t.number desc limit 1
    ) a on true
    where ${timedIn(span, sql`e.created_at`)} and e.kind = 'settled'
      and (e.before ->> 'status' <> e.after ->> 'status'
        or e.before ->> 'remains' <> e.after ->> 'remains')`;
}

/** Transfers of single orders but their charges: refunds, and what staff took back of them. */
function refundedIn(span: Span): RawBuilder<unknown> {
  return sql`
    select o.service_id, coalesce(d.provider_id, p.provider_id, 0) as provider_id, t.created_at,
      case when t.credit = 'wallet' then t.amount else -t.amount end as refunded,
      ${isPost} or coalesce(${isTakenUncosted}, false) as is_uncosted
    from transfers t
    join orders o on o.customer_id = t.customer_id and o.id = t.order_id and o.kind = 'single'
    left join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id
    left join deliveries p on p.customer_id = o.customer_id and p.order_id = o.parent_id
    where ${timedIn(span, sql`t.created_at`)} and t.order_id is not null
      and t.reference <> 'order:' || t.order_id || ':charge'`;
}

/**
 * The common tables of a roll-up: `figures_of` with the sums of a span and `times_of` with its
 * delivery times, by provider and service and, under service 0, by provider alone. What an order
 * costs is known by the provider's list price when it was sent; what is not delivered is taken to
 * come back, as the provider's own refund does. An order that a provider took without a known
 * price adds nothing to the cost, and is counted, with its revenue, as uncosted.
 */
export function sumsOf(span: Span): RawBuilder<unknown> {
  return sql`
    placed as materialized (${placedIn(span)}),
    settled as materialized (${settledIn(span)}),
    tries as (
      select t.provider_id, p.service_id, t.state, t.lease_until > t.started_at as is_sent,
        case when t.state = 'accepted' then t.cost * r.exchange_rate / 100000000.0 end as cost,
        p.provider_id as placed_provider_id, p.charge,
        t.state = 'accepted' and t.cost is null and not exists (
          select from attempts x
          where x.customer_id = t.customer_id and x.order_id = t.order_id
            and x.state = 'accepted' and (x.cost is not null or x.number < t.number)
        ) as is_uncosted
      from placed p
      join attempts t on t.customer_id = p.customer_id and t.order_id = p.id
      join providers r on r.id = t.provider_id
      where p.kind = 'single'
    ),
    parts (provider_id, service_id, orders, charge, refunded, cost, attempts, failures,
      completed, partial, canceled, uncosted, uncosted_revenue) as (
      select provider_id, service_id, (parent_id is null)::int,
        case kind when 'single' then charge else 0 end, 0, 0::numeric, 0, 0, 0, 0, 0,
        is_post::int, case when is_post then charge else 0 end
      from placed
      union all
      select provider_id, service_id, 0, 0, refunded, 0, 0, 0, 0, 0, 0,
        0, case when is_uncosted then -refunded else 0 end
      from (${refundedIn(span)}) r
      union all
      select provider_id, service_id, 0, 0, 0, coalesce(cost, 0), is_sent::int,
        (is_sent and state in ('rejected', 'not_sent', 'unknown'))::int, 0, 0, 0, 0, 0
      from tries
      union all
      select placed_provider_id, service_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, charge
      from tries where is_uncosted
      union all
      select provider_id, service_id, 0, 0, 0, 0, 0, 0, completed, partial, canceled, 0, 0
      from settled
      union all
      select cost_provider_id, service_id, 0, 0, 0, -cost * undelivered / nullif(quantity, 0),
        0, 0, 0, 0, 0, 0, 0
      from settled where undelivered <> 0 and cost is not null
    ),
    figures_of as (
      select provider_id, coalesce(service_id, 0) as service_id, sum(orders)::int as orders,
        sum(charge)::bigint as charge, sum(refunded)::bigint as refunded,
        round(sum(cost))::bigint as cost, sum(attempts)::int as attempts,
        sum(failures)::int as failures, sum(completed)::int as completed,
        sum(partial)::int as partial, sum(canceled)::int as canceled,
        sum(uncosted)::int as uncosted, sum(uncosted_revenue)::bigint as uncosted_revenue
      from parts group by grouping sets ((provider_id, service_id), (provider_id))
    ),
    times_of as (
      select provider_id, coalesce(service_id, 0) as service_id, bucket, count(*)::int as orders
      from (select *, ${bucketOf(sql`seconds`)} as bucket from settled where completed > 0) s
      group by grouping sets ((provider_id, service_id, bucket), (provider_id, bucket))
    )`;
}
