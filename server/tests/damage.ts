import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { CustomerId } from '../src/base/index.ts';
import { type Check, checkPart, connect, runChecks, sqlState, type Tx } from '../src/db/index.ts';
import { customerChecks, verify } from '../src/system/index.ts';
import { dropDatabase, isSpread, type TestPanel, testServer } from './harness.ts';
import { withDatabase } from './server-url.ts';

/** Plants damage in a copy of a panel's database, one after the other and never for good. */
export type DamageLab = {
  /**
   * The names of the checks that report something where these statements were run. The same has to
   * be found by who knows what the rows came to before, and in a part by those that look at parts.
   */
  withDamage: (damage: string) => Promise<string[]>;
  close: () => Promise<void>;
};

/** Opens a lab. The panel's connections are cut. */
export async function openDamageLab(panel: TestPanel): Promise<DamageLab> {
  const url = await copyDatabase(panel);
  const owner = connect({ url }, { connectionsMax: 1, asOwner: true, isCluster: isSpread });
  const close = async () => {
    await owner.close();
    await dropDatabase(url);
  };
  try {
    // It would make tables anew that no key ties to it any more.
    await owner.sql`set citus.enable_local_reference_table_foreign_keys to off`;
    await owner.sql.unsafe(withoutConstraints(isSpread ? ['f', 'c'] : ['f']));
    await verifyBefore(url);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    withDamage: async (damage) => {
      const undone = new Error('the damage is undone');
      let broken: string[] = [];
      const trial = owner.db.transaction().execute(async (tx) => {
        await plant(tx, damage);
        broken = (await verify(tx)).broken.map((row) => row.check);
        const known = await verify(tx, { parts: { now: verifiedAt } });
        assert.deepEqual(
          known.broken.map((row) => row.check),
          broken,
          'of what is not known',
        );
        await comparePart(tx, broken);
        throw undone;
      });
      await trial.catch((error: unknown) => {
        if (error !== undone) throw error;
      });
      return broken;
    },
    close,
  };
}

/** Keeps what each part of the tables comes to. */
async function verifyBefore(url: string): Promise<void> {
  const database = connect({ url }, { connectionsMax: 2, isCluster: isSpread });
  await verify(database.db, { parts: { now: verifiedAt } });
  await database.close();
}
const verifiedAt = new Date('2031-01-01T00:00:00Z');

/** What a check constraint forbids is planted without any: they are what some proofs go by. */
async function plant(tx: Tx, damage: string): Promise<void> {
  const run = async () => {
    for (const statement of damage.split(';')) {
      if (statement.trim() !== '') await sql.raw(statement).execute(tx);
    }
  };
  await sql`savepoint intact`.execute(tx);
  try {
    await run();
  } catch (error) {
    if (sqlState(error) !== checkViolation) throw error;
    await sql`rollback to savepoint intact`.execute(tx);
    await sql.raw(withoutConstraints(['c'])).execute(tx);
    await run();
  }
}
const checkViolation = '23514';

type Key = { customerId: CustomerId; id: bigint };

/** Of a part to which all rows belong, checks that look at parts find what they find of all. */
async function comparePart(tx: Tx, broken: readonly string[]): Promise<void> {
  const keysOf = async (...selects: string[]) =>
    (await sql<Key>`${sql.raw(selects.join(' union '))}`.execute(tx)).rows;
  const of = (table: string, id: string) =>
    `select customer_id as "customerId", ${id} as id from ${table}`;
  const customers = await keysOf('select id as "customerId", null::bigint as id from customers');
  const transfers = await keysOf(of('transfers', 'number'));
  const withOrder = ['order_events', 'deliveries', 'cancels'].map((name) => of(name, 'order_id'));
  const found = await checkPart(tx, customerChecks, {
    customers: customers.map(({ customerId }) => customerId),
    transfers: transfers.map(({ customerId, id }) => ({ customerId, number: id })),
    orders: await keysOf(of('orders', 'id'), ...withOrder),
    payments: await keysOf(of('payments', 'id')),
  });
  const names = new Set(customerChecks.filter(({ part }) => part !== null).map((one) => one.name));
  // In a part the last transfer stands for all of them, whose number tells of a gap as well.
  if (broken.includes('balance_after_chains')) names.delete('cached_balance_equals_transfers');
  const known = (list: readonly string[]) =>
    [...new Set(list)].filter((name) => names.has(name)).sort();
  assert.deepEqual(known(found.map(({ check }) => check)), known(broken), 'of a part');
}

/**
 * A copy of a panel's database; the caller drops it. It is made only while nobody is connected, so
 * the panel's connections are cut.
 */
export async function copyDatabase(panel: TestPanel): Promise<string> {
  const original = nameOf(panel.databaseUrl);
  const copy = `${original}_copy`;
  const admin = connect({ url: testServer() }, { connectionsMax: 1, asOwner: true });
  try {
    await admin.sql.unsafe(`alter database ${original} allow_connections false`);
    await admin.sql`select pg_terminate_backend(pid, 10000) from pg_stat_activity
      where datname = ${original}`;
    await admin.sql.unsafe(`create database ${copy} template ${original}`);
  } finally {
    await admin.sql.unsafe(`alter database ${original} allow_connections true`);
    await admin.close();
  }
  return withDatabase(testServer(), copy);
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
 * a cluster, whose names end in a number, lose theirs with the table.
 */
const withoutConstraints = (kinds: readonly ('c' | 'f')[]) => `
  do $$ declare found record; begin
    for found in select conrelid::regclass as held_by, conname from pg_constraint
      where contype in (${kinds.map((kind) => `'${kind}'`).join(', ')})
        and connamespace = 'public'::regnamespace
        and conparentid = 0 and coninhcount = 0 and conrelid::regclass::text !~ '_[0-9]{6,}$'
    loop
      execute format('alter table %s drop constraint %I', found.held_by, found.conname);
    end loop;
  end $$`;
