import { type RawBuilder, sql } from 'kysely';
import {
  type Check,
  countOf,
  everyAttempt,
  everyChange,
  everyDelivery,
  everyOrder,
  fingerprint,
  int4,
  int8,
  keyOf,
  onto,
  orderKey,
  prove,
  proveAll,
  proveNone,
  proveUnique,
  type Source,
  sumOf,
  text,
} from '../db/index.ts';

const deliveryCount = countOf(everyDelivery);
const attemptCount = countOf(everyAttempt);

const sent = (number: string) =>
  fingerprint(
    ...[int4('customer_id'), int8('order_id'), int4(number)],
    ...[int4('coalesce(provider_id, 0)'), text('external_id')],
  );

/** What is followed and what was accepted are the same, unless staff have sent something again. */
const followed = prove(
  [
    sumOf(everyDelivery, sql`sum(${sent('attempts')})`),
    sumOf(everyAttempt, sql`sum(${sent('number')}) filter (where state = 'accepted')`),
  ],
  (followed, accepted) => followed === accepted,
);

const isSentAgain = sql`number > 1`;

const servedBy = (key: RawBuilder<unknown>) => sql`sum(${onto(key, int4('service_id'))})`;
const isDelivered = sql`kind <> 'drip_feed'`;

/**
 * Orders that don't say whether there is a delivery of them, as those from before any did, and of
 * which there is none. By their keys alone, which two indexes have in one order. Their rows are
 * read after, in the order of numbers, in which they were written: each by key, where a join would
 * read all orders again.
 */
const undelivered: Source = {
  unless: proveNone(countOf(everyOrder, sql`has_delivery is null`)),
  from: sql`(
    select customer_id, id from orders o where not exists (
      select from deliveries d where d.customer_id = o.customer_id and d.order_id = o.id)
    order by id
  ) u cross join lateral (
    select service_id, kind, has_delivery from orders o
    where o.customer_id = u.customer_id and o.id = u.id limit 1
  ) o where has_delivery is null`,
};

/** What is delivered is all orders but those that say they are not, or are found to be not. */
const served = proveAll(
  proveNone(countOf(everyOrder, sql`has_delivery and kind = 'drip_feed'`)),
  prove(
    [
      sumOf(
        everyOrder,
        sql`${servedBy(orderKey)} filter (where ${isDelivered} and has_delivery is not false)`,
      ),
      sumOf(undelivered, sql`${servedBy(keyOf('id'))} filter (where ${isDelivered})`),
      sumOf(everyDelivery, servedBy(keyOf('order_id'))),
    ],
    (ordered, undelivered, delivered) => ordered - undelivered === delivered,
  ),
);

const isRefundedBySending = sql`refund > 0 and actor = 'system:forwarder'`;
const refundedWhileUnknown = sql<{ subject: string; detail: string }>`(
  with unclear as materialized (
    -- Each has an index of its own.
    select customer_id, order_id, number from attempts where state = 'sending'
    union all select customer_id, order_id, number from attempts where state = 'unknown'
  )
  select o.customer_id, 'order ' || o.id as subject, o.status || ' by ' || e.actor as detail
  from unclear a
  join deliveries d on d.customer_id = a.customer_id and d.order_id = a.order_id
    and d.attempts = a.number
  join orders o on o.customer_id = d.customer_id and o.id = d.order_id
  join order_events e on e.customer_id = o.customer_id and e.order_id = o.id
    and e.refund > 0 and e.actor not like 'staff:%' and e.actor <> 'system:forwarder')`;

const runs = sql`completed_at is null and has_delivery is not false`;

const running = sumOf(everyOrder, sql`sum(${orderKey}) filter (where ${runs})`);
const notDone = sumOf(everyDelivery, sql`sum(${keyOf('order_id')}) filter (where state <> 'done')`);

/**
 * Deliveries that are not done with, of orders that have ended: what staff settled stays held, and
 * what they settled while it was on its way is closed when it is next looked at. By two indexes.
 */
const leftBehind: Source = {
  unless: prove([running, notDone], (orders, deliveries) => orders === deliveries),
  from: sql`(
    select d.customer_id, d.order_id from (
      select customer_id, order_id from deliveries where due_at is not null and state <> 'done'
      union
      select customer_id, order_id from deliveries where reason <> '' and state <> 'done'
    ) d
    join (select customer_id, id from orders where not (${runs})) o
      on o.customer_id = d.customer_id and o.id = d.order_id
  ) d`,
};

/** Each order that runs and has a delivery has one that is not done, unless staff reopened it. */
const underWay = prove(
  [running, notDone, sumOf(leftBehind, sql`sum(${keyOf('order_id')})`)],
  (orders, deliveries, left) => orders === deliveries - left,
);

