import { sql } from 'kysely';
import { countOf, type Proof, prove } from './sums.ts';

/**
 * That no two rows are the same in what an index is unique by, shown by the index: PostgreSQL
 * writes no row that it has already, whoever writes it; triggers and keys to other tables can
 * be turned off for a session, this can't. As one that is valid it held for all rows that there
 * were, and has held for all since. Whether it is the one that is meant its whole definition says:
 * in a cluster, where no shard sees another's rows, that of an index which is unique over all
 * customers is another (`globalIndexes`), and rows are looked at.
 */
export function proveUnique(index: {
  name: string;
  table: string;
  columns: string;
  where: string;
}): Proof {
  const { name, table, columns, where } = index;
  const definition =
    `CREATE UNIQUE INDEX ${name} ON public.${table} ` + `USING btree (${columns}) WHERE (${where})`;
  const held = countOf(
    { from: sql`pg_index` },
    sql`indexrelid = to_regclass(${`public.${name}`}) and indisunique and indimmediate
      and indisvalid and indisready and indislive
      and pg_get_indexdef(indexrelid) = ${definition}`,
  );
  return prove([held], (found) => found === 1n);
}
