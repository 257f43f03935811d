import { sql } from 'kysely';
import { assert } from '../base/index.ts';
import { type Db, isCluster } from '../db/index.ts';
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
  const shards = isCluster(db) ? await readShards(db) : new Map<string, Size>();
  return found.rows
    .flatMap(({ bounds, ...part }) => {
      if (bounds === 'DEFAULT') return [];
      const times = parseBounds(bounds);
      assert(times !== undefined, `the bounds of ${part.name} are read: ${bounds}`);
      return [{ ...part, ...shards.get(part.name), ...times }];
    })
    .sort(
      (one, other) =>
        one.until.getTime() - other.until.getTime() ||
        histories.indexOf(one.history) - histories.indexOf(other.history),
    );
}

type Size = Pick<Part, 'bytes' | 'rows'>;

/** What is in the shards of each part, on whichever nodes, whose own table is empty. */
async function readShards(db: Db): Promise<ReadonlyMap<string, Size>> {
  // Shards have the name of their table and a number.
  const found = await sql<Size & { name: string }>`
    select regexp_replace(shard.name, '_\\d+$', '') as name, sum(shard.bytes)::bigint as bytes,
      sum(shard.rows)::bigint as rows
    from run_command_on_all_nodes($$
      select coalesce(json_agg(json_build_object('name', relname,
        'bytes', pg_total_relation_size(oid), 'rows', greatest(reltuples, 0)::bigint)), '[]')
      from pg_class where relkind = 'r' and relname ~ '^(order|delivery)_events_.*_\\d{6,}$'
    $$) node
    cross join lateral jsonb_to_recordset(node.result::jsonb)
      as shard (name text, bytes bigint, rows bigint)
    group by 1`.execute(db);
  return new Map(found.rows.map(({ name, ...size }) => [name, size]));
}

/** Up to when rows of a history may be gone; null where none are. */
export async function readDroppedUntil(db: Db, history: History): Promise<Date | null> {
  const found = await sql<{ until: Date | null }>`
    select max(until_time) as until from archived_months where history = ${history}`.execute(db);
  return found.rows[0]?.until ?? null;
}
