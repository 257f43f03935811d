import { Kysely, type Transaction } from 'kysely';
import { PostgresJSDialect } from 'kysely-postgres-js';
import postgres, { type Options } from 'postgres';
import { AppError } from '../base/index.ts';
import type { Schema } from './schema.gen.ts';

/** Reads. A `Tx` satisfies it too, so a query works inside and outside a transaction. */
export type Db = Kysely<Schema>;
/** An open transaction. A `Db` is not assignable to it: a forgotten transaction won't compile. */
export type Tx = Transaction<Schema>;

/** Where a database is: a URL, or a host (also a socket's directory) and its parts. */
export type DatabaseTarget =
  | { url: string }
  | { host: string; port: number; user: string; password: string; database: string };

/** The role the server works as; it cannot rewrite append-only tables. */
export const applicationRole = 'panelwright_app';

/** One postgres.js pool and the Kysely instance on top of it. */
export type Database = {
  db: Db;
  sql: postgres.Sql<{ bigint: bigint }>;
  close: () => Promise<void>;
};

const connectTimeoutSeconds = 10;
const defaultPort = 5432;
const closeTimeoutSeconds = 5;
const statementTimeoutMs = 30_000;

/**
 * Opens a pool. Connections take the application role at once, so no statement of the server runs
 * with the owner's rights; `asOwner` keeps them, for migrations.
 */
export function connect(
  target: DatabaseTarget,
  options: { connectionsMax: number; asOwner?: boolean },
): Database {
  const sql = poolOf(target, {
    max: options.connectionsMax,
    types: { bigint: postgres.BigInt },
    connection: {
      application_name: 'panelwright',
      TimeZone: 'UTC',
      ...(options.asOwner ? {} : { role: applicationRole, statement_timeout: statementTimeoutMs }),
    },
  });
  const db = new Kysely<Schema>({ dialect: new PostgresJSDialect({ postgres: sql }) });
  return { db, sql, close: () => sql.end({ timeout: closeTimeoutSeconds }) };
}

/**
 * Refuses a database that could forget what it acknowledged: `fsync`, `synchronous_commit` and
 * `full_page_writes` must be on.
 * @throws AppError `not_allowed` naming the setting
 */
export async function checkDurability(database: Database): Promise<void> {
  const rows = await database.sql<{ name: string; setting: string; version: number }[]>`
    select name, setting, current_setting('server_version_num')::int as version from pg_settings
    where name in ('fsync', 'synchronous_commit', 'full_page_writes')`;
  for (const row of rows) {
    if (row.setting === 'off') {
      throw new AppError(
        'not_allowed',
        `the database runs with ${row.name} = off and could lose money; turn it on`,
      );
    }
    if (row.version < 150_000) {
      throw new AppError('not_allowed', 'PostgreSQL 15 or newer is needed');
    }
  }
}

/** A postgres.js pool at a target, with what all pools of the server share. */
export function poolOf<T extends Record<string, postgres.PostgresType>>(
  target: DatabaseTarget,
  options: Options<T>,
) {
  const settings = { connect_timeout: connectTimeoutSeconds, onnotice: () => {}, ...options };
  if (!('url' in target)) return postgres({ ...settings, ...target });
  const url = parseUrl(target.url);
  // A socket's directory stands in the query, as libpq has it; postgres.js takes it as an option.
  const socketDir = url.searchParams.get('host');
  if (socketDir === null) return postgres(url.href, settings);
  url.searchParams.delete('host');
  return postgres(url.href, {
    ...settings,
    host: socketDir,
    port: Number(url.port || defaultPort),
  });
}

function parseUrl(text: string): URL {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) {
    throw new AppError(
      'invalid_input',
      'DATABASE_URL must look like postgres://user:password@host:5432/database',
    );
  }
  return new URL(text);
}
