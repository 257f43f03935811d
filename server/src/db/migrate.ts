import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { sql as statement } from 'kysely';
import { AppError, type Clock } from '../base/index.ts';
import {
  applicationRole,
  checkDurability,
  connect,
  type DatabaseTarget,
  type Db,
} from './connect.ts';
import { advisoryLocks } from './locks.ts';
import { isDistributed, placeTables } from './place-tables.ts';
import { splitStatements } from './statements.ts';
import { inTransaction, sqlState } from './transaction.ts';

const migrationsFolder = new URL('../../migrations/', import.meta.url);
type Migration = { name: string; text: string; checksum: string };

/**
 * Brings the database to this release's schema, forward only, each file in a transaction of its own
 * under one lock. Safe when several servers start at once. In a cluster new tables are put into
 * their places, also those of a process that died before it had put them there.
 * @returns the names of the migrations applied now
 * @throws AppError `conflict` when the database is newer than this release or a landed file
 *   changed, `not_allowed` before anything is when it is not durable or too old
 */
export async function migrate(target: DatabaseTarget, clock: Clock): Promise<string[]> {
  const database = connect(target, { connectionsMax: 1, asOwner: true });
  const sql = database.sql;
  try {
    await checkDurability(database);
    await createApplicationRole(sql);
    await sql`select pg_advisory_lock(${advisoryLocks.schema})`;
    await sql`create table if not exists migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null)`;
    const applied = await sql<{ name: string; checksum: string }[]>`
      select name, checksum from migrations order by name`;
    const pending = pendingMigrations(await readMigrations(), applied);
    // Each waits for no disk: the last statement is committed after them and waits for all.
    await sql`set synchronous_commit = off`;
    const isSpread = await isDistributed(sql);
    for (const migration of pending) {
      if (isSpread) await applyApart(database.db, migration, clock.now());
      else await sql.unsafe(wholeOf(migration, clock.now())).simple();
    }
    await sql`set synchronous_commit = on`;
    if (isSpread) await sql.begin((tx) => placeTables(tx));
    await sql.unsafe(`grant select on migrations to ${applicationRole}`);
    return pending.map((migration) => migration.name);
  } finally {
    // Ending the session releases the lock, also after a failure.
    await database.close();
  }
}

/**
 * A migration and that it was applied, in one transaction. It is one message, and nothing comes
 * after it: what follows on a session that broke in between would crash the process, and one that
 * is not committed is rolled back as the session ends.
 */
function wholeOf({ name, text, checksum }: Migration, at: Date): string {
  const values = [name, checksum, at.toISOString()].map(
    (value) => `'${value.replaceAll("'", "''")}'`,
  );
  return `begin;\n${text}\n;insert into migrations values (${values.join(', ')});\ncommit;`;
}

/**
 * The same statement by statement, in a session that can break: a cluster refuses most that alters
 * its tables in a message of several. Elsewhere it would take an empty panel some 100 ms longer.
 */
async function applyApart(db: Db, migration: Migration, at: Date): Promise<void> {
  const { name, checksum } = migration;
  await inTransaction(db, async (tx) => {
    // New tables are put into their places at the end; those with a column that counts could not
    // be moved once Citus has taken them in for their foreign keys.
    const statements = [
      'set local citus.enable_local_reference_table_foreign_keys to off',
      ...splitStatements(migration.text),
    ];
    for (const text of statements) await statement.raw(text).execute(tx);
    await statement`insert into migrations values (${name}, ${checksum}, ${at})`.execute(tx);
  });
}

/** The migrations this release ships, in order. */
async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, migrationsFolder), 'utf8');
      return { name, text, checksum: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

function pendingMigrations(
  shipped: Migration[],
  applied: readonly { name: string; checksum: string }[],
): Migration[] {
  const byName = new Map(shipped.map((migration) => [migration.name, migration]));
  for (const row of applied) {
    const migration = byName.get(row.name);
    if (migration === undefined) {
      throw new AppError(
        'conflict',
        `the database has migration ${row.name}, which this release lacks; run a newer release`,
      );
    }
    if (migration.checksum !== row.checksum) {
      throw new AppError('conflict', `migration ${row.name} was changed after it was applied`);
    }
  }
  const done = new Set(applied.map((row) => row.name));
  return shipped.filter((migration) => !done.has(migration.name));
}

/** The role belongs to the whole server, not to one database: another database may have made it. */
async function createApplicationRole(sql: ReturnType<typeof connect>['sql']): Promise<void> {
  const [row] = await sql<{ found: boolean; member: boolean }[]>`
    select exists(select from pg_roles where rolname = ${applicationRole}) as found,
      exists(select from pg_roles where rolname = ${applicationRole}
        and pg_has_role(current_user, oid, 'member')) as member`;
  try {
    if (!row?.found) await sql.unsafe(`create role ${applicationRole} nologin`);
    if (!row?.member) await sql.unsafe(`grant ${applicationRole} to current_user`);
  } catch (error) {
    // Someone else made it at the same moment.
    if (!['42710', '23505'].includes(sqlState(error))) {
      throw new AppError(
        'not_allowed',
        `the database user cannot create the role ${applicationRole}; as a superuser run: ` +
          `create role ${applicationRole} nologin; grant ${applicationRole} to <user>`,
        { cause: error },
      );
    }
  }
}

/** Whether a migrated database was spread over the nodes of a cluster. */
export async function isSpread(target: DatabaseTarget): Promise<boolean> {
  const database = connect(target, { connectionsMax: 1, asOwner: true });
  try {
    return await isDistributed(database.sql);
  } finally {
    await database.close();
  }
}
