import { type RawBuilder, sql } from 'kysely';
import {
  asColumns,
  byEnd,
  changedStatus,
  countOf,
  endOf,
  ends,
  everyChange,
  everyOrder,
  everyTransfer,
  fingerprint,
  int4,
  keyOf,
  midnight,
  onDay,
  onto,
  orderKey,
  type Proof,
  proveAll,
  proveNone,
  proveWhere,
  type Source,
  type Sum,
  sumOf,
  usualTransfers,
  withColumns,
} from '../db/index.ts';
import {
  everyReturn,
  notReopened,
  onlyStaffReopen,
  refunds,
  refundsAtEnd,
} from '../orders/index.ts';

/** Days before this have lost events, of which how orders ended was counted. */
export const eventsSince = sql`coalesce((
  select max(until_time) from archived_months where history = 'order_events'), '-infinity')`;

const closedDays: Source = { from: sql`figure_days where is_closed`, days: [sql`day`] };
/** Stands for a service: a sum of amounts times it is one of each service at once. */
const service = fingerprint(int4('service_id'));
/** Days whose figures are compared: all that are closed, and those that have all their events. */
export const closed = countOf(closedDays);
const whole = countOf(closedDays, sql`day >= ${eventsSince}`);

/** That on each of some days the first of sums is what the others come to together. */
function proveDays(days: Sum, ...sums: readonly Sum[]): Proof {
  return {
    sums: [days, ...sums],
    holds: ([compared, told, ...parts]) =>
      [...(compared?.ofDays ?? [])].every(
        ([day, rows]) =>
          rows === 0n ||
          onDay(day, told) === parts.reduce((all, part) => all + onDay(day, part), 0n),
      ),
  };
}

const serviceKey = sql`service_key`;

/**
 * A sum of amounts, each times a number. What is under 2³¹, as nearly all is, is multiplied by the
 * halves of that number, which a `bigint` holds: `numeric` takes several times as long.
 */
function weigh(key: RawBuilder<unknown>, amount: string): RawBuilder<unknown> {
  const value = sql.ref(amount);
  const isSmall = sql`${value} <> 0 and ${value}::bigint >> 31 = 0`;
  return sql`${weighHalves(key, value, isSmall)}
    + coalesce(sum(${key}::numeric * ${value}) filter (where ${value}::bigint >> 31 <> 0), 0)`;
}

/** The same of an `integer`, which is never more. */
function weighCount(key: RawBuilder<unknown>, count: string): RawBuilder<unknown> {
  const value = sql.ref(count);
  return weighHalves(key, value, sql`${value} <> 0`);
}

function weighHalves(
  key: RawBuilder<unknown>,
  value: RawBuilder<unknown>,
  isSmall: RawBuilder<unknown>,
): RawBuilder<unknown> {
  return sql`coalesce(sum((${key} >> 32) * ${value}) filter (where ${isSmall}), 0) * ${halfRange}
    + coalesce(sum((${key} & ${halfRange} - 1) * ${value}) filter (where ${isSmall}), 0)`;
}
const halfRange = sql`4294967296`;

/** An order or a service at one of its ends; null, and so not of a sum, where it is at none. */
const atEnd = (key: RawBuilder<unknown>, end: string) => onto(key, int4(end));

/** Of rows of one day and provider: those of all services less those of each. */
export function excess(name: string): RawBuilder<unknown> {
  const sumWhere = (condition: RawBuilder<unknown>) =>
    sql`coalesce(sum(${sql.ref(name)}) filter (where ${condition}), 0)`;
  return sql`${sumWhere(sql`service_id = 0`)} - ${sumWhere(sql`service_id <> 0`)}`;
}
const counted = [
  ...['orders', 'charge', 'refunded', 'attempts', 'failures'],
  ...['completed', 'partial', 'canceled', 'uncosted', 'uncosted_revenue'],
];
/** Whether that is nothing. What orders cost is rounded in each row. */
export const addsUp = sql`abs(${excess('cost')}) <= count(*) and
  (${sql.join(counted.map(excess))}) is not distinct from (${sql.join(counted.map(() => sql`0`))})`;

/** Of each day and provider; what orders were, by a number for their service. */
const figuresOfProviders = (rows: RawBuilder<unknown>) => sql`(
  select day, count(*) filter (where service_id = 0) as wholes, ${addsUp} as adds_up,
    ${weighCount(serviceKey, 'orders')} as orders,
    sum(${serviceKey}::numeric * charge) as charge,
    sum(${serviceKey}::numeric * refunded) as refunded,
    ${weighCount(atEnd(serviceKey, ends.completed), 'completed')}
      + ${weighCount(atEnd(serviceKey, ends.partial), 'partial')}
      + ${weighCount(atEnd(serviceKey, ends.canceled), 'canceled')} as ended
  from ${withColumns(rows, {
    // Of all services there is none, and so no sum.
    service_key: sql`case when service_id <> 0 then ${service} end`,
  })}
  group by day, provider_id
) f`;
const everyFigure: Source = {
  from: figuresOfProviders(sql`figures`),
  days: [sql`day`],
  rowsOf: { table: 'figures', from: figuresOfProviders, day: 'day' },
};

