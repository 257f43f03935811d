import { sql } from 'kysely';
import type { CustomerId } from '../base/index.ts';
import { bigints } from './arrays.ts';
import type { Check } from './checks.ts';
import { isCluster } from './cluster.ts';
import type { Db } from './connect.ts';
import { allKnown, knownOfPart } from './known-rows.ts';

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

/** How many findings of a check `checkPart` tells. */
export const findingsPerCheckMax = 100;

/**
 * Runs checks on a part of the rows. Within the statement of a check its tables are replaced by
 * their rows of that part, read by key: so a check is written once, and costs what the part does,
 * not what the database does. They are one statement together, which reads those rows once.
 */
export async function checkPart(
  tx: Db,
  checks: readonly Check[],
  part: Part,
): Promise<PartFinding[]> {
  const broken = checks.flatMap(({ part: ofPart, broken: ofAll, invariant, name }) =>
    ofPart === null
      ? []
      : sql`(
        select customer_id as "customerId", ${invariant}::text as invariant, ${name}::text as check,
          subject::text as subject, detail::text as detail
        from (${ofPart ?? ofAll}) broken limit ${findingsPerCheckMax})`,
  );
  if (broken.length === 0) return [];
  const { rows } = await sql<PartFinding>`
    with ${partTables(part)}, ${isCluster(tx) ? knownOfPart : allKnown}
    ${sql.join(broken, sql` union all `)}`.execute(tx);
  return rows;
}

/**
 * What a transfer is for stands in its reference, which is unique per customer: that index finds
 * the transfers of an order, settled `revision` times, and of a payment. One that names an order in
 * another way is found by its own number.
 */
function partTables({ customers, transfers, orders, payments }: Part) {
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
  const orderTables = [
    ...['deliveries', 'attempts', 'drip_feeds', 'subscriptions', 'refills', 'cancels'],
  ];
  const ofOrders = (table: string) => sql`${sql.raw(table)} as materialized (
    select t.* from order_keys k join public.${sql.raw(table)} t using (customer_id, order_id))`;
  return sql`
    order_keys (customer_id, order_id) as materialized (select * from ${orderKeys} k),
    customers as materialized (
      select c.* from unnest(${customers}::int[]) k (id) join public.customers c using (id)),
    wallets as materialized (
      select w.* from unnest(${customers}::int[]) k (customer_id)
      join public.wallets w using (customer_id)),
    orders as materialized (
      select o.* from order_keys k
      join public.orders o on o.customer_id = k.customer_id and o.id = k.order_id),
    payments as materialized (
      select p.* from ${paymentKeys} k (customer_id, id)
      join public.payments p using (customer_id, id)),
    transfer_references as materialized (
      select customer_id, 'order:' || id || ':charge' as reference from orders
      union all
      select customer_id, 'order:' || id || cause || number
      from orders, generate_series(1, revision) number,
        unnest(array[':refund:', ':recharge:']) cause
      union all
      select customer_id, 'payment:' || id || part
      from payments, unnest(array[':deposit', ':bonus']) part
      union all
      select customer_id, 'payment:' || id || ':return:' || number
      from payments, generate_series(1, returns) number),
    transfers as materialized (
      select t.* from ${transferKeys} k (customer_id, number)
      join public.transfers t using (customer_id, number)
      union
      select t.* from transfer_references
      join public.transfers t using (customer_id, reference)),
    order_events as materialized (
      select e.* from order_keys k join public.order_events e using (customer_id, order_id)),
    ${sql.join(orderTables.map(ofOrders), sql`, `)}`;
}
