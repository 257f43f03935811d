import { connect } from '../src/db/index.ts';
import { verify } from '../src/runtime/index.ts';
import { dropDatabase, type TestPanel, testServer } from './harness.ts';
import { withDatabase } from './server-url.ts';

/** Plants damage in copies of a panel's database. */
export type DamageLab = {
  /** The names of the checks that report something about a copy in which this was done. */
  withDamage: (damage: string) => Promise<string[]>;
  close: () => Promise<void>;
};

/** Opens a lab. A database is copied only while nobody is connected: till close the panel rests. */
export async function openDamageLab(panel: TestPanel): Promise<DamageLab> {
  const original = nameOf(panel.databaseUrl);
  const admin = connect({ url: testServer() }, { connectionsMax: 1, asOwner: true });
  await admin.sql.unsafe(`alter database ${original} allow_connections false`);
  await admin.sql`select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where datname = ${original}`;
  return {
    withDamage: async (damage) => {
      const copy = `${original}_copy`;
      const url = withDatabase(testServer(), copy);
      await admin.sql.unsafe(`create database ${copy} template ${original}`);
      const owner = connect({ url }, { connectionsMax: 1, asOwner: true });
      try {
        await owner.sql.unsafe(withoutConstraints);
        await owner.sql.unsafe(damage);
        return (await verify(owner.db)).broken.map((row) => row.check);
      } finally {
        await owner.close();
        await dropDatabase(url);
      }
    },
    close: async () => {
      await admin.sql.unsafe(`alter database ${original} allow_connections true`);
      await admin.close();
    },
  };
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

/** Constraints are out of the way of damage; unique indexes are dropped by who has to. */
const withoutConstraints = `
  do $$ declare found record; begin
    for found in select conrelid::regclass as held_by, conname from pg_constraint
      where contype in ('c', 'f') and connamespace = 'public'::regnamespace
    loop
      execute format('alter table %s drop constraint %I', found.held_by, found.conname);
    end loop;
  end $$`;
