import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { cloneDatabase, dropDatabase } from '../../tests/harness.ts';
import { endAbandoned } from './abandoned.ts';
import { connect, type Database, inTransaction, isConnectionLost, type Tx } from './index.ts';

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

/** Ends the session of a transaction from outside, and waits until it has ended. */
async function killSession(tx: Tx): Promise<void> {
  const found = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
  await owner.sql`select pg_terminate_backend(${found.rows[0]?.pid ?? 0}::int, 10000)`;
}

async function block(pattern: string): Promise<void> {
  await sql`insert into blocked_links values (${pattern})`.execute(database.db);
}

async function readBlocked(): Promise<string[]> {
  const rows = await database.db.selectFrom('blocked_links').select('pattern').execute();
  return rows.map((row) => row.pattern);
}

test('a transaction that lost its session fails whole, whatever it does afterwards', async () => {
  const failing = inTransaction(database.db, async (tx) => {
    await sql`insert into blocked_links values ('before')`.execute(tx);
    await killSession(tx);
    // Others use the pool meanwhile, so the lost session has a successor to be confused with.
    await Promise.all([block('meanwhile-1'), block('meanwhile-2'), block('meanwhile-3')]);
    await sql`insert into blocked_links values ('after')`.execute(tx);
  });
  await assert.rejects(failing, isConnectionLost);
  assert.deepEqual((await readBlocked()).sort(), ['meanwhile-1', 'meanwhile-2', 'meanwhile-3']);
});

test('of idle sessions the first is taken, whichever was used last', async () => {
  const pidOf = async (db: Tx | Database['db']) =>
    (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid;
  const first = await pidOf(database.db);
  const ended = Promise.withResolvers<void>();
  let second: Promise<number | undefined> | undefined;
  await inTransaction(database.db, async (tx) => {
    assert.equal(await pidOf(tx), first);
    const begun = Promise.withResolvers<void>();
    second = inTransaction(database.db, async (other) => {
      const pid = await pidOf(other);
      begun.resolve();
      await ended.promise;
      return pid;
    });
    await begun.promise;
  });
  ended.resolve();
  assert.notEqual(await second, first);
  assert.equal(await pidOf(database.db), first);
});

test('a refusal decided while the session was lost is still that refusal', async () => {
  const failing = inTransaction(database.db, async (tx) => {
    await killSession(tx);
    throw new Error('refused');
  });
  await assert.rejects(failing, /refused/);
});

test('a transaction whose failed statement was passed over is not taken for stored', async () => {
  const failing = inTransaction(database.db, async (tx) => {
    await sql`insert into blocked_links values ('passed over')`.execute(tx);
    await sql`select 1 / 0`.execute(tx).catch(() => {});
  });
  await assert.rejects(failing, /nothing of its transaction was stored/);
  assert.equal((await readBlocked()).includes('passed over'), false);
});

test('statements that wait for a session get one when others are lost', async () => {
  const attempts = Array.from({ length: 20 }, (_, index) =>
    inTransaction(database.db, async (tx) => {
      await sql`select ${index}::int`.execute(tx);
      if (index % 2 === 0) await killSession(tx);
    }),
  );
  const outcomes = await Promise.allSettled(attempts);
  assert.equal(outcomes.length, 20);
  const found = await sql<{ one: number }>`select 1 as one`.execute(database.db);
  assert.deepEqual(found.rows, [{ one: 1 }]);
});

/** A way to the database that a test can break, or stop answers on. */
type Proxy = { url: string; last: () => Socket; mute: () => void; close: () => void };

async function openProxy(): Promise<Proxy> {
  const target = new URL(url);
  const path = `${target.searchParams.get('host')}/.s.PGSQL.${target.port || 5432}`;
  const pairs: { client: Socket; upstream: Socket }[] = [];
  const proxy = createServer((client) => {
    const upstream = target.searchParams.has('host')
      ? connectSocket(path)
      : connectSocket(Number(target.port || 5432), target.hostname);
    pairs.push({ client, upstream });
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const through = new URL(url);
  through.searchParams.delete('host');
  through.host = `127.0.0.1:${Reflect.get(Object(proxy.address()), 'port')}`;
  const last = () => pairs.at(-1) ?? assert.fail('nobody connected');
  return {
    url: through.href,
    last: () => last().client,
    mute: () => {
      const { client, upstream } = last();
      // As if the client slept: what the server says is lost, but for that it has gone.
      upstream.unpipe(client).resume();
      upstream.on('close', () => client.destroy());
    },
    close: () => proxy.close(),
  };
}

test('a reset connection answers at once, hides no refusal, and the next one works', async () => {
  const proxy = await openProxy();
  const fragile = connect({ url: proxy.url }, { connectionsMax: 1 });
  for (let round = 0; round < 3; round += 1) {
    const failing = inTransaction(fragile.db, async (tx) => {
      await sql`select 1`.execute(tx);
      proxy.last().resetAndDestroy();
      await sql`select 2`.execute(tx);
    });
    await assert.rejects(failing, isConnectionLost);
    const refusing = inTransaction(fragile.db, async (tx) => {
      await sql`select 1`.execute(tx);
      proxy.last().resetAndDestroy();
      throw new Error('refused');
    });
    await assert.rejects(refusing, /refused/);
    await sql`select 3`.execute(fragile.db);
  }
  await fragile.close();
  proxy.close();
});

test('a process that stands still within a statement loses its transaction and locks', async () => {
  await block('fought over');
  const proxy = await openProxy();
  const asleep = connect({ url: proxy.url }, { connectionsMax: 1 });
  const sleeping = inTransaction(asleep.db, async (tx) => {
    await sql`delete from blocked_links where pattern = 'fought over'`.execute(tx);
    proxy.mute();
    await sql`select ${'first seen in this session'}::text`.execute(tx);
  });
  const lost = assert.rejects(sleeping, isConnectionLost);
  // Younger than a statement may be it is left alone.
  while (!(await isWaitingForClient())) assert.equal(await endAbandoned(database.db), 0);
  assert.equal(await endAbandoned(database.db), 0);
  assert.equal(await endAbandoned(database.db, { afterMs: 0 }), 1);
  await lost;
  const taken = await owner.sql`delete from blocked_links where pattern = 'fought over'`;
  assert.equal(taken.count, 1);
  await asleep.close();
  proxy.close();
});

async function isWaitingForClient(): Promise<boolean> {
  const found = await owner.sql`
    select from pg_stat_activity
    where datname = current_database() and state = 'active' and wait_event = 'ClientRead'`;
  return found.length > 0;
}
