import type postgres from 'postgres';
import { AppError } from '../base/index.ts';
import { applicationRole, connect, type DatabaseTarget } from './connect.ts';
import { advisoryLocks } from './locks.ts';
import { type Placed, placeTables } from './place-tables.ts';
import { sqlState } from './transaction.ts';

const howToInstall =
  'install Citus for this version of PostgreSQL on the server, add citus to ' +
  'shared_preload_libraries in postgresql.conf, and restart it';

/**
 * Spreads a migrated database over the nodes of a Citus cluster, as `tableKinds` says: all in one
 * transaction, so it is done or nothing is. What is in its place stays, so it may run again, for
 * instance after a release that brought new tables.
 * @returns what was put into its place now, by kind
 * @throws AppError `not_allowed` when the server has no Citus or the user may not use it,
 *   `conflict` while a panel is running on the database
 */
export async function distribute(target: DatabaseTarget): Promise<Placed> {
  const database = connect(target, { connectionsMax: 1, asOwner: true });
  try {
    await requireCitus(database.sql);
    await database.sql`select pg_advisory_lock(${advisoryLocks.schema})`;
    await requireNobody(database.sql);
    await createExtension(database.sql);
    await admitNodes(database.sql);
    const placed = await database.sql.begin((tx) => placeTables(tx));
    await freeLocalRows(database.sql, [...placed.reference, ...placed.distributed]);
    return placed;
  } finally {
    // Ending the session releases the lock, also after a failure.
    await database.close();
  }
}

async function requireCitus(sql: postgres.Sql<{ bigint: bigint }>): Promise<void> {
  const [found] = await sql<{ installed: boolean; loaded: string | null }[]>`
    select exists(select from pg_available_extensions where name = 'citus') as installed,
      current_setting('citus.version', true) as loaded`;
  if (!found?.installed) {
    throw new AppError(
      'not_allowed',
      `this PostgreSQL has no Citus extension, and nothing was changed; ${howToInstall}`,
    );
  }
  if (!found.loaded) {
    throw new AppError(
      'not_allowed',
      'Citus is installed but not loaded, and nothing was changed; add citus to ' +
        'shared_preload_libraries in postgresql.conf, and restart the server',
    );
  }
}

/** Who holds prepared statements of these tables would go on with the plans of before. */
async function requireNobody(sql: postgres.Sql<{ bigint: bigint }>): Promise<void> {
  const [others] = await sql<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and application_name = 'panelwright'
      and pid <> pg_backend_pid()`;
  if (others !== undefined && others.count > 0) {
    throw new AppError(
      'conflict',
      `Panelwright has ${others.count} connections to this database; stop all its processes first`,
    );
  }
}

/** Nodes call each other as whoever asks, which is the role that the panel works as. */
async function admitNodes(sql: postgres.Sql<{ bigint: bigint }>): Promise<void> {
  const [role] = await sql<{ open: boolean }[]>`
    select rolcanlogin as open from pg_roles where rolname = ${applicationRole}`;
  if (role?.open) return;
  try {
    await sql.unsafe(`alter role ${applicationRole} login`);
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    throw new AppError(
      'not_allowed',
      `the nodes call each other as ${applicationRole}; as a superuser run: ` +
        `alter role ${applicationRole} login`,
      { cause: error },
    );
  }
}

async function createExtension(sql: postgres.Sql<{ bigint: bigint }>): Promise<void> {
  try {
    await sql`create extension if not exists citus`;
  } catch (error) {
    if (sqlState(error) !== '42501') throw error;
    throw new AppError(
      'not_allowed',
      'the database user may not create the extension; as a superuser run in this database: ' +
        'create extension citus',
      { cause: error },
    );
  }
}

/** Rows that were copied to shards still take room on the coordinator, where none reads them. */
async function freeLocalRows(
  sql: postgres.Sql<{ bigint: bigint }>,
  tables: readonly string[],
): Promise<void> {
  for (const table of tables) {
    await sql`select truncate_local_data_after_distributing_table(${table})`;
  }
}
