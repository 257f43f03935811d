import { addAbortListener } from 'node:events';
import { Kysely, sql, type Transaction } from 'kysely';
import { PostgresJSDialect } from 'kysely-postgres-js';
import postgres, { type Options } from 'postgres';
import { AppError } from '../base/index.ts';
import { arrayTypes } from './array-types.ts';
import { clusterMark } from './cluster.ts';
import { momentType } from './moments.ts';
import type { Schema } from './schema.gen.ts';
import { createSessionPool, type SessionPool } from './sessions.ts';

/** Reads. A `Tx` satisfies it too, so a query works inside and outside a transaction. */
export type Db = Kysely<Schema>;
/** An open transaction. A `Db` is not assignable to it: a forgotten transaction won't compile. */
export type Tx = Transaction<Schema>;

/** Where a database is: a URL, or a host (also a socket's directory) and its parts. */
export type DatabaseTarget = (
  | { url: string }
  | { host: string; port: number; user: string; password: string; database: string }
) & {
  /** Ends every connection to it at once, and each that is opened later. */
  signal?: AbortSignal | undefined;
};

/** The role the server works as; it cannot rewrite append-only tables. */
export const applicationRole = 'panelwright_app';

/** What the server's sessions are called; those of migrations, backups and restores are not. */
export const applicationName = 'panelwright';

/** Kysely for all that the server does, and a plain pool for what it can't say. */
export type Database = {
  db: Db;
  /**
   * For keys, statuses and balances of the API, with sessions of their own: while the disk is slow,
   * all of `db`'s wait for it to store what they commit.
   */
  reads: Db;
  /** Opens no connection until it is used. */
  sql: Client;
  close: () => Promise<void>;
};

/** What is added to the types postgres.js knows: whole numbers as bigint, moments of any year. */
type Types = { bigint: postgres.PostgresType<bigint> };
type Client = postgres.Sql<{ bigint: bigint }>;

/** Sums of `int8` are `numeric`. None that is read has decimals; with some its statement fails. */
const wholeType = { to: 1700, from: [1700], serialize: String, parse: BigInt };

/** So that two kinds of reads seldom wait for each other; a third of all sessions at most. */
const readSessionsMax = 3;
const connectTimeoutSeconds = 10;
const defaultPort = 5432;
const closeTimeoutSeconds = 5;
/** The longest that a statement may take. */
export const statementTimeoutMs = 30_000;
/**
 * Transactions take milliseconds and wait for nothing but the database. A process that sleeps in
 * the middle of one (a paused machine, a stopped container) gives its locks back after this.
 */
const idleTransactionMs = 10_000;

/**
 * Opens a pool. Connections take the application role at once, so no statement of the server runs
 * with the owner's rights; `asOwner` keeps them, for migrations.
 */
export function connect(
  target: DatabaseTarget,
  options: {
    connectionsMax: number;
    asOwner?: boolean;
    /** The tables are spread over a cluster. */
    isCluster?: boolean;
    /** Told of every statement of `db` and `reads` that failed. */
    onError?: (error: unknown) => void;
  },
): Database {
  const limits = {
    application_name: applicationName,
    role: applicationRole,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleTransactionMs,
  };
  const settings = {
    connection: {
      TimeZone: 'UTC',
      // Pages are in memory or on a disk without an arm. At 4, PostgreSQL's own, a young table is
      // read whole for a few rows, by a plan that is kept until the table is analysed again.
      random_page_cost: 1.1,
      // Else what has read many shards may not write to what is on every node after that.
      ...(options.isCluster ? { 'citus.multi_shard_modify_mode': 'sequential' } : {}),
      ...(options.asOwner ? { application_name: `${applicationName}-owner` } : limits),
    },
  };
  const sessionsOf = (sessionsMax: number) =>
    createSessionPool(
      (onclose) => poolOf(target, { ...settings, max: 1, max_lifetime: null, onclose }),
      { sessionsMax, endTimeoutSeconds: closeTimeoutSeconds },
    );
  const readsMax = Math.min(readSessionsMax, Math.floor(options.connectionsMax / 3));
  const sessions = sessionsOf(options.connectionsMax - readsMax);
  const readSessions = readsMax === 0 ? sessions : sessionsOf(readsMax);
  const pool = poolOf(target, {
    ...settings,
    max: options.connectionsMax,
    // An owner's session may hold a lock for hours, by which it takes turns with others.
    ...(options.asOwner ? { max_lifetime: null } : {}),
  });
  const kysely = (of: SessionPool) => {
    // Of a postgres.js pool the dialect uses `reserve` and `end`, and tells it by being a function.
    const reservable = Object.assign(() => {}, of) as unknown as postgres.Sql;
    return new Kysely<Schema>({
      dialect: new PostgresJSDialect({ postgres: reservable }),
      plugins: options.isCluster ? [clusterMark] : [],
      log: (event) => {
        if (event.level === 'error') options.onError?.(event.error);
      },
    });
  };
  return {
    db: kysely(sessions),
    reads: kysely(readSessions),
    sql: pool,
    close: async () => {
      const pools = [sessions.end(), readSessions.end()];
      await Promise.all([...pools, pool.end({ timeout: closeTimeoutSeconds })]);
    },
  };
}

/**
 * Refuses a database that could forget what it acknowledged (`fsync`, `synchronous_commit` and
 * `full_page_writes` must be on), and one that is too old.
 * @throws AppError `not_allowed` naming the setting or the version
 */
export async function checkDurability(database: Database): Promise<void> {
  const found = await database.sql<{ name: string; setting: string; version: number }[]>`
    select name, setting, current_setting('server_version_num')::int as version from pg_settings
    where name in ('fsync', 'synchronous_commit', 'full_page_writes')`;
  for (const row of found) {
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

/** How many connections a database allows to all who use it, superusers' own not counted. */
export async function readConnectionsMax(target: DatabaseTarget): Promise<number> {
  const database = connect(target, { connectionsMax: 1, asOwner: true });
  try {
    const found = await sql<{ allowed: number }>`
      select current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int as allowed`.execute(database.db);
    return found.rows[0]?.allowed ?? 0;
  } finally {
    await database.close();
  }
}

/** A postgres.js pool at a target, with what all pools of the server share. */
export function poolOf(target: DatabaseTarget, options: Options<Types>): Client {
  const pool = openPool(target, options);
  const { signal } = target;
  if (signal !== undefined) addAbortListener(signal, () => void pool.end({ timeout: 0 }));
  return pool;
}

function openPool(target: DatabaseTarget, options: Options<Types>): Client {
  const settings = {
    connect_timeout: connectTimeoutSeconds,
    onnotice: () => {},
    ...options,
    fetch_types: false,
    // Its keys name helpers, of which one is used.
    types: {
      ...{ bigint: postgres.BigInt, whole: wholeType, date: momentType },
      ...arrayTypes,
    } as unknown as Types,
  };
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
