import { type RawBuilder, sql } from 'kysely';
import type { CustomerId } from '../base/index.ts';
import { bigints } from './arrays.ts';
import type { Check } from './checks.ts';
import type { Db, Tx } from './connect.ts';
import { knownTables, numbersTo, rowsByKey } from './known-rows.ts';

/** Which rows a check is to look at: keys, each with its customer. Orders come whole families. */
export type Part = {
  customers: readonly CustomerId[];
  transfers: readonly { customerId: CustomerId; number: bigint }[];
  orders: readonly { customerId: CustomerId; id: bigint }[];
  payments: readonly { customerId: CustomerId; id: bigint }[];
};

export type PartFinding = {
  customerId: CustomerId;
  invariant: string;
  check: string;
  subject: string;
  detail: string;
};

/**
 * Runs checks on a part of the rows. Within the statement of a check its tables are replaced by
 * their rows of that part, read by key: so a check is written once, and costs what the part does,
 * not what the database does. They are one statement together, which reads those rows once.
 */
export async function checkPart(
  tx: Tx,
  checks: readonly Check[],
  part: Part,
): Promise<PartFinding[]> {
  const statement = partStatement(tx, checks, part);
  if (statement === undefined) return [];
  await planForParts(tx);
  return (await statement.execute(tx)).rows;
}

/**
 * Until the transaction ends. A plan that is kept knows nothing of how many keys it is given. One
 * that merges does so by the customer alone, and compares all his orders with all his transfers.
 */
export async function planForParts(tx: Tx): Promise<void> {
  await sql`
    select set_config('plan_cache_mode', 'force_custom_plan', true),
      set_config('enable_mergejoin', 'off', true)`.execute(tx);
}

/** The statement of `checkPart`; none where no check looks at parts. */
export function partStatement(
  tx: Db,
  checks: readonly Check[],
  part: Part,
): RawBuilder<PartFinding> | undefined {
  const inParts = checks.filter((check) => check.part !== null);
  if (inParts.length === 0) return undefined;
  const nameOf = (index: number) => sql.table(`broken_${index}`);
  // All that is found is told, as each customer has to be stopped; nor would the planner believe
  // then that it is soon there.
  const broken = inParts.map(
    ({ part: ofPart, broken: ofAll }, index) => sql`
      ${nameOf(index)} as materialized (${ofPart ?? ofAll})`,
  );
  const told = inParts.map(
    ({ invariant, name }, index) => sql`(
      select customer_id as "customerId", ${invariant}::text as invariant, ${name}::text as check,
        subject::text as subject, detail::text as detail
      from ${nameOf(index)})`,
  );
  return sql<PartFinding>`
    with ${partTables(tx, part)}, ${knownTables(tx)}, ${sql.join(broken)}
    ${sql.join(told, sql` union all `)}`;
}

const tablesOfOrders = [
  ...['order_events', 'deliveries', 'attempts', 'drip_feeds', 'subscriptions'],
  ...['refills', 'cancels'],
];

/**
 * What a transfer is for stands in its reference, which is unique per customer: that index finds
 * the transfers of an order, settled `revision` times, and of a payment. One that names an order in
 * another way is found by its own number.
 */
function partTables(tx: Db, { customers, transfers, orders, payments }: Part) {
  const pairs = (rows: readonly { customerId: CustomerId }[], ids: readonly bigint[]) => sql`
    unnest(${rows.map((row) => row.customerId)}::int[], ${bigints(ids)})`;
  const orderKeys = pairs(
    orders,
    orders.map(({ id }) => id),
  );
  const transferKeys = pairs(
    transfers,
    transfers.map(({ number }) => number),
  );
  const paymentKeys = pairs(
    payments,
    payments.map(({ id }) => id),
  );
  const ids = sql`(select customer_id, order_id as id from order_keys) k`;
  const rowsOf = (table: string, keys: RawBuilder<unknown>, ...columns: string[]) =>
    rowsByKey(tx, { table, keys, columns });
  const ofOrders = (table: string) => sql`${sql.raw(table)} as materialized (
    ${rowsOf(table, sql`order_keys k`, 'customer_id', 'order_id')})`;
  return sql`
    order_keys (customer_id, order_id) as materialized (select * from ${orderKeys} k),
    customers as materialized (
      ${rowsOf('customers', sql`unnest(${customers}::int[]) k (id)`, 'id')}),
    wallets as materialized (
      ${rowsOf('wallets', sql`unnest(${customers}::int[]) k (customer_id)`, 'customer_id')}),
    orders as materialized (
      ${rowsOf('orders', ids, 'customer_id', 'id')}),
    payments as materialized (
      ${rowsOf('payments', sql`${paymentKeys} k (customer_id, id)`, 'customer_id', 'id')}),
    transfer_references as materialized (
      select customer_id, 'order:' || id || ':charge' as reference from orders
      union all
      select customer_id, 'order:' || id || cause || number
      from orders, ${numbersTo('revision')},
        unnest(array[':refund:', ':recharge:']) cause
      union all
      select customer_id, 'payment:' || id || part
      from payments, unnest(array[':deposit', ':bonus']) part
      union all
      select customer_id, 'payment:' || id || ':return:' || number
      from payments, ${numbersTo('returns')}),
    transfers as materialized (
      ${rowsOf('transfers', sql`${transferKeys} k (customer_id, number)`, 'customer_id', 'number')}
      union
      ${rowsOf('transfers', sql`transfer_references k`, 'customer_id', 'reference')}),
    ${sql.join(tablesOfOrders.map(ofOrders), sql`, `)}`;
}
