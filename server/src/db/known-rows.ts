import { type RawBuilder, sql } from 'kysely';
import { isCluster } from './cluster.ts';
import type { Db } from './connect.ts';

/** What checks look something up in, beside the rows that they look at: all there is. */
export const allKnown = sql`
  known_wallets as not materialized (select * from public.wallets),
  known_transfers as not materialized (select * from public.transfers),
  known_orders as not materialized (select * from public.orders)`;

/**
 * What checks of a part look something up in by key, beside the rows that they look at, and
 * whatever else they read of customers' tables: read before, by all keys that are asked for. So a
 * check itself joins what is there, and no table is read whole for it.
 */
export function knownTables(tx: Db): RawBuilder<unknown> {
  const known = (table: string, keys: RawBuilder<unknown>, ...columns: string[]) =>
    rowsByKey(tx, { table, keys: sql`(${keys}) k`, columns });
  const wallets = known(
    'wallets',
    sql`select customer_id from transfers union select customer_id from wallets`,
    'customer_id',
  );
  const transfers = known(
    'transfers',
    sql`
      select customer_id, number - 1 as number from transfers
      union select customer_id, transfer_count from wallets
      union select customer_id, transfer_count + 1 from wallets`,
    ...['customer_id', 'number'],
  );
  const orders = known(
    'orders',
    sql`
      select customer_id, id from orders
      union select customer_id, parent_id from orders where parent_id is not null
      union select customer_id, order_id from transfers where order_id is not null`,
    ...['customer_id', 'id'],
  );
  const children = known(
    'orders',
    sql`select customer_id, id as parent_id from orders where kind <> 'single'`,
    ...['customer_id', 'parent_id'],
  );
  const limits = known(
    'credit_limits',
    sql`select distinct customer_id from transfers`,
    'customer_id',
  );
  const posts = known(
    'subscription_posts',
    sql`select * from order_keys`,
    'customer_id',
    'order_id',
  );
  return sql`
    known_wallets as materialized (${wallets}),
    known_transfers as materialized (${transfers}),
    known_orders as materialized (${orders} union ${children}),
    credit_limits as materialized (${limits}),
    subscription_posts as materialized (${posts})`;
}

/**
 * The rows of a table that have the keys `k`. Key by key: a join by two columns the planner takes
 * for one that finds next to nothing, and then compares all of what was found with all of another
 * table's. A cluster does not know such a subquery, but counts what it has read.
 */
export function rowsByKey(
  tx: Db,
  from: { table: string; keys: RawBuilder<unknown>; columns: readonly string[] },
): RawBuilder<unknown> {
  const table = sql.raw(`public.${from.table}`);
  if (isCluster(tx)) {
    const using = sql.raw(from.columns.join(', '));
    return sql`select t.* from ${from.keys} join ${table} t using (${using})`;
  }
  const isOfKey = sql.raw(from.columns.map((name) => `t.${name} = k.${name}`).join(' and '));
  return sql`select t.* from ${from.keys}
    cross join lateral (select * from ${table} t where ${isOfKey} offset 0) t`;
}

/** Each `number` from 1 to that of a column; of a series the planner expects a thousand. */
export function numbersTo(column: string): RawBuilder<unknown> {
  return sql`unnest(array_fill(0, array[${sql.raw(column)}])) with ordinality as n (zero, number)`;
}
