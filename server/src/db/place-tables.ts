import type postgres from 'postgres';
import { globalIndexes, type TableKind, tableKinds } from './table-kinds.ts';

type Sql = postgres.Sql<{ bigint: bigint }>;
type Tx = postgres.TransactionSql<{ bigint: bigint }>;
type ForeignKey = { table: string; name: string; definition: string };

/** What was put into its place, by kind. */
export type Placed = Record<'distributed' | 'reference', string[]>;

/** The columns of an index's definition, to their closing bracket. */
const columnsOfIndex = /(\([^()]*)\)/;

/** The table that all distributed ones share their shards with. */
const firstDistributed = 'wallets';

/** Whether this database was spread over the nodes of a cluster. */
export async function isDistributed(sql: Sql): Promise<boolean> {
  const [there] = await sql<{ table: string | null }[]>`
    select to_regclass('pg_catalog.pg_dist_partition')::text as "table"`;
  if (!there?.table) return false;
  const [found] = await sql<{ spread: boolean }[]>`
    select exists(select from pg_dist_partition
      where logicalrelid = to_regclass(${firstDistributed}) and partmethod = 'h') as spread`;
  return found?.spread === true;
}

/** Puts every table into its place that is not there yet. */
export async function placeTables(tx: Tx): Promise<Placed> {
  // Foreign keys from customers' tables to reference tables need one connection per node.
  await tx.unsafe("set local citus.multi_shard_modify_mode to 'sequential'");
  await tx.unsafe('set local citus.enable_local_reference_table_foreign_keys to on');
  const placed = {
    reference: await findMissing(tx, 'reference'),
    distributed: await findMissing(tx, 'distributed'),
  };
  const keys = await dropForeignKeys(tx, [...placed.reference, ...placed.distributed]);
  await loosenIndexes(tx, placed.distributed);
  for (const table of placed.reference) await tx`select create_reference_table(${table})`;
  for (const table of placed.distributed) {
    const beside = table === firstDistributed ? 'none' : firstDistributed;
    await tx`select create_distributed_table(${table}, 'customer_id', colocate_with => ${beside})`;
  }
  for (const { table, name, definition } of keys) {
    await tx.unsafe(`alter table ${table} add constraint ${quoted(name)} ${definition}`);
  }
  return placed;
}

/** The tables of a kind that are still on the coordinator alone, in the order of the plan. */
async function findMissing(tx: Tx, kind: TableKind): Promise<string[]> {
  const planned = Object.entries(tableKinds).flatMap(([name, table]) =>
    table.kind === kind ? name : [],
  );
  // How Citus marks them: `h` is spread by hash, `n` with `t` is on every node.
  const there = await tx<{ name: string }[]>`
    select c.relname as name from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid
    where c.relnamespace = 'public'::regnamespace
      and case ${kind} when 'distributed' then p.partmethod = 'h'
        else p.partmethod = 'n' and p.repmodel = 't' end`;
  const names = new Set(there.map((table) => table.name));
  return planned.filter((name) => !names.has(name));
}

/**
 * Takes away the foreign keys of and to some tables, which no table can be moved with, and those of
 * tables that Citus does not know yet to others that it does: they look at the empty table that is
 * left on the coordinator until they are made anew.
 */
async function dropForeignKeys(tx: Tx, tables: readonly string[]): Promise<ForeignKey[]> {
  const keys = await tx<ForeignKey[]>`
    select f.relname as "table", k.conname as name, pg_get_constraintdef(k.oid) as definition
    from pg_constraint k
    join pg_class f on f.oid = k.conrelid
    join pg_class t on t.oid = k.confrelid
    where k.contype = 'f' and k.conparentid = 0 and k.connamespace = 'public'::regnamespace
      and (f.relname = any(${tables}::text[]) or t.relname = any(${tables}::text[])
        or (f.oid not in (select logicalrelid from pg_dist_partition)
          and t.oid in (select logicalrelid from pg_dist_partition)))
    order by f.relname, k.conname`;
  for (const { table, name } of keys) {
    await tx.unsafe(`alter table ${table} drop constraint ${quoted(name)}`);
  }
  return keys;
}

/** Lets those unique indexes that no shard can keep over all customers hold for each of them. */
async function loosenIndexes(tx: Tx, tables: readonly string[]): Promise<void> {
  const found = await tx<{ name: string; definition: string }[]>`
    select c.relname as name, pg_get_indexdef(c.oid) as definition
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
    where i.indisunique and c.relname = any(${globalIndexes}::text[])
      and t.relname = any(${tables}::text[])`;
  for (const { name, definition } of found) {
    await tx.unsafe(`drop index ${name}`);
    await tx.unsafe(definition.replace(columnsOfIndex, '$1, customer_id)'));
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
