import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { Db } from '../db/index.ts';

/** What the panel runs on, and how it does. */
export type SystemFacts = {
  /** The panel's own version, and Node's. */
  panel: string;
  node: string;
  postgres: string;
  /** The schema's newest migration, and when it was applied. */
  migration: { name: string; appliedAt: Date };
  migrations: number;
  databaseBytes: bigint;
  /** The ten largest, with their indexes; rows as the planner estimates them. */
  tables: { name: string; bytes: bigint; rows: bigint }[];
  /** To the whole server: those of other databases too, as far as they count. */
  connections: { used: number; max: number };
  tasks: WorkerTask[];
};

/** A task of the worker, as whoever ran it last left it. */
export type WorkerTask = {
  name: string;
  startedAt: Date;
  tookMs: number;
  /** When it last failed, and why; null and empty for never. */
  failedAt: Date | null;
  failure: string;
};

const tablesShown = 10;

const panelVersion = String(
  Reflect.get(
    Object(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))),
    'version',
  ),
);

/** Reads what the panel runs on. It asks the catalog alone, and counts no rows. */
export async function readSystemFacts(db: Db): Promise<SystemFacts> {
  const [server, tables, tasks] = await Promise.all([
    sql<Server>`
      select current_setting('server_version') as postgres,
        pg_database_size(current_database())::bigint as "databaseBytes",
        (select sum(numbackends)::int from pg_stat_database) as used,
        current_setting('max_connections')::int as max,
        (select count(*)::int from migrations) as migrations, m.name, m.applied_at as "appliedAt"
      from (select name, applied_at from migrations order by name desc limit 1) m`.execute(db),
    sql<SystemFacts['tables'][number]>`
      select coalesce(p.inhparent, c.oid)::regclass::text as name,
        sum(pg_total_relation_size(c.oid))::bigint as bytes,
        sum(greatest(c.reltuples, 0))::bigint as rows
      from pg_class c left join pg_inherits p on p.inhrelid = c.oid
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
      group by 1 order by bytes desc, name limit ${tablesShown}::int`.execute(db),
    db
      .selectFrom('worker_tasks')
      .select(['name', 'started_at as startedAt', 'took_ms as tookMs'])
      .select(['failed_at as failedAt', 'failure'])
      .orderBy('name')
      .execute(),
  ]);
  const [row] = server.rows;
  if (row === undefined) throw new Error('a migrated database has a migration');
  const { postgres, databaseBytes, used, max, migrations, ...migration } = row;
  return {
    panel: panelVersion,
    node: process.versions.node,
    postgres,
    migration,
    migrations,
    databaseBytes,
    tables: tables.rows,
    connections: { used, max },
    tasks,
  };
}

type Server = {
  postgres: string;
  databaseBytes: bigint;
  used: number;
  max: number;
  migrations: number;
  name: string;
  appliedAt: Date;
};