/** Attempts of those alone that are on their way, of which there are few. */
const inLimbo = (only: RawBuilder<unknown>) => sql<{ subject: string; detail: string }>`
  select d.customer_id, 'order ' || d.order_id as subject,
    format('%s, %s with attempt %s', o.status, d.state, a.state) as detail
  from (
    select * from deliveries where state in ('sending', 'unknown', 'due') and ${only}
  ) d
  join orders o on o.customer_id = d.customer_id and o.id = d.order_id
  left join attempts a on a.customer_id = d.customer_id and a.order_id = d.order_id
    and a.number = d.attempts
  where (d.state = 'sending' and a.state is distinct from 'sending')
    or (d.state = 'unknown' and a.state is distinct from 'unknown')
    or (d.state = 'due' and a.state in ('sending', 'accepted'))`;

/** The invariants of delivery that the database can show. */
export const deliveryChecks: readonly Check[] = [
  {
    invariant: 'I6',
    name: 'a_second_attempt_has_a_certain_first',
    count: attemptCount,
    proof: proveNone(countOf(everyAttempt, isSentAgain)),
    // What was accepted or may have been is sent again by consent of staff only.
    broken: sql`
      select a.customer_id, format('order %s attempt %s', a.order_id, a.number) as subject,
        format('sent again although attempt %s is %s', b.number, b.state) as detail
      from attempts a join attempts b on b.customer_id = a.customer_id
        and b.order_id = a.order_id and b.number = a.number - 1
      where a.number > 1 and (b.state in ('sending', 'accepted')
        or (b.state = 'unknown' and coalesce(b.resolved_by, '') not like 'staff:%'))`,
  },
  {
    invariant: 'I7',
    name: 'an_external_order_belongs_to_one_attempt',
    // Of no one customer; a unique index holds it between two verifications.
    part: null,
    count: attemptCount,
    proof: proveUnique({
      name: 'attempts_external',
      table: 'attempts',
      columns: 'provider_id, external_id',
      where: 'external_id IS NOT NULL',
    }),
    broken: sql`
      select format('provider %s order %s', provider_id, external_id) as subject,
        format('belongs to %s attempts', count(*)) as detail
      from attempts where external_id is not null
      group by provider_id, external_id having count(*) > 1`,
  },
  {
    invariant: 'I7',
    name: 'a_followed_order_is_its_attempts',
    count: deliveryCount,
    proof: followed,
    broken: sql`
      select d.customer_id, 'order ' || d.order_id as subject,
        format('follows %s of provider %s, its attempt %s is %s of %s', d.external_id,
          d.provider_id, a.number, a.external_id, a.provider_id) as detail
      from deliveries d
      left join attempts a on a.customer_id = d.customer_id and a.order_id = d.order_id
        and a.number = d.attempts
      where d.external_id is not null and (a.number is null or a.state <> 'accepted'
        or a.external_id is distinct from d.external_id or a.provider_id <> d.provider_id)`,
  },
  {
    invariant: 'I8',
    name: 'no_delivery_is_done_before_its_order',
    count: deliveryCount,
    proof: underWay,
    broken: sql`
      select d.customer_id, 'order ' || d.order_id as subject,
        format('%s, done with attempt %s', o.status, d.attempts) as detail
      from (select * from orders where ${runs}) o
      join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id
      where d.state = 'done'
        -- Closed while its order runs: only where staff reopened the order, whose work it is then.
        and not exists (
          select from order_events e where e.customer_id = o.customer_id and e.order_id = o.id
            and e.actor like 'staff:%'
            and e.before ->> 'status' in ('Completed', 'Partial', 'Canceled', 'Expired'))`,
  },
  {
    invariant: 'I8',
    name: 'no_delivery_in_limbo',
    count: deliveryCount,
    proof: proveNone(countOf(everyDelivery, sql`due_at is null and state not in ('done', 'held')`)),
    broken: inLimbo(sql`true`),
    // Then an index that holds what is due finds all of it.
    rest: inLimbo(sql`due_at is not null`),
  },
  {
    invariant: 'I8',
    name: 'an_unknown_order_is_not_refunded_by_itself',
    count: deliveryCount,
    proof: proveNone(countOf(everyChange, isRefundedBySending)),
    broken: sql`
      select o.customer_id, 'order ' || o.id as subject, o.status || ' by ' || e.actor as detail
      from order_events e
      join orders o on o.customer_id = e.customer_id and o.id = e.order_id
      join deliveries d on d.customer_id = o.customer_id and d.order_id = o.id
      where ${isRefundedBySending}
      union all
      ${refundedWhileUnknown}`,
    // What nobody knows the end of is little, and begun with; of refunds there are many.
    rest: refundedWhileUnknown,
  },
  {
    invariant: 'I8',
    name: 'every_delivery_has_its_order',
    count: deliveryCount,
    proof: served,
    broken: sql`
      select d.customer_id, 'order ' || d.order_id as subject,
        case when o.has_delivery = false then 'of an order that says it has none'
          else 'of another service or kind' end as detail
      from deliveries d
      left join orders o on o.customer_id = d.customer_id and o.id = d.order_id
      where o.id is null or o.service_id <> d.service_id or o.kind = 'drip_feed'
        or o.has_delivery = false
      union all
      select o.customer_id, 'order ' || o.id, 'says it has a delivery, and has none'
      from orders o
      where o.has_delivery and not exists (
        select from deliveries d where d.customer_id = o.customer_id and d.order_id = o.id)`,
  },
];
