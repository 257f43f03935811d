import { type RawBuilder, sql } from 'kysely';
import { fingerprint, int4, int8, onto } from './fingerprint.ts';
import { proveChecked } from './held.ts';
import {
  type Columns,
  midnight,
  prove,
  proveAll,
  proveNone,
  type Source,
  sumOf,
  withColumns,
} from './sums.ts';

const customer = fingerprint(int4('customer_id'));
/** A number that stands for a customer, as a column of every transfer. */
export const customerKey = sql`customer_key`;

/** A number that stands for an order. */
export const keyOf = (order: string) => onto(customer, int8(order));

/** The same as a column of every order and every change. */
export const orderKey = sql`order_key`;

/** The statuses in which an order was delivered as far as it ever will be, as numbers. */
export const ends = { completed: '1', partial: '2', canceled: '3' };
/**
 * Which end a status is, or null: nearly always the first, so it takes one comparison in place of
 * the three of a list, and a number is hashed in less than a text.
 */
export const endOf = (status: string) =>
  `case ${status} when 'Completed' then ${ends.completed} when 'Partial' then ${ends.partial}
    when 'Canceled' then ${ends.canceled} end`;

/** The statuses that a change led from and to. */
export const changedStatus = {
  status_before: sql`before ->> 'status'`,
  status_after: sql`after ->> 'status'`,
};

/** What is no charge by its reference, and pays for an order. */
const otherCharge = 1;
const unusual = 2 ** 30;
/**
 * What is odd about a transfer: null for nearly all. Asked once of every row, for all proofs that
 * want a part of it: where one is unusual, each of them looks at rows. Usual is one of which
 * `uint31` takes the number into a fingerprint, and which is of an order if it is of sales.
 */
const oddity = sql`case
  when number >> 31 <> 0 or order_id is null and (debit = 'sales' or credit = 'sales')
    then ${sql.lit(unusual)}
  when debit = 'wallet' and reference <> 'order:' || order_id || ':charge'
    then ${sql.lit(otherCharge)} end`;

/** All rows of a table, with columns that come of each row alone, as all sums over it have to. */
function everyRowOf(table: string, columns: Columns, ...days: string[]): Source {
  const from = (rows: RawBuilder<unknown>) => withColumns(rows, columns);
  return {
    ...{ from: from(sql.table(table)), rowsOf: { table, from } },
    days: days.map((day) => sql.ref(day)),
  };
}

/** The large tables, each read once. */
export const everyTransfer = everyRowOf(
  'transfers',
  {
    // Only what is no charge is told by days.
    day: sql`case when order_id is null or debit = 'sales' then ${midnight('created_at')} end`,
    pays: sql`debit = 'wallet'`,
    customer_key: customer,
    balance_before: sql`balance_after + case when debit = 'wallet' then amount else -amount end`,
    oddity,
  },
  'day',
);
const oddities = sumOf(everyTransfer, sql`sum(oddity)`);
/** That each order is paid for by its charge alone. */
export const onlyCharges = proveNone(oddities);
/**
 * That each transfer is between a customer's wallet and, if and only if it is of an order, sales,
 * and its number is one for `uint31`.
 */
export const usualTransfers = proveAll(
  proveChecked(
    'transfers',
    'CHECK ((number > 0))',
    'CHECK ((amount > 0))',
    "CHECK (((debit = 'wallet'::text) <> (credit = 'wallet'::text)))",
    "CHECK (((order_id IS NULL) OR (('sales'::text = debit) OR ('sales'::text = credit))))",
  ),
  prove([oddities], (sum) => sum < unusual),
);
export const everyOrder = everyRowOf(
  'orders',
  {
    day: midnight('created_at'),
    ended_day: midnight('completed_at'),
    order_key: keyOf('id'),
    service_key: fingerprint(int4('service_id')),
    is_single: sql`kind = 'single'`,
    single_charge: sql`case kind when 'single' then charge else 0 end`,
    ended: sql.raw(endOf('status')),
  },
  ...['day', 'ended_day'],
);
/** Told by the day on which an order came to the status it has, if that is a final one. */
export const byEnd = 1;
export const everyChange = everyRowOf(
  'order_events',
  {
    day: midnight('created_at'),
    order_key: keyOf('order_id'),
    is_change: sql`kind <> 'ignored'`,
    ...changedStatus,
  },
  'day',
);
export const everyDelivery = everyRowOf('deliveries', {});
export const everyAttempt = everyRowOf('attempts', {});
