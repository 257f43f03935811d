import { sql } from 'kysely';
import { type Check, connect, runChecks } from '../src/db/index.ts';
import { verify } from '../src/system/index.ts';
import { dropDatabase, isSpread, type TestPanel, testServer } from './harness.ts';
import { withDatabase } from './server-url.ts';

/** Plants damage in a copy of a panel's database, one after the other and never for good. */
export type DamageLab = {
  /** The names of the checks that report something where these statements were run. */
  withDamage: (damage: string) => Promise<string[]>;
  close: () => Promise<void>;
};

/**
 * Opens a lab. A database is copied only while nobody is connected, so the panel's connections are
 * cut.
 */
export async function openDamageLab(panel: TestPanel): Promise<DamageLab> {
  const original = nameOf(panel.databaseUrl);
  const copy = `${original}_copy`;
  const url = withDatabase(testServer(), copy);
  const admin = connect({ url: testServer() }, { connectionsMax: 1, asOwner: true });
  await admin.sql.unsafe(`alter database ${original} allow_connections false`);
  await admin.sql`select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where datname = ${original}`;
  await admin.sql.unsafe(`create database ${copy} template ${original}`);
  await admin.sql.unsafe(`alter database ${original} allow_connections true`);
  await admin.close();
  const owner = connect({ url }, { connectionsMax: 1, asOwner: true, isCluster: isSpread });
  await owner.sql.unsafe(withoutConstraints);
  return {
    withDamage: async (damage) => {
      const undone = new Error('the damage is undone');
      let broken: string[] = [];
      const trial = owner.db.transaction().execute(async (tx) => {
        for (const statement of damage.split(';')) {
          if (statement.trim() !== '') await sql.raw(statement).execute(tx);
        }
        broken = (await verify(tx)).broken.map((row) => row.check);
        throw undone;
      });
      await trial.catch((error: unknown) => {
        if (error !== undone) throw error;
      });
      return broken;
    },
    close: async () => {
      await owner.close();
      await dropDatabase(url);
    },
  };
}

/** Those of some checks with a proof that had to look at rows all the same. */
export async function withoutProof(panel: TestPanel, checks: readonly Check[]): Promise<string[]> {
  const asked = checks.map((check) => ({
    ...check,
    broken: sql<{ subject: string; detail: string }>`select 'all' as subject, 'asked' as detail`,
  }));
  const { broken } = await runChecks(
    panel.app.db,
    asked.filter(({ proof }) => proof),
  );
  return broken.map((row) => row.check);
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

/**
 * Constraints are out of the way of damage; unique indexes are dropped by who has to. The shards of
 * a cluster, whose names end in a number, lose theirs with the table; and it would make tables anew
 * that no key ties to it any more.
 */
const withoutConstraints = `
  set citus.enable_local_reference_table_foreign_keys to off;
  do $$ declare found record; begin
    for found in select conrelid::regclass as held_by, conname from pg_constraint
      where contype in ('c', 'f') and connamespace = 'public'::regnamespace
        and conparentid = 0 and coninhcount = 0 and conrelid::regclass::text !~ '_[0-9]{6,}$'
    loop
      execute format('alter table %s drop constraint %I', found.held_by, found.conname);
    end loop;
  end $$`;