/** How many figures of all services there are, and that they are those of each. */
export const wholes = sumOf(everyFigure, sql`sum(wholes)`);
export const wholesAddUp = proveNone(countOf(everyFigure, sql`not adds_up`));

const orders = proveAll(
  proveDays(
    closed,
    sumOf(everyFigure, sql`sum(orders)`),
    sumOf(everyOrder, sql`sum(${serviceKey}) filter (where parent_id is null)`),
  ),
  proveDays(
    closed,
    sumOf(everyFigure, sql`sum(charge)`),
    sumOf(everyOrder, weigh(serviceKey, 'single_charge')),
  ),
);

const isSingle = sql`filter (where kind = 'single')`;

const refundedOfFigures = sumOf(everyFigure, sql`sum(refunded)`);

/** Where orders don't tell on which day it was given back, by what the books say. */
const refunded = proveAll(
  refunds,
  proveWhere(
    refundsAtEnd,
    proveDays(
      closed,
      refundedOfFigures,
      sumOf(
        everyOrder,
        sql`sum(${serviceKey}::numeric * refunded) filter (where is_single and refunded <> 0)`,
        byEnd,
      ),
    ),
    proveDays(
      closed,
      refundedOfFigures,
      ...everyReturn.map((of) => sumOf(of, sql`sum(${service}::numeric * change) ${isSingle}`)),
    ),
  ),
);

const isMove = sql`status_before <> status_after and kind = 'settled'`;
const everyMove = sql`(
  select * from (select *, ${asColumns(changedStatus)} from order_events) e where ${isMove}
)`;

/**
 * Orders that staff took from an end, which may have come to one more than once: as they are, to be
 * taken off, and each of their moves. Who did it tells of most events that they are none of these
 * at less cost than a look into them.
 */
const everyReopened: Source = {
  unless: notReopened,
  from: sql`(
    with reopened as materialized (
      select distinct customer_id, order_id from order_events
      where actor like 'staff:%' and kind = 'settled'
        and before ->> 'status' <> after ->> 'status'
        and ${sql.raw(endOf(`before ->> 'status'`))} > 0
    )
    select -1 as sign, r.customer_id, r.order_id, o.service_id, o.kind, null as gone_from,
      ${sql.raw(endOf('o.status'))} as ended, o.completed_at as at
    from reopened r join orders o on o.customer_id = r.customer_id and o.id = r.order_id
    union all
    select 1, r.customer_id, r.order_id, o.service_id, o.kind,
      ${sql.raw(endOf('e.status_before'))}, ${sql.raw(endOf('e.status_after'))}, e.created_at
    from reopened r
    join orders o on o.customer_id = r.customer_id and o.id = r.order_id
    join ${everyMove} e
      on e.customer_id = r.customer_id and e.order_id = r.order_id
  ) r`,
  days: [midnight('at')],
};

/** The moves to an end, which an order makes once unless it was reopened, are where orders are. */
const moves = proveDays(
  whole,
  sumOf(everyChange, sql`sum(${atEnd(orderKey, endOf('status_after'))}) filter (where ${isMove})`),
  sumOf(everyOrder, sql`sum(${atEnd(orderKey, 'ended')})`, byEnd),
  sumOf(everyReopened, sql`sum(sign * ${atEnd(keyOf('order_id'), 'ended')}::numeric)`),
);

const endedOrders = proveAll(
  moves,
  // Else some of the reopened are not looked for.
  onlyStaffReopen,
  proveDays(
    whole,
    sumOf(everyFigure, sql`sum(ended)`),
    sumOf(everyOrder, sql`sum(${atEnd(serviceKey, 'ended')}) filter (where is_single)`, byEnd),
    sumOf(everyReopened, sql`sum(sign * ${atEnd(service, 'ended')}::numeric) ${isSingle}`),
    sumOf(everyReopened, sql`-sum(sign * ${atEnd(service, 'gone_from')}::numeric) ${isSingle}`),
  ),
);

/** That the figures of orders, by day and service, are what orders, transfers and events say. */
export const figuresOfOrders = proveAll(orders, refunded, endedOrders);

const account = sql`case when pays then credit else debit end`;
const given = sql`case when pays then -amount else amount end`;

/** The same for money that came in, of which nothing is of an order. */
export const figuresOfMoney = proveAll(
  usualTransfers,
  ...(['deposits', 'bonuses', 'adjustments'] as const).map((name) => {
    const isOf = sql`${account} = ${name}`;
    return proveDays(
      closed,
      sumOf(closedDays, sql`sum(${sql.ref(name)})`),
      sumOf(everyTransfer, sql`sum(${given}) filter (where order_id is null and ${isOf})`),
    );
  }),
);
