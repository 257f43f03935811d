import { sql } from 'kysely';
import {
  asColumns,
  type Check,
  changedStatus,
  countOf,
  everyChange,
  everyOrder,
  everyTransfer,
  proveAll,
  proveNone,
  proveUnique,
} from '../db/index.ts';
import { eventChains, placedState, settlements } from './verify-history.ts';
import { charges, everyChild, everyTakenBack, refunds } from './verify-money.ts';

const orderCount = countOf(everyOrder);
const eventCount = countOf(everyChange);

/**
 * Orders from here on have all their events. Of those before, months may have been dropped, oldest
 * first: what is left of their events still ends as the order does. An order that was placed on the
 * other side of a month's end by a clock that is slow is given a day.
 */
const wholeSince = sql`coalesce((
  select max(until_time) + interval '1 day' from archived_months where history = 'order_events'
), '-infinity')`;

const isCharge = sql`debit = 'wallet' and reference = 'order:' || order_id || ':charge'`;
const isWronglyPriced = sql`
  charge < 0 or (quantity = 0 and (charge <> 0 or kind <> 'subscription'))
    or charge % nullif(quantity, 0) <> 0`;
const isWronglyRefunded = sql`
  kind = 'single' and refunded is distinct from case when status in ('Partial', 'Canceled')
    then charge / nullif(quantity, 0) * remains else 0 end`;

/** To `orders o`, what its children come to: nothing where it has none. */
const withChildren = sql`
  left join (
    select customer_id, parent_id, count(*) as count, sum(charge) as charge,
      sum(remains) as remains, sum(refunded) as refunded
    from known_orders where parent_id is not null group by customer_id, parent_id
  ) c on c.customer_id = o.customer_id and c.parent_id = o.id`;

const leavesEnd = sql`
  status_before in ('Completed', 'Partial', 'Canceled', 'Expired')
    and status_after <> status_before and kind = 'settled'`;
const leavesByItself = sql`${leavesEnd} and actor not like 'staff:%'`;

/** That no order went from a final status to another. */
export const notReopened = proveNone(countOf(everyChange, leavesEnd));

/** That nothing but staff changes what has come to an end. */
export const onlyStaffReopen = proveNone(countOf(everyChange, leavesByItself));

