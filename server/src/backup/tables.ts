import type postgres from 'postgres';
import { assert } from '../base/index.ts';
import { connect, type DatabaseTarget, tableKinds } from '../db/index.ts';

export type OwnerTx = postgres.TransactionSql<{ bigint: bigint }>;

/** A database, and whether it is spread over a cluster. */
export type Place = { target: DatabaseTarget; isCluster: boolean };

export type Table = { name: string; columns: string[] };

/** Holds the schema's version; it travels in the header and is never copied. */
const versionTable = 'migrations';
const tableNames = Object.keys(tableKinds).filter((name) => name !== versionTable);
/** Of no column: numbers are given out before there is a row. */
const ownSequences = ['order_ids', 'refill_ids', 'payment_ids'];

/**
 * Runs `work` in one transaction of the database's owner, on a connection of its own. When it
 * fails, the connection is cut: a COPY that nobody reads to its end would never let it go.
 */
export async function ownerTransaction<T>(
  { target, isCluster, mode }: Place & { mode: string },
  work: (tx: OwnerTx) => Promise<T>,
): Promise<T> {
  const database = connect(target, { connectionsMax: 1, asOwner: true, isCluster });
  let failure: unknown;
  let result: { value: T } | undefined;
  try {
    await database.sql.begin(mode, async (tx) => {
      try {
        result = { value: await work(tx) };
      } catch (error) {
        failure = error;
        void database.sql.end({ timeout: 0 });
        throw error;
      }
    });
    assert(result !== undefined, 'the work of a committed transaction has a result');
    return result.value;
  } catch (error) {
    // The cut connection's own complaint says nothing about the cause.
    throw failure ?? error;
  } finally {
    await database.close();
  }
}

/**
 * The rows that a COPY to stdout writes, as bytes in pieces of any size. postgres.js 3.4.9 stops
 * reading from the server while a reader is behind, and begins again only when it is asked for
 * more: where the last piece came while it was behind, nobody asks any more, and the next
 * statement waits for ever. So it is asked once more at the end.
 */
export async function* copyOut(
  copy: postgres.PendingQuery<readonly postgres.Row[]>,
): AsyncGenerator<Buffer> {
  const rows = await copy.readable();
  yield* rows as AsyncIterable<Buffer>;
  rows._read(0);
}

/**
 * The panel's tables with their columns, each after those its foreign keys point to. One that is
 * partitioned is one table. What somebody else keeps beside them is not the panel's to restore.
 */
export async function readTables(tx: OwnerTx): Promise<Table[]> {
  const tables = await tx<Table[]>`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and a.attgenerated = ''
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition and c.relname = any(${tableNames})
    group by c.relname order by c.relname`;
  const references = await tx<{ from: string; to: string }[]>`
    select distinct f.relname as "from", t.relname as "to"
    from pg_constraint k
    join pg_class f on f.oid = k.conrelid
    join pg_class t on t.oid = k.confrelid
    where k.contype = 'f' and f.relnamespace = 'public'::regnamespace and f.oid <> t.oid`;
  return orderByReferences(tables, references);
}

/** A sequence, the number that it gave out last, if any, and whether it has room for many. */
type Sequence = { name: string; value: bigint | null; isLarge: boolean };

/** The sequences of the panel; what somebody else keeps beside them has some of its own. */
export async function readSequences(tx: OwnerTx): Promise<Sequence[]> {
  return tx<Sequence[]>`
    select s.sequencename as name, s.last_value as value,
      s.data_type = 'bigint'::regtype as "isLarge"
    from pg_sequences s
    where s.schemaname = 'public'
      and (s.sequencename = any(${ownSequences}) or exists (
        select from pg_depend d join pg_class t on t.oid = d.refobjid
        where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
          and d.objid = format('public.%I', s.sequencename)::regclass and d.deptype = 'i'
          and t.relname = any(${tableNames})))
    order by s.sequencename`;
}

/** Sorts tables so that each comes after all it points to. Pure. */
function orderByReferences<T extends { name: string }>(
  tables: readonly T[],
  references: readonly { from: string; to: string }[],
): T[] {
  const ordered: T[] = [];
  let waiting = [...tables];
  while (waiting.length > 0) {
    const names = new Set(waiting.map((table) => table.name));
    const blocked = new Set(references.filter((r) => names.has(r.to)).map((r) => r.from));
    const free = waiting.filter((table) => !blocked.has(table.name));
    assert(free.length > 0, `tables point to each other in a circle: ${[...names]}`);
    ordered.push(...free);
    waiting = waiting.filter((table) => blocked.has(table.name));
  }
  return ordered;
}

/** The applied migrations in order. */
export async function readMigrations(tx: OwnerTx): Promise<{ name: string; checksum: string }[]> {
  const rows = await tx<{ name: string; checksum: string }[]>`
    select name, checksum from ${tx(versionTable)} order by name`;
  return rows.map(({ name, checksum }) => ({ name, checksum }));
}

/** Locks tables until the transaction ends, in one statement. */
export async function lockTables(
  tx: OwnerTx,
  tables: readonly Table[],
  mode: 'access share' | 'access exclusive',
): Promise<void> {
  const names = [...tables.map((table) => table.name), versionTable];
  const list = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
  await tx.unsafe(`lock table ${list} in ${mode} mode`);
}
