import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openUpstream, type Upstream } from '../../tests/delivery/upstream.ts';
import { staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { AppError, hourMs, minuteMs } from '../base/index.ts';
import { delayCalls, setProviderState } from '../providers/index.ts';
import { type CatalogName, catalogNames } from '../sandbox/index.ts';
import { importServices, syncDueProviders, syncProvider } from './index.ts';

let panel: TestPanel;
let upstream: Upstream;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  await syncProvider(panel.app, staff, upstream.providerId);
  const { providerId } = upstream;
  await importServices(panel.app, staff, { providerId, markupBasisPoints: 2_000 });
});
after(async () => {
  await upstream.close();
  await panel.close();
});

/** Everything a sync may touch, as text. */
async function contents(): Promise<string> {
  const { sql } = panel.owner;
  const rows = await Promise.all([
    sql`select s.*, xmin::text as version from services s order by id`,
    sql`select * from provider_services order by provider_id, external_id`,
    sql`select * from service_changes order by id`,
    sql`select id, synced_at from providers order by id`,
  ]);
  return JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
}

function syncedCalls(): number {
  return upstream.sandbox.calls().filter(({ action }) => action === 'services').length;
}

test('every service of a real list is imported, and the list again changes nothing', async () => {
  const { length } = await panel.app.db.selectFrom('service_sources').selectAll().execute();
  assert(length >= 17);
  const { applied, held, warnings } = await syncProvider(panel.app, staff, upstream.providerId);
  assert.deepEqual([applied, held, warnings], [0, 0, []]);
});

const unbelievable: readonly CatalogName[] = [
  ...(['error', 'services_object', 'object_by_id', 'null', 'empty_list', 'proto_keys'] as const),
  ...(['html', 'empty_body', 'cut_json', 'error_500'] as const),
];

test('whatever is no plausible list changes nothing, and is told', async () => {
  for (const name of unbelievable) {
    const earlier = await contents();
    upstream.sandbox.serveCatalog(name);
    await assert.rejects(
      syncProvider(panel.app, staff, upstream.providerId),
      (error) => error instanceof AppError && /nothing was changed/.test(error.message),
      name,
    );
    assert.equal(await contents(), earlier, name);
  }
  upstream.sandbox.serveCatalog(undefined);
});

/** Lists of one or two rows; the larger ones take most services off sale with good reason. */
const short = catalogNames.filter(
  (name) => !unbelievable.includes(name) && !/^(huge|separators|odd_types|wrong_\w+)$/.test(name),
);

test('a short list, however odd its rows, takes nothing off sale', async () => {
  assert(short.length > 10);
  for (const name of short) {
    upstream.sandbox.serveCatalog(name);
    const report = await syncProvider(panel.app, staff, upstream.providerId);
    assert.equal(report.warnings[0]?.code, 'removals_held_back', name);
    const off = await panel.app.db
      .selectFrom('services')
      .select('id')
      .where('disabled_by', '=', 'sync')
      .execute();
    assert.deepEqual(off, [], name);
  }
  upstream.sandbox.serveCatalog(undefined);
  await syncProvider(panel.app, staff, upstream.providerId);
});

test('a sync is due once an hour, for one of any number of workers', async () => {
  panel.clock.advance(59 * minuteMs);
  assert.equal(await syncDueProviders(panel.app), 0);
  panel.clock.advance(minuteMs);
  const calls = syncedCalls();
  const done = await Promise.all([1, 2, 3].map(() => syncDueProviders(panel.app)));
  assert.equal(done.filter((count) => count === 1).length, 1);
  assert.equal(syncedCalls(), calls + 1);
  assert.equal(await syncDueProviders(panel.app), 0);
});

test('a sync that failed is tried again after ten minutes', async () => {
  panel.clock.advance(hourMs);
  upstream.sandbox.serveCatalog('error_500');
  assert.equal(await syncDueProviders(panel.app), 0);
  upstream.sandbox.serveCatalog(undefined);
  assert.equal(await syncDueProviders(panel.app), 0);
  panel.clock.advance(10 * minuteMs);
  assert.equal(await syncDueProviders(panel.app), 1);
});

test('a provider that staff paused, or from which nothing was imported, is not asked', async () => {
  const idle = await openUpstream(panel);
  after(() => idle.close());
  const { providerId } = upstream;
  await setProviderState(panel.app, staff, { providerId, state: 'paused' });
  panel.clock.advance(2 * hourMs);
  assert.equal(await syncDueProviders(panel.app), 0);
  assert.equal(idle.sandbox.calls().length, 0);
  await setProviderState(panel.app, staff, { providerId, state: 'on' });
  assert.equal(await syncDueProviders(panel.app), 1);
});

test('a provider that wants no calls for hours holds up no sync, and staff are told', async () => {
  const { providerId } = upstream;
  const { clock, db } = panel.app;
  await panel.owner.sql`update providers set synced_at = null where id = ${providerId}`;
  const until = new Date(clock.now().getTime() + 3 * hourMs);
  await delayCalls(db, { providerId, until });
  const calls = syncedCalls();
  assert.equal(await syncDueProviders(panel.app), 0);
  await assert.rejects(
    syncProvider(panel.app, staff, providerId),
    (error) => error instanceof AppError && /wants no calls until/.test(error.message),
  );
  assert.equal(syncedCalls(), calls);
  assert.deepEqual((await upstream.provider()).nextCallAt, until);
});
