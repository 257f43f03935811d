import { sql } from 'kysely';
import {
  byEnd,
  countOf,
  everyChange,
  everyOrder,
  everyTransfer,
  fingerprint,
  int4,
  int8,
  midnight,
  type Proof,
  proveAll,
  proveNone,
  type Source,
  type Sum,
  sumOf,
  type Total,
  text,
} from '../db/index.ts';
import { everyReturn, refunds } from '../orders/index.ts';

/** Days before this have lost events, of which how orders ended was counted. */
export const eventsSince = sql`coalesce((
  select max(until_time) from archived_months where history = 'order_events'), '-infinity')`;

const closedDays: Source = { from: sql`figure_days where is_closed`, days: [sql`day`] };
const everyFigure: Source = {
  from: sql`figures where service_id <> 0`,
  days: [sql`day`],
};
/** Days whose figures are compared: all that are closed, and those that have all their events. */
const closed = countOf(closedDays);
const whole = countOf(closedDays, sql`day >= ${eventsSince}`);

/** That on each of some days the first of sums is what the others come to together. */
function proveDays(days: Sum, ...sums: readonly Sum[]): Proof {
  return {
    sums: [days, ...sums],
    holds: ([compared, told, ...parts]) =>
      [...(compared?.ofDays ?? [])].every(
        ([day, rows]) =>
          rows === 0n || on(day, told) === parts.reduce((all, part) => all + on(day, part), 0n),
      ),
  };
}

function on(day: bigint | null, total: Total | undefined): bigint {
  return total?.ofDays.get(day) ?? 0n;
}

/** A sum of amounts times a number that stands for the service is one of each service at once. */
const service = fingerprint(int4('service_id'));
const amounts = (amount: string) => sql`sum(${service}::numeric * ${sql.ref(amount)})`;
const isSingle = sql`kind = 'single'`;

const orders = proveAll(
  proveDays(
    closed,
    sumOf(everyFigure, amounts('orders')),
    sumOf(everyOrder, sql`sum(${service}) filter (where parent_id is null)`),
  ),
  proveDays(
    closed,
    sumOf(everyFigure, amounts('charge')),
    sumOf(everyOrder, sql`${amounts('charge')} filter (where ${isSingle})`),
  ),
);

const refunded = proveAll(
  refunds,
  proveDays(
    closed,
    sumOf(everyFigure, amounts('refunded')),
    sumOf(everyReturn, sql`${amounts('change')} filter (where ${isSingle})`),
  ),
);

const isEnd = (status: string) => sql`${sql.raw(status)} in ('Completed', 'Partial', 'Canceled')`;
const before = "before ->> 'status'";
const after = "after ->> 'status'";
const isMove = sql`kind = 'settled' and ${sql.raw(before)} <> ${sql.raw(after)}`;

/**
 * Orders that staff took from an end, which may have come to one more than once: as they are, to be
 * taken off, and each of their moves.
 */
const everyReopened: Source = {
  from: sql`(
    with reopened as materialized (
      select distinct customer_id, order_id from order_events
      where ${isMove} and ${isEnd(before)}
    )
    select -1 as sign, r.customer_id, r.order_id, o.service_id, o.kind, null as previous,
      o.status, o.completed_at as at
    from reopened r join orders o on o.customer_id = r.customer_id and o.id = r.order_id
    union all
    select 1, r.customer_id, r.order_id, o.service_id, o.kind, ${sql.raw(`e.${before}`)},
      ${sql.raw(`e.${after}`)}, e.created_at
    from reopened r
    join orders o on o.customer_id = r.customer_id and o.id = r.order_id
    join (select * from order_events where ${isMove}) e
      on e.customer_id = r.customer_id and e.order_id = r.order_id
  ) r`,
  days: [midnight('at')],
};

const cameTo = (order: string, status: string) =>
  fingerprint(int4('customer_id'), int8(order), text(status));

/** The moves to an end, which an order makes once unless it was reopened, are where orders are. */
const ends = proveDays(
  whole,
  sumOf(
    everyChange,
    sql`sum(${cameTo('order_id', after)}) filter (where ${isMove} and ${isEnd(after)})`,
  ),
  sumOf(everyOrder, sql`sum(${cameTo('id', 'status')}) filter (where ${isEnd('status')})`, byEnd),
  sumOf(
    everyReopened,
    sql`sum(sign * ${cameTo('order_id', 'status')}::numeric) filter (where ${isEnd('status')})`,
  ),
);

const ended = (status: string) => fingerprint(int4('service_id'), text(status));
const endings = sql`sum(${sql.join(
  (['completed', 'partial', 'canceled'] as const).map((column) => {
    const status = `'${column[0]?.toUpperCase()}${column.slice(1)}'`;
    return sql`${ended(status)}::numeric * ${sql.ref(column)}`;
  }),
  sql` + `,
)})`;
const isSingleEnd = (status: string) => sql`filter (where ${isSingle} and ${isEnd(status)})`;

const endedOrders = proveAll(
  ends,
  proveDays(
    whole,
    sumOf(everyFigure, endings),
    sumOf(everyOrder, sql`sum(${ended('status')}) ${isSingleEnd('status')}`, byEnd),
    sumOf(everyReopened, sql`sum(sign * ${ended('status')}::numeric) ${isSingleEnd('status')}`),
    sumOf(
      everyReopened,
      sql`-sum(sign * ${ended('previous')}::numeric) ${isSingleEnd('previous')}`,
    ),
  ),
);

/** That the figures of orders, by day and service, are what orders, transfers and events say. */
export const figuresOfOrders = proveAll(orders, refunded, endedOrders);

const account = sql`case when credit = 'wallet' then debit else credit end`;
const given = sql`case when credit = 'wallet' then amount else -amount end`;

/** The same for money that came in, of which nothing is of an order. */
export const figuresOfMoney = proveAll(
  ...(['deposits', 'bonuses', 'adjustments'] as const).flatMap((name) => {
    const isOf = sql`${account} = ${name}`;
    return [
      proveNone(countOf(everyTransfer, sql`order_id is not null and ${isOf}`)),
      proveDays(
        closed,
        sumOf(closedDays, sql`sum(${sql.ref(name)})`),
        sumOf(everyTransfer, sql`sum(${given}) filter (where order_id is null and ${isOf})`),
      ),
    ];
  }),
);
