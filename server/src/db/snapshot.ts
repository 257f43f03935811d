import { sql } from 'kysely';
import { isCluster } from './cluster.ts';
import type { Db, Tx } from './connect.ts';
import { holdMonths } from './months.ts';

/**
 * Reads everything as of one moment, beside a working server; no month of history is dropped until
 * then. In a cluster each node has its own moment: what is of one customer, and so on one node, is
 * as of one all the same; for the rest see `inBoth`.
 */
export async function inSnapshot<T>(db: Db, read: (tx: Tx) => Promise<T>): Promise<T> {
  return ofOneMoment(db).execute(async (tx) => {
    if (isCluster(db)) {
      // A second connection to a node would begin later, and read its shards as of then.
      await sql`set local citus.max_adaptive_executor_pool_size to 1`.execute(tx);
    }
    await holdMonths(tx);
    return read(tx);
  });
}

function ofOneMoment(db: Db) {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
}

/**
 * The same with as many transactions as are asked for, which all see that one moment, each on a
 * connection of the pool; in a cluster, where no snapshot can be shared, with one.
 */
export async function inSnapshots<T>(
  db: Db,
  count: number,
  read: (transactions: readonly [Tx, ...Tx[]]) => Promise<T>,
): Promise<T> {
  return inSnapshot(db, async (first) => {
    await letIdle(first);
    if (isCluster(db)) return read([first]);
    const exported = await sql<{ name: string }>`select pg_export_snapshot() as name`.execute(
      first,
    );
    const join = (joined: readonly [Tx, ...Tx[]]): Promise<T> =>
      joined.length >= count
        ? read(joined)
        : inSnapshotOf(db, exported.rows[0]?.name ?? '', (tx) => join([...joined, tx]));
    return join([first]);
  });
}

async function inSnapshotOf<T>(db: Db, name: string, read: (tx: Tx) => Promise<T>): Promise<T> {
  return ofOneMoment(db).execute(async (tx) => {
    await sql`set transaction snapshot ${sql.lit(name)}`.execute(tx);
    await letIdle(tx);
    return read(tx);
  });
}

/** Each waits for the others: the first for connections of the pool, all of them at the end. */
async function letIdle(tx: Tx): Promise<void> {
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx);
}

/**
 * What two looks at a cluster, each in a snapshot, both found. Its nodes and the tables of the
 * coordinator are not read as of one moment, so one look may find broken what was just changed in
 * two places at once. Where a look tells a few of a check and there are more, nobody knows which it
 * told: there the second says.
 */
export function inBoth<T extends { check: string }>(
  looks: { first: readonly T[]; second: readonly T[]; tellsMax?: number },
  keyOf: (finding: T) => string,
): T[] {
  const { first, second, tellsMax = Number.POSITIVE_INFINITY } = looks;
  const keys = new Set(first.map(keyOf));
  const ofCheck = Map.groupBy(first, ({ check }) => check);
  return second.filter(
    (finding) => keys.has(keyOf(finding)) || (ofCheck.get(finding.check)?.length ?? 0) >= tellsMax,
  );
}
