import type { BackupHeader } from './format.ts';
import type { OwnerTx } from './tables.ts';

type Month = NonNullable<BackupHeader['months']>[number];

/** The partitions of all tables that have them, but those that take what has none of its own. */
export async function readMonths(tx: OwnerTx): Promise<Month[]> {
  const rows = await tx<Month[]>`
    select p.relname as table, c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds
    from pg_inherits i
    join pg_class p on p.oid = i.inhparent and p.relnamespace = 'public'::regnamespace
      and p.relkind = 'p'
    join pg_class c on c.oid = i.inhrelid
    where pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT'
    order by c.relname`;
  return rows.map(({ table, name, bounds }) => ({ table, name, bounds }));
}

/**
 * Gives an empty database the partitions that a backup says, in place of those of this month: each
 * row then goes where it was, and may be dropped when it was to be.
 */
export async function makeMonths(tx: OwnerTx, months: readonly Month[]): Promise<void> {
  const tables = new Set(months.map(({ table }) => table));
  for (const { table, name } of await readMonths(tx)) {
    if (tables.has(table)) await tx`drop table ${tx(name)}`;
  }
  for (const { table, name, bounds } of months) {
    // It is of a form that holds nothing but times.
    await tx.unsafe(`create table "${name}" partition of "${table}" ${bounds}`);
    await addKey(tx, { table, name });
  }
}

/** Where the table itself has no key, each partition has the one that the rest has. */
async function addKey(tx: OwnerTx, { table, name }: Pick<Month, 'table' | 'name'>): Promise<void> {
  const [key] = await tx<{ definition: string }[]>`
    select pg_get_constraintdef(k.oid) as definition from pg_constraint k
    where k.contype = 'p' and k.conrelid = quote_ident(${`${table}_rest`})::regclass
      and not exists (select from pg_constraint o
        where o.contype = 'p' and o.conrelid = quote_ident(${name})::regclass)`;
  if (key !== undefined) await tx.unsafe(`alter table "${name}" add ${key.definition}`);
}
