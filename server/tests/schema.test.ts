import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { systemClock } from '../src/base/index.ts';
import { connect, inTransaction, migrate } from '../src/db/index.ts';
import { cloneDatabase, createEmptyDatabase, dropDatabase } from './harness.ts';

test('the server has no right to rewrite what is append-only', async () => {
  const url = await cloneDatabase();
  const server = connect({ url }, { connectionsMax: 1 });
  for (const table of ['transfers', 'order_events', 'audit', 'credit_limits']) {
    const statements = [
      `update ${table} set created_at = now()`,
      `delete from ${table}`,
      `truncate ${table}`,
      `drop table ${table}`,
      `alter table ${table} disable trigger all`,
    ];
    for (const statement of statements) {
      const attempt = inTransaction(server.db, (tx) => sql.raw(statement).execute(tx));
      await assert.rejects(attempt, /permission denied|must be owner/, statement);
    }
  }
  await server.close();
  await dropDatabase(url);
});

test('servers that migrate an empty database at once apply each migration once', async () => {
  const url = await createEmptyDatabase();
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrate({ url }, systemClock)));
  assert.equal(applied.filter((names) => names.length > 0).length, 1);
  assert.deepEqual(await migrate({ url }, systemClock), []);
  await dropDatabase(url);
});

test('a database of a newer release is refused, and one whose migration was altered', async () => {
  const url = await createEmptyDatabase();
  await migrate({ url }, systemClock);
  const owner = connect({ url }, { connectionsMax: 1, asOwner: true });
  await owner.sql`insert into migrations values ('9999_future.sql', '', now())`;
  await assert.rejects(migrate({ url }, systemClock), /run a newer release/);
  await owner.sql`delete from migrations where name = '9999_future.sql'`;
  await owner.sql`update migrations set checksum = 'other' where name = '0001_core.sql'`;
  await assert.rejects(migrate({ url }, systemClock), /0001_core.sql was changed/);
  await owner.close();
  await dropDatabase(url);
});

test('a database that could forget a commit is refused before it is migrated', async () => {
  const url = await createEmptyDatabase();
  const owner = connect({ url }, { connectionsMax: 1, asOwner: true });
  const name = new URL(url).pathname.slice(1);
  await owner.sql.unsafe(`alter database ${name} set synchronous_commit = off`);
  await assert.rejects(migrate({ url }, systemClock), /synchronous_commit = off/);
  const tables = await owner.sql`select from pg_tables where schemaname = 'public'`;
  assert.equal(tables.length, 0);
  await owner.close();
  await dropDatabase(url);
});
