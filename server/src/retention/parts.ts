import { sql } from 'kysely';
import { assert } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { type History, histories, type Part, parseBounds } from './rules.ts';

/** The parts of all histories, the oldest first. Asks the catalog alone. */
export async function readParts(db: Db): Promise<Part[]> {
  const found = await sql<Omit<Part, 'from' | 'until'> & { bounds: string }>`
    select p.relname as history, c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bounds,
      pg_total_relation_size(c.oid)::bigint as bytes, greatest(c.reltuples, 0)::bigint as rows
    from pg_inherits i
    join pg_class p on p.oid = i.inhparent and p.relnamespace = 'public'::regnamespace
      and p.relname = any(${histories}::text[])
    join pg_class c on c.oid = i.inhrelid`.execute(db);
  return found.rows
    .flatMap(({ bounds, ...part }) => {
      if (bounds === 'DEFAULT') return [];
      const times = parseBounds(bounds);
      assert(times !== undefined, `the bounds of ${part.name} are read: ${bounds}`);
      return [{ ...part, ...times }];
    })
    .sort(
      (one, other) =>
        one.until.getTime() - other.until.getTime() ||
        histories.indexOf(one.history) - histories.indexOf(other.history),
    );
}

/** Up to when rows of a history may be gone; null where none are. */
export async function readDroppedUntil(db: Db, history: History): Promise<Date | null> {
  const found = await sql<{ until: Date | null }>`
    select max(until_time) as until from archived_months where history = ${history}`.execute(db);
  return found.rows[0]?.until ?? null;
}
