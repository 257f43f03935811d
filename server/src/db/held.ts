import { sql } from 'kysely';
import { countOf, type Proof, prove, sumOf } from './sums.ts';

/**
 * That no two rows are the same in what an index is unique by, shown by the index: PostgreSQL
 * writes no row that it finds there, whoever writes it; triggers and keys to other tables can be
 * turned off for a session, this can't. What it finds depends on how texts are sorted, so that has
 * to be as it was when the index was made: after an upgrade of the system that changed it, rows
 * are looked at, until the new version is taken over, for which indexes are to be made anew.
 * Whether it is the index that is meant its whole definition says: in a cluster, where no shard
 * sees another's rows, that of one which is unique over all customers is another
 * (`globalIndexes`), and rows are looked at.
 */
export function proveUnique(index: {
  name: string;
  table: string;
  columns: string;
  where: string;
}): Proof {
  const { name, table, columns, where } = index;
  const definition = `CREATE UNIQUE INDEX ${name} ON public.${table} USING btree (${columns})
    WHERE (${where})`.replace(/\s+/g, ' ');
  const held = countOf(
    { from: sql`pg_index` },
    sql`indexrelid = to_regclass(${`public.${name}`}) and indisunique and indimmediate
      and indisvalid and indisready and indislive
      and pg_get_indexdef(indexrelid) = ${definition}
      and not exists (
        select from pg_database where datname = current_database()
          and datcollversion is distinct from pg_database_collation_actual_version(oid))`,
  );
  return prove([held], (found) => found === 1n);
}

/**
 * That check constraints of a table, by their definitions, hold for each of its rows: like a unique
 * index they can't be turned off for a session, and one that was made for rows to come alone says
 * so in its definition. In a cluster all shards get and lose them with the table.
 */
export function proveChecked(table: string, ...definitions: readonly string[]): Proof {
  const held = sumOf(
    { from: sql`pg_constraint` },
    sql`count(distinct pg_get_constraintdef(oid)) filter (where
      conrelid = to_regclass(${`public.${table}`})
      and pg_get_constraintdef(oid) = any(${definitions}::text[]))`,
  );
  return prove([held], (found) => found === BigInt(definitions.length));
}
