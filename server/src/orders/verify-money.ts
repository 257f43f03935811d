import { type RawBuilder, sql } from 'kysely';
import {
  customerKey,
  everyOrder,
  everyTransfer,
  fingerprint,
  int4,
  int8,
  keyOf,
  midnight,
  onDay,
  onlyCharges,
  onto,
  orderKey,
  type Proof,
  prove,
  proveAll,
  type Source,
  sumOf,
  usualTransfers,
} from '../db/index.ts';
import { ofOrder, refundedOfOrders } from './verify-history.ts';

/** Money that staff take back; all else that a wallet pays for an order is taken for its charge. */
const rechargeReferences = 'order:%:recharge:%';
const paid = (key: RawBuilder<unknown>, charge: string) => onto(key, int8(charge));
/** What is paid by a reference that is neither is of no order: the same number for each. */
const charged = sql`
  case when oddity is null then ${paid(onto(customerKey, int8('order_id')), 'amount')}
    when reference not like ${sql.lit(rechargeReferences)} then ${fingerprint(int4('0'))} end`;

/** Orders that belong to another, with what their parents are: nothing where they are none. */
export const everyChild: Source = {
  from: sql`(
    select c.customer_id, c.id, c.parent_id, c.charge, c.refunded, p.kind, p.completed_at
    from orders c
    left join orders p on p.customer_id = c.customer_id and p.id = c.parent_id
      and p.kind <> 'single'
    where c.parent_id is not null
  ) c`,
  days: [midnight('completed_at')],
};
/** Runs of drip-feeds are paid for by their parents. */
const isRun = sql`kind = 'drip_feed'`;

/**
 * The charges of the books, each with its order, are those of the orders that pay. What a wallet
 * pays by another reference than the order's is a charge of no order here, and so is found.
 */
export const charges = prove(
  [
    sumOf(everyTransfer, sql`sum(${charged}) filter (where pays and order_id is not null)`),
    sumOf(everyOrder, sql`sum(${paid(orderKey, 'charge')}) filter (where charge <> 0)`),
    sumOf(
      everyChild,
      sql`sum(${paid(keyOf('id'), 'charge')}) filter (where charge <> 0 and ${isRun})`,
    ),
  ],
  (charged, ofOrders, ofRuns) => charged === ofOrders - ofRuns,
);

const returned = sql`case when credit = 'wallet' then amount else -amount end`;
const days = [midnight('created_at')];
const isTakenBack = sql`debit <> 'sales' and reference like ${sql.lit(rechargeReferences)}`;
/** What staff took back again of what was given back, with its orders. */
export const everyTakenBack: Source = {
  unless: onlyCharges,
  from: sql`(
    select t.customer_id, t.order_id, t.created_at, o.id, o.kind, o.service_id,
      ${returned} as change
    from (select * from transfers where order_id is not null and ${isTakenBack}) t
    left join orders o on o.customer_id = t.customer_id and o.id = t.order_id
  ) t`,
  days,
};

/** For amounts of an order, a sum of which is one of each order at once. */
const givenBack = [
  sumOf(
    everyTransfer,
    sql`sum(${onto(customerKey, int8('order_id'))}::numeric * amount)
      filter (where order_id is not null and not pays)`,
  ),
  sumOf(everyTakenBack, sql`sum(${ofOrder('order_id')} * change)`),
];
const refunded = [
  refundedOfOrders,
  // What runs say is of their parents.
  sumOf(
    everyChild,
    sql`-sum(${ofOrder('parent_id')} * refunded) filter (where refunded <> 0 and ${isRun})`,
  ),
];

/**
 * What the books gave back for each order, times what stands for the order, in sum; that nothing
 * else is of orders but this and their charges belongs to it.
 */
export const refunds = proveAll(
  charges,
  usualTransfers,
  prove(
    [...givenBack, ...refunded],
    (given, taken, ofOrders, ofRuns) => given + taken === ofOrders + ofRuns,
  ),
);

/** That it was given back on the day on which the order ended, as it is but for what staff did. */
export const refundsAtEnd: Proof = {
  sums: [...givenBack, ...refunded],
  holds: (totals) => {
    const [given, taken, ofOrders, ofRuns] = totals;
    const all = new Set(totals.flatMap(({ ofDays }) => [...ofDays.keys()]));
    return [...all].every(
      (day) => onDay(day, given) + onDay(day, taken) === onDay(day, ofOrders) + onDay(day, ofRuns),
    );
  },
};

/** What was given back, with its orders, where they don't tell the day. */
export const everyReturn: readonly Source[] = [
  {
    unless: refundsAtEnd,
    // Nearly all are of orders of which something is still given back; others are looked up by key.
    from: sql`(
      select t.customer_id, t.order_id, t.created_at, coalesce(o.kind, r.kind) as kind,
        coalesce(o.service_id, r.service_id) as service_id, ${returned} as change
      from (select * from transfers where order_id is not null and debit = 'sales') t
      left join (select * from orders where refunded <> 0) o
        on o.customer_id = t.customer_id and o.id = t.order_id
      left join lateral (
        select kind, service_id from orders r
        where o.id is null and r.customer_id = t.customer_id and r.id = t.order_id limit 1
      ) r on true
    ) t`,
    days,
  },
  everyTakenBack,
];
