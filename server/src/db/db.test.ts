import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { cloneDatabase, dropDatabase } from '../../tests/harness.ts';
import {
  advisoryLocks,
  applicationRole,
  type Change,
  checkDurability,
  connect,
  constraintName,
  type Database,
  inTransaction,
  listenForChanges,
  notifyChange,
} from './index.ts';

let url: string;
let owner: Database;
let database: Database;

before(async () => {
  url = await cloneDatabase();
  owner = connect({ url }, { connectionsMax: 2, asOwner: true });
  database = connect({ url }, { connectionsMax: 2 });
});

after(async () => {
  await database.close();
  await owner.close();
  await dropDatabase(url);
});

test('each advisory lock has a number of its own', () => {
  const numbers = Object.values(advisoryLocks);
  assert.equal(new Set(numbers).size, numbers.length);
});

/** A queue of what a listener hears, to wait for without sleeping. */
function createInbox() {
  const waiting: ((event: string) => void)[] = [];
  const heard: string[] = [];
  return {
    put: (event: string) => {
      const next = waiting.shift();
      if (next === undefined) heard.push(event);
      else next(event);
    },
    take: (): Promise<string> => {
      const event = heard.shift();
      return event === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(event);
    },
  };
}

test('the server works as the application role and hides nothing behind the owner', async () => {
  const [row] = await database.sql`select current_user as role`;
  assert.equal(row?.role, applicationRole);
});

test('a change is heard when its transaction commits, and not when it rolls back', async () => {
  const inbox = createInbox();
  const listener = await listenForChanges(
    { url },
    {
      onChange: (change: Change) => inbox.put(JSON.stringify(change)),
      onConnect: () => inbox.put('connected'),
      onDisconnect: () => inbox.put('disconnected'),
    },
  );
  assert.equal(await inbox.take(), 'connected');
  const rolledBack = inTransaction(database.db, async (tx) => {
    await notifyChange(tx, { kind: 'customer', customerId: 1 });
    throw new Error('no');
  });
  await assert.rejects(rolledBack, /no/);
  await inTransaction(database.db, (tx) => notifyChange(tx, { kind: 'catalog' }));
  assert.equal(await inbox.take(), '{"kind":"catalog"}');
  await listener.stop();
});

test('a listener that loses its connection says so and listens again', async () => {
  const inbox = createInbox();
  const listener = await listenForChanges(
    { url },
    {
      onChange: (change: Change) => inbox.put(change.kind),
      onConnect: () => inbox.put('connected'),
      onDisconnect: () => inbox.put('disconnected'),
    },
  );
  assert.equal(await inbox.take(), 'connected');
  for (let round = 0; round < 2; round += 1) {
    await owner.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'listen %'`;
    assert.equal(await inbox.take(), 'disconnected');
    assert.equal(await inbox.take(), 'connected');
  }
  await inTransaction(database.db, (tx) => notifyChange(tx, { kind: 'customer', customerId: 7 }));
  assert.equal(await inbox.take(), 'customer');
  await listener.stop();
});

test('a database that could forget a commit is refused', async () => {
  await owner.sql.unsafe(
    `alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`,
  );
  const careless = connect({ url }, { connectionsMax: 1 });
  await assert.rejects(checkDurability(careless), /synchronous_commit = off/);
  await careless.close();
  await checkDurability(database);
});

test('a deadlock is tried again, another error is not', async () => {
  let attempts = 0;
  const result = await inTransaction(database.db, async (tx) => {
    attempts += 1;
    if (attempts < 3) await sql`do $$ begin raise sqlstate '40P01'; end $$`.execute(tx);
    return 'done';
  });
  assert.deepEqual([result, attempts], ['done', 3]);
  attempts = 0;
  const failing = inTransaction(database.db, async (tx) => {
    attempts += 1;
    await sql`do $$ begin raise sqlstate '23505'; end $$`.execute(tx);
  });
  await assert.rejects(failing);
  assert.equal(attempts, 1);
});

test('a constraint is known by its name, also from a node that tells the words alone', async () => {
  const twice = owner.sql`insert into categories (name, position) values ('one', 1), ('one', 2)`;
  const refusal: unknown = await twice.catch((error: unknown) => error);
  assert(refusal instanceof Error);
  assert.equal(constraintName(refusal), 'categories_name_key');
  const told = Object.assign(new Error(refusal.message), { code: Reflect.get(refusal, 'code') });
  assert.equal(constraintName(told), 'categories_name_key');
  assert.equal(constraintName(new Error('no constraint "categories_name_key"')), '');
});
