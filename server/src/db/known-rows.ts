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

/** Of these a key has several rows; of all others the key is unique. */
const severalRows = new Set([
  ...['order_events', 'attempts', 'refills', 'credit_limits', 'subscription_posts'],
]);

/**
 * The rows of a table that have the keys `k`, read key by key. What a join by two columns, or what
 * it knew of a table that has grown since, lets the planner expect is next to nothing or far too
 * much, and either way it compares all of what was found with all of another table's: so it is told
 * one row of each key, or ten. A cluster does not know such a subquery, and counts what it read.
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
  const ofKey =
    severalRows.has(from.table) || from.columns.includes('parent_id')
      ? sql`unnest(array(select t from ${table} t where ${isOfKey}))`
      : sql`(select * from ${table} t where ${isOfKey} limit 1)`;
  return sql`select t.* from ${from.keys} cross join lateral ${ofKey} t`;
}

/** Each `number` from 1 to that of a column; of a series the planner expects a thousand. */
export function numbersTo(column: string): RawBuilder<unknown> {
  return sql`unnest(array_fill(0, array[${sql.raw(column)}])) with ordinality as n (zero, number)`;
}