/** The invariants of orders, their money and their states. */
export const orderChecks: readonly Check[] = [
  {
    invariant: 'I4',
    name: 'one_charge_of_the_charge',
    count: orderCount,
    proof: charges,
    // The runs of a drip-feed are paid by their parent; everything else with a price pays itself.
    broken: sql`
      select o.customer_id, 'order ' || o.id as subject,
        format('charge %s, charged %s in %s transfers', o.charge, coalesce(t.total, 0),
          coalesce(t.count, 0)) as detail
      from orders o
      left join known_orders p on p.customer_id = o.customer_id and p.id = o.parent_id
      left join (
        -- As filters: of a condition the planner believes that it leaves a row or two, and joins
        -- by reading all of them for each order.
        select customer_id, order_id, sum(amount) filter (where ${isCharge}) as total,
          count(*) filter (where ${isCharge}) as count
        from transfers group by customer_id, order_id
      ) t on t.customer_id = o.customer_id and t.order_id = o.id
      where coalesce(t.total, 0) <> case when p.kind = 'drip_feed' then 0 else o.charge end
        or coalesce(t.count, 0) > 1`,
  },
  {
    invariant: 'I4',
    name: 'no_charge_without_order',
    count: countOf(everyTransfer, sql`order_id is not null`),
    // What is given back for none is missing in the sums of orders, unless it was taken back again.
    proof: proveAll(refunds, proveNone(countOf(everyTakenBack, sql`id is null`))),
    broken: sql`
      select t.customer_id, format('customer %s transfer %s', t.customer_id, t.number) as subject,
        'no order ' || t.order_id as detail
      from transfers t
      where (t.order_id is not null or 'sales' in (t.debit, t.credit)) and not exists (
        select from known_orders o where o.customer_id = t.customer_id and o.id = t.order_id)`,
  },
  {
    invariant: 'I4',
    name: 'charge_divides_by_quantity',
    count: orderCount,
    proof: proveNone(countOf(everyOrder, isWronglyPriced)),
    // Whether a charge of 0 was the price of the day is nowhere kept, so it can't be checked.
    broken: sql`
      select customer_id, 'order ' || id as subject,
        format('charge %s for %s', charge, quantity) as detail
      from orders
      where ${isWronglyPriced}`,
  },
  {
    invariant: 'I5',
    name: 'refund_equals_undelivered',
    count: orderCount,
    proof: proveNone(countOf(everyOrder, isWronglyRefunded)),
    broken: sql`
      select o.customer_id, 'order ' || o.id as subject,
        format('%s, remains %s of %s, refunded %s of %s', o.status, o.remains, o.quantity,
          o.refunded, o.charge) as detail
      from orders o
      where ${isWronglyRefunded}`,
  },
  {
    invariant: 'I5',
    name: 'refund_equals_transfers',
    count: orderCount,
    proof: refunds,
    broken: sql`
      select o.customer_id, 'order ' || o.id as subject,
        format('refunded %s, transfers %s, of runs %s', o.refunded, coalesce(t.total, 0),
          coalesce(c.total, 0)) as detail
      from orders o
      left join (
        select customer_id, order_id,
          sum(case when credit = 'wallet' then amount else -amount end) as total
        from transfers
        where order_id is not null and reference <> 'order:' || order_id || ':charge'
        group by customer_id, order_id
      ) t on t.customer_id = o.customer_id and t.order_id = o.id
      left join (
        select customer_id, parent_id, sum(refunded) as total from orders
        where parent_id is not null group by customer_id, parent_id
      ) c on o.kind = 'drip_feed' and c.customer_id = o.customer_id and c.parent_id = o.id
      where o.refunded <> coalesce(t.total, 0) + coalesce(c.total, 0)`,
  },
  {
    invariant: 'I5',
    name: 'drip_feed_adds_up',
    count: countOf({ from: sql`drip_feeds` }),
    broken: sql`
      select o.customer_id, 'order ' || o.id as subject,
        format('runs %s of %s, created %s, remains %s', d.runs_done, d.runs, coalesce(c.count, 0),
          o.remains) as detail
      from drip_feeds d
      join orders o on o.customer_id = d.customer_id and o.id = d.order_id
      ${withChildren}
      where o.quantity <> d.quantity_per_run * d.runs or coalesce(c.count, 0) <> d.runs_done
        or coalesce(c.charge, 0) <> o.charge / o.quantity * d.quantity_per_run * d.runs_done
        or o.remains <> coalesce(c.remains, 0) + d.quantity_per_run * (d.runs - d.runs_done)
        or o.refunded <> coalesce(c.refunded, 0) + case when d.stopped_at is null then 0
          else o.charge / o.quantity * d.quantity_per_run * (d.runs - d.runs_done) end`,
  },
  {
    invariant: 'I8',
    name: 'subscription_adds_up',
    count: countOf({ from: sql`subscriptions` }),
    broken: sql`
      select o.customer_id, 'order ' || o.id as subject,
        format('%s, posts done %s, ordered %s, children %s, due %s', o.status, s.posts_done,
          coalesce(p.ordered, 0), coalesce(c.count, 0), coalesce(p.due, 0)) as detail
      from orders o
      left join subscriptions s on s.customer_id = o.customer_id and s.order_id = o.id
      left join (
        select customer_id, order_id, count(child_id) as ordered, count(due_at) as due
        from subscription_posts group by customer_id, order_id
      ) p on p.customer_id = o.customer_id and p.order_id = o.id
      ${withChildren}
      where o.kind = 'subscription' and (s.order_id is null
        or s.posts_done <> coalesce(p.ordered, 0) or coalesce(c.count, 0) <> coalesce(p.ordered, 0)
        or (o.completed_at is not null and p.due > 0))`,
  },
  {
    invariant: 'I8',
    name: 'no_parent_in_limbo',
    count: countOf(everyOrder, sql`kind <> 'single'`),
    broken: sql`
      select o.customer_id, 'order ' || o.id as subject,
        o.status || ' with nothing left to wait for' as detail
      from orders o
      left join drip_feeds d on d.customer_id = o.customer_id and d.order_id = o.id
      where o.kind = 'drip_feed' and (d.order_id is null
        or (o.completed_at is null) <> (d.next_run_at is not null or exists (
          select from known_orders c where c.customer_id = o.customer_id and c.parent_id = o.id
            and c.completed_at is null)))`,
  },
  {
    invariant: 'I9',
    name: 'every_settlement_has_its_event',
    proof: settlements,
    count: eventCount,
    broken: sql`
      select o.customer_id, 'order ' || o.id as subject,
        format('revision %s, events %s, last %s, is %s; refunded %s, events %s', o.revision,
          coalesce(e.count, 0), e.last ->> 'status', o.status, o.refunded, e.refund) as detail
      from orders o left join (
        select customer_id, order_id, count(*) as count, sum(refund) as refund,
          (array_agg(after order by id desc))[1] as last
        from order_events where kind <> 'ignored' group by customer_id, order_id
      ) e on e.customer_id = o.customer_id and e.order_id = o.id
      where o.revision < coalesce(e.count, 0)
        or (o.created_at >= ${wholeSince}
          and (o.revision > coalesce(e.count, 0) or o.refunded <> coalesce(e.refund, 0)))
        or (e.last is not null and (e.last ->> 'status' <> o.status
          or e.last ->> 'remains' <> o.remains::text))`,
  },
  {
    invariant: 'I9',
    name: 'events_chain',
    proof: eventChains,
    count: eventCount,
    // Events of an order are written under its lock, so their ids are in the order of time.
    broken: sql`
      select e.customer_id, format('order %s event %s', e.order_id, e.id) as subject,
        format('%s at revision %s follows %s at %s', e.before, e.revision,
          coalesce(e.expected::text, 'no order'), e.met) as detail
      from (
        select e.customer_id, e.order_id, e.id, e.before, e.revision, case
            when lag(e.id) over w is not null then lag(e.after) over w
            when o.created_at < ${wholeSince} then e.before
            when o.id is not null then ${placedState} end as expected, case
            when lag(e.id) over w is not null then lag(e.revision) over w
            when o.created_at < ${wholeSince} then e.revision - 1
            else 0 end as met
        from (select * from order_events where kind <> 'ignored') e
        left join orders o on o.customer_id = e.customer_id and o.id = e.order_id
        window w as (partition by e.customer_id, e.order_id order by e.id)
      ) e
      where e.before is distinct from e.expected or e.revision <> e.met + 1`,
  },
  {
    invariant: 'I9',
    name: 'what_is_ignored_changes_nothing',
    count: eventCount,
    // Of which a chain of changes says nothing.
    proof: proveNone(countOf(everyChange, sql`not is_change`)),
    broken: sql`
      select e.customer_id, format('order %s event %s', e.order_id, e.id) as subject,
        format('%s is not as revision %s left it', e.before, e.revision) as detail
      from (select * from order_events where kind = 'ignored') e
      left join orders o on o.customer_id = e.customer_id and o.id = e.order_id
      left join order_events b on b.customer_id = e.customer_id and b.order_id = e.order_id
        and b.kind <> 'ignored' and b.revision = e.revision
      where e.before <> e.after or e.before is distinct from case
        when b.id is not null then b.after
        when o.created_at < ${wholeSince} then e.before
        when o.id is not null and e.revision = 0 then ${placedState} end`,
  },
  {
    invariant: 'I9',
    name: 'only_staff_leave_a_final_state',
    count: eventCount,
    proof: onlyStaffReopen,
    broken: sql`
      select customer_id, 'order ' || order_id as subject,
        format('%s made %s of %s', actor, status_after, status_before) as detail
      from (select *, ${asColumns(changedStatus)} from order_events) e
      where ${leavesByItself}`,
  },
  {
    invariant: 'I10',
    name: 'one_order_per_request_id',
    count: countOf(everyOrder, sql`request_id is not null`),
    proof: proveUnique({
      name: 'orders_request_id',
      table: 'orders',
      columns: 'customer_id, request_id',
      where: 'request_id IS NOT NULL',
    }),
    broken: sql`
      select customer_id, format('customer %s', customer_id) as subject,
        format('request_id %s made the orders %s', request_id,
          string_agg(id::text, ', ' order by id))
          as detail
      from orders where request_id is not null
      group by customer_id, request_id having count(*) > 1`,
  },
  {
    invariant: 'I12',
    name: 'children_belong_to_their_parents_customer',
    count: countOf(everyChild),
    proof: proveNone(countOf(everyChild, sql`kind is null`)),
    broken: sql`
      select o.customer_id, 'order ' || o.id as subject, 'no parent ' || o.parent_id as detail
      from orders o
      where o.parent_id is not null and not exists (
        select from known_orders p where p.customer_id = o.customer_id and p.id = o.parent_id
          and p.kind <> 'single')`,
  },
];
