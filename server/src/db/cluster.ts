import { type KyselyPlugin, type RawBuilder, sql } from 'kysely';
import type { CustomerId } from '../base/index.ts';
import type { Db, Tx } from './connect.ts';

/** Changes nothing; that it is there says that the tables are spread over a cluster. */
export const clusterMark: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  transformResult: async ({ result }) => result,
};

/** Whether tables are spread over a cluster: there a statement locks one customer's rows only. */
export function isCluster(db: Db): boolean {
  return db.getExecutor().plugins.includes(clusterMark);
}

/**
 * What a statement is to take at once: all of it; in a cluster what is of one customer, and the
 * customers in the order in which they are locked everywhere.
 */
export function lockable<T>(
  db: Db,
  items: readonly T[],
  customerOf: (item: T) => number,
): (readonly T[])[] {
  if (items.length === 0) return [];
  if (!isCluster(db)) return [items];
  const groups = Map.groupBy(items, customerOf);
  return [...groups.entries()].toSorted(([a], [b]) => a - b).map(([, group]) => group);
}

/**
 * Locks rows by a statement of all items; in a cluster, which can lock one customer's only, by one
 * for each customer, that adds him to its conditions.
 */
export async function lockEach<T extends { customerId: CustomerId }, R>(
  db: Db,
  items: readonly T[],
  lock: (some: readonly T[], only: CustomerId | undefined) => Promise<readonly R[]>,
): Promise<R[]> {
  const rows: R[] = [];
  for (const some of lockable(db, items, (item) => item.customerId)) {
    const only = isCluster(db) ? some[0]?.customerId : undefined;
    rows.push(...(await lock(some, only)));
  }
  return rows;
}

/**
 * The table of a row that is locked, and its number: of payments their customer's, of services 0,
 * which are locked together.
 */
type RowOf = ['customers' | 'providers' | 'payment_methods' | 'payments' | 'services', number];

/**
 * How a select locks one row of a table that a cluster has whole on every node: by its end, and so
 * that rows which refer to it can be written meanwhile. There such a lock is one of the whole table
 * and all that it refers to, and is taken in two steps, so that two who take it at once wait for
 * each other: a turn is taken instead, by all who lock rows.
 */
export async function rowLock(tx: Tx, row: RowOf): Promise<RawBuilder<unknown>> {
  await takeTurn(tx, row);
  return isCluster(tx) ? sql`` : sql`for no key update`;
}

/**
 * In a cluster, lets only one transaction at a time go on with a row; elsewhere nothing. To be
 * called before the first write to its table: a second one wants more of the table than the first.
 */
export async function takeTurn(tx: Tx, [table, id]: RowOf): Promise<void> {
  if (!isCluster(tx)) return;
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${table}/${id}`}, 0))`.execute(tx);
}

/** How many customers are tried at least: what some have due may be others' just now. */
const customersMin = 100;

/**
 * Claims what is due by a statement that locks rows. In a cluster that can lock one customer's
 * only: there `claim` is called for one customer after the other of those who have something due,
 * and adds the customer to its conditions.
 * @param query.due all that `claim` asks for, as the end of a statement from `from` on, without its
 *   order: customers who have none of it would stand before the others
 */
export async function claimDueRows<T>(
  db: Db,
  query: { due: RawBuilder<unknown>; customerId: string; limit?: number },
  claim: (only: CustomerId | undefined, limit: number) => Promise<readonly T[]>,
): Promise<T[]> {
  const limit = query.limit ?? Number.POSITIVE_INFINITY;
  if (!isCluster(db)) return [...(await claim(undefined, limit))];
  const column = sql.ref(query.customerId);
  const customersMax = query.limit === undefined ? null : Math.max(query.limit, customersMin);
  const found = await sql<{ id: CustomerId }>`
    select distinct ${column} as id ${query.due}
    order by ${column} limit ${customersMax}`.execute(db);
  const claimed: T[] = [];
  for (const { id } of found.rows) {
    if (claimed.length >= limit) break;
    claimed.push(...(await claim(id, limit - claimed.length)));
  }
  return claimed;
}

/** The condition that a column is a customer's; none where there is no customer to name. */
export function onlyOf(column: string, customerId: CustomerId | undefined): RawBuilder<unknown> {
  return customerId === undefined ? sql`` : sql` and ${sql.ref(column)} = ${customerId}`;
}

/**
 * A condition for a statement whose rows name their customers already: by it a cluster goes to the
 * shards of these alone, and locks no other. Elsewhere there is none.
 */
export function onShardsOf(
  db: Db,
  column: string,
  customerIds: readonly CustomerId[],
): RawBuilder<unknown> {
  if (!isCluster(db)) return sql``;
  return sql` and ${sql.ref(column)} = any(${[...new Set(customerIds)]}::int[])`;
}
