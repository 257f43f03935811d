import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { type CustomerId, hourMs, minuteMs, secondMs } from '../src/base/index.ts';
import { connect, countOf, runChecks } from '../src/db/index.ts';
import { verifyChanges } from '../src/system/index.ts';
import { makeCustomer } from './factories.ts';
import { cloneDatabase, dropDatabase, openTestPanel } from './harness.ts';

let url: string;

before(async () => {
  url = await cloneDatabase();
});
after(() => dropDatabase(url));

const count = countOf({ from: sql`(select) one` });

test('in a cluster only what a second look finds broken, too, is told', async () => {
  // How often a check was asked is kept in the session.
  const check = (name: string, ...looks: string[]) => ({
    ...{ invariant: 'I0', name, count },
    broken: sql<{ subject: string; detail: string }>`
      select 'all' as subject, look as detail
      from set_config(${`panelwright.${name}`},
        coalesce(current_setting(${`panelwright.${name}`}, true), '') || 'i', false) look
      where look = any(${looks}::text[])`,
  });
  const target = { url };
  const cluster = connect(target, { connectionsMax: 1, isCluster: true });
  const checks = [check('once', 'i'), check('twice', 'i', 'ii'), check('later', 'ii')];
  const report = await runChecks(cluster.db, checks);
  await cluster.close();
  assert.equal(report.ok, false);
  assert.deepEqual(report.broken, [
    { invariant: 'I0', check: 'twice', subject: 'all', detail: 'ii' },
  ]);
});

test('what is looked at on two connections is as of one moment, whatever is written', async () => {
  const check = (name: string) => ({
    ...{ invariant: 'I0', name, count },
    broken: sql<{ subject: string; detail: string }>`
      select pg_backend_pid()::text as subject, pg_current_snapshot()::text as detail`,
  });
  const reader = connect({ url }, { connectionsMax: 2 });
  const writer = connect({ url }, { connectionsMax: 1 });
  let isDone = false;
  const writing = (async () => {
    while (!isDone) await writer.sql`select pg_current_xact_id()`;
  })();
  const { broken } = await runChecks(reader.db, ['one', 'other', 'third'].map(check));
  isDone = true;
  await writing;
  assert.equal(new Set(broken.map(({ subject }) => subject)).size, 2);
  assert.equal(new Set(broken.map(({ detail }) => detail)).size, 1);
  const failing = {
    ...check('failing'),
    broken: sql<never>`select 1 / 0 as subject, null as detail`,
  };
  await assert.rejects(runChecks(reader.db, [failing, check('other')]), /division by zero/);
  assert.equal((await runChecks(reader.db, [])).ok, true, 'its connections are free again');
  await Promise.all([reader.close(), writer.close()]);
});

test('what is written after a run by a clock that was ahead is looked at', async () => {
  const panel = await openTestPanel();
  try {
    const limits = { changedRowsMax: 100, roundRowsMax: 0 };
    const clock = { now: () => new Date(panel.clock.now().getTime() + hourMs) };
    await verifyChanges(panel.app, limits);
    await verifyChanges({ ...panel.app, clock }, limits);
    panel.clock.advance(secondMs);
    const { customerId } = await makeCustomer(panel);
    await panel.owner.sql`update wallets set balance = balance + 1`;
    panel.clock.advance(minuteMs);
    assert.deepEqual((await verifyChanges(panel.app, limits))?.stopped, [customerId]);
  } finally {
    await panel.close();
  }
});

test('whoever has to wait long for a table gives up, as a migration may wait for it', async () => {
  const reader = connect({ url }, { connectionsMax: 2 });
  const owner = connect({ url }, { connectionsMax: 1, asOwner: true });
  const reading = {
    ...{ invariant: 'I0', name: 'reading', count },
    broken: sql<never>`select null as subject, null as detail from deliveries where false`,
  };
  await owner.sql.begin(async (migration) => {
    await migration`lock table deliveries in access exclusive mode`;
    await assert.rejects(runChecks(reader.db, [reading]), { code: '55P03' });
  });
  assert.equal((await runChecks(reader.db, [reading])).ok, true);
  await Promise.all([reader.close(), owner.close()]);
});

test('of what breaks for many at once each one’s money is stopped', async () => {
  const fresh = await openTestPanel();
  try {
    const customerIds: CustomerId[] = [];
    for (let made = 0; made < 110; made += 1) {
      customerIds.push((await makeCustomer(fresh)).customerId);
    }
    await fresh.owner.sql`update wallets set balance = balance + 5`;
    const ran = await verifyChanges(fresh.app);
    assert.deepEqual(ran?.stopped, customerIds);
  } finally {
    await fresh.close();
  }
});
