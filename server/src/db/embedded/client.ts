import { readFileSync } from 'node:fs';
import postgres from 'postgres';
import { type Layout, socketPort } from './layout.ts';

/** How to connect. `host` is a directory with a Unix socket, as postgres.js takes it. */
export type ConnectionTarget = {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
};

export const superuser = 'panelwright';
const databaseName = 'panelwright';

/**
 * A connection held open for as long as this process uses the server. Others see by its name that
 * somebody stays, even while that somebody's pool is idle and empty; and by its loss we learn at
 * once that the server has gone.
 */
export type Keeper = postgres.Sql;

/** Names in `pg_stat_activity`. A process that leaves renames its keeper and counts no more. */
export const keeperName = 'panelwright keeper';
export const leaverName = 'panelwright leaving';

/** The target of a cluster whose postmaster says its socket is in `socketDir`. */
export function readTarget(layout: Layout, socketDir: string): ConnectionTarget {
  const password = readFileSync(layout.passwordFile, 'utf8').trim();
  return { host: socketDir, port: socketPort, user: superuser, password, database: databaseName };
}

/**
 * Connects once, creating the database when it is missing. Answers undefined while the server is
 * not taking connections (starting, recovering, shutting down), so that the caller asks again.
 * `onLost` is called when the connection closes later, for whatever reason.
 */
export async function openKeeper(
  target: ConnectionTarget,
  onLost: () => void,
): Promise<Keeper | undefined> {
  let opened = false;
  const keeper = connect(target, keeperName, () => {
    if (opened) onLost();
  });
  try {
    await keeper`select 1`;
    opened = true;
    return keeper;
  } catch (error) {
    await keeper.end({ timeout: 0 });
    if (errorCode(error) === missingDatabase) await createDatabase(target);
    else if (!notYet.has(errorCode(error))) throw error;
    return undefined;
  }
}

const missingDatabase = '3D000';

/** Errors of a server that is on its way up or down. Anything else (a password) never passes. */
const notYet = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '53300', // too_many_connections
]);

const alreadyCreated = new Set(['42P04', '23505', '55006']);

async function createDatabase(target: ConnectionTarget): Promise<void> {
  const sql = connect({ ...target, database: 'postgres' }, leaverName);
  try {
    await sql`create database ${sql(target.database)}`;
  } catch (error) {
    // Another start may be creating it at this moment; the caller asks again either way.
    if (!alreadyCreated.has(errorCode(error)) && !notYet.has(errorCode(error))) throw error;
  } finally {
    await sql.end({ timeout: 0 });
  }
}

function connect(target: ConnectionTarget, name: string, onclose = () => {}): postgres.Sql {
  return postgres({
    ...target,
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 10,
    fetch_types: false,
    onnotice() {},
    onclose,
    connection: { application_name: name },
  });
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
