import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeCustomer, staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import {
  importRows,
  list,
  listedRow,
  listOf,
  makeProvider,
  ratesOf,
} from '../../tests/listings.ts';
import {
  type Actor,
  AppError,
  formatRate,
  type ProviderId,
  parseRate,
  type ServiceId,
} from '../base/index.ts';
import { updateProvider } from '../providers/index.ts';
import {
  applyListing,
  decideChange,
  listChanges,
  listHeldChanges,
  type Service,
  setRoutes,
  updateService,
} from './index.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

async function service(id: ServiceId | undefined): Promise<Service> {
  await panel.app.catalog.refresh();
  const found = id === undefined ? undefined : panel.app.catalog.current().services.get(id);
  assert(found);
  return found;
}

async function changesOf(id: ServiceId | undefined) {
  assert(id !== undefined);
  const rows = await panel.app.db
    .selectFrom('service_changes')
    .select(['id', 'kind', 'before', 'after', 'state', 'actor', 'decided_by'])
    .where('service_id', '=', id)
    .orderBy('id')
    .execute();
  return rows.filter(({ kind }) => kind !== 'created');
}

async function heldOf(id: ServiceId | undefined) {
  return (await listHeldChanges(panel.app.db)).filter(({ serviceId }) => serviceId === id);
}

/** Each row of what a sync may write, with the transaction that wrote it. */
async function versions(providerId: ProviderId) {
  const { sql } = panel.owner;
  return Promise.all([
    sql`select id, xmin::text from services order by id`,
    sql`select external_id, xmin::text from provider_services where provider_id = ${providerId}
      order by external_id`,
    sql`select id, xmin::text from service_changes order by id`,
    sql`select count(*) from audit`,
  ]);
}

const plain = listedRow(1);
const other = listedRow(2);

test('rates, limits and flags follow the provider, and each change is told', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain, other]);
  const [id] = serviceIds;
  const next = { rate: '1.1', min: 20, max: 500, refill: true, cancel: false, dripfeed: false };
  const report = await list(panel, providerId, listedRow(1, next), other);
  assert.deepEqual(report, { listed: 2, followed: 2, applied: 3, held: 0, warnings: [] });
  const { rate, min, max, refill, cancel, dripfeed } = await service(id);
  assert.deepEqual(
    [formatRate(rate), min, max, refill, cancel, dripfeed],
    ['1.32', 20, 500, true, false, false],
  );
  const changes = await changesOf(id);
  assert.deepEqual(
    changes.map(({ kind, before, after }) => [kind, before, after]),
    [
      ['rate', { rate: '1.20' }, { rate: '1.32' }],
      ['limits', { min: 10, max: 1000 }, { min: 20, max: 500 }],
      [
        'flags',
        { refill: false, cancel: true, dripfeed: true },
        { refill: true, cancel: false, dripfeed: false },
      ],
    ],
  );
  assert(changes.every(({ state, actor }) => state === 'applied' && actor === 'staff:test'));
});

test('a switch that is off keeps its values as they are', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain, other], {
    syncPrices: false,
    syncLimits: false,
    syncFlags: false,
    syncRemovals: false,
  });
  const next = { rate: '9', min: 20, refill: true };
  const report = await list(panel, providerId, listedRow(1, next));
  assert.deepEqual([report.applied, report.held], [0, 0]);
  assert.deepEqual(await changesOf(serviceIds[0]), []);
  assert.equal((await service(serviceIds[1])).enabled, true);
});

test('the same list again writes nothing, also while rates are held', async () => {
  const { providerId } = await importRows(panel, [plain, other, listedRow(3)]);
  const next = [listedRow(1, { rate: '9' }), listedRow(2, { rate: '1.1', refill: null })];
  await list(panel, providerId, ...next);
  const earlier = await versions(providerId);
  panel.clock.advance(60_000);
  const report = await list(panel, providerId, ...next);
  assert.equal(report.applied, 0);
  assert.deepEqual(await versions(providerId), earlier);
});

test('a flag the provider leaves out stays as it was', async () => {
  const { providerId, serviceIds } = await importRows(panel, [listedRow(1, { refill: true })]);
  await list(panel, providerId, listedRow(1, { refill: null, cancel: null, dripfeed: null }));
  const { refill, cancel, dripfeed } = await service(serviceIds[0]);
  assert.deepEqual([refill, cancel, dripfeed], [true, true, true]);
});

test('an unreadable price or bound changes nothing, and is told', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain, other]);
  const odd = listedRow(1, { rate: null, min: 50, max: 10 });
  const report = await list(panel, providerId, odd, other);
  assert.deepEqual(
    report.warnings.map(({ code, serviceId }) => [code, serviceId]),
    [
      ['unreadable_cost', serviceIds[0]],
      ['bad_bounds', serviceIds[0]],
    ],
  );
  assert.deepEqual(await changesOf(serviceIds[0]), []);
});

test('a jump waits for staff: one per service, the newest, in force once applied', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain]);
  const [id] = serviceIds;
  for (const rate of ['2', '3']) {
    assert.equal((await list(panel, providerId, listedRow(1, { rate }))).held, 1);
  }
  const [held, ...rest] = await heldOf(id);
  assert(held);
  assert.deepEqual(rest, []);
  assert.equal(held.after.rate, '3.60');
  // Beside what the provider asked for before the first jump, as 10⁻¹⁶ of the panel's currency.
  assert.deepEqual(held.before, { rate: '1.20', basis: `${10n ** 16n}` });
  assert.deepEqual(await ratesOf(panel, [id]), ['1.20']);
  assert.deepEqual(await feedOf(id), ['created']);

  const input = { changeId: held.id, decision: 'apply' } as const;
  const { changeId } = await decideChange(panel.app, staff, input);
  assert.deepEqual(await ratesOf(panel, [id]), ['3.60']);
  assert.deepEqual(await heldOf(id), []);
  assert.deepEqual(await feedOf(id), ['rate', 'created']);
  const [change] = await changesOf(id);
  assert.deepEqual([change?.id, change?.decided_by], [changeId, 'staff:test']);
  await assert.rejects(decideChange(panel.app, staff, input), isRefusal('not_found'));
  const again = { changeId, decision: 'reject' } as const;
  await assert.rejects(decideChange(panel.app, staff, again), isRefusal('conflict'));
});

async function feedOf(id: ServiceId | undefined) {
  const feed = await listChanges(panel.app.db, { limit: 1_000 });
  return feed.flatMap(({ serviceId, kind }) => (serviceId === id ? kind : []));
}

function isRefusal(code: string) {
  return (error: unknown) => error instanceof AppError && error.code === code;
}

test('a rejected rate is not held again until the provider’s price changes', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain]);
  const [id] = serviceIds;
  await list(panel, providerId, listedRow(1, { rate: '5' }));
  const [held] = await heldOf(id);
  assert(held);
  await decideChange(panel.app, staff, { changeId: held.id, decision: 'reject' });
  assert.equal((await list(panel, providerId, listedRow(1, { rate: '5' }))).held, 0);
  assert.deepEqual(await ratesOf(panel, [id]), ['1.20']);
  assert.equal((await list(panel, providerId, listedRow(1, { rate: '5.01' }))).held, 1);
  assert.deepEqual(await feedOf(id), ['created']);
});

test('a held rate is dropped when the price comes back; falls are held like rises', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain]);
  const [id] = serviceIds;
  assert.equal((await list(panel, providerId, listedRow(1, { rate: '0.4' }))).held, 1);
  await list(panel, providerId, plain);
  assert.deepEqual(await heldOf(id), []);
  // Exactly the percentage is no jump, and more is.
  assert.equal((await list(panel, providerId, listedRow(1, { rate: '1.5' }))).held, 0);
  assert.deepEqual(await ratesOf(panel, [id]), ['1.80']);
  assert.equal((await list(panel, providerId, listedRow(1, { rate: '2.25001' }))).held, 1);
});

test('a price that falls to nothing is held, however large a jump may be', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain], { priceJumpPercentMax: 500 });
  assert.equal((await list(panel, providerId, listedRow(1, { rate: '0' }))).held, 1);
  assert.deepEqual(await ratesOf(panel, [serviceIds[0]]), ['1.20']);
});

test('what staff set by hand stays until the provider’s own value changes', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain]);
  const [id] = serviceIds;
  assert(id !== undefined);
  await list(panel, providerId, listedRow(1, { rate: '9' }));
  const changes = { rate: parseRate('2', 'rate'), min: 100, refill: true };
  await updateService(panel.app, staff, { serviceId: id, changes });
  assert.deepEqual(await heldOf(id), []);
  const report = await list(panel, providerId, listedRow(1, { rate: '9' }));
  assert.deepEqual([report.applied, report.held], [0, 0]);
  await list(panel, providerId, listedRow(1, { rate: '1.7', min: 20, cancel: false }));
  const { rate, min, refill } = await service(id);
  assert.deepEqual([formatRate(rate), min, refill], ['2.04', 20, false]);
});

test('another exchange rate is another price', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain]);
  const changes = { exchangeRate: 110_000_000n };
  await updateProvider(panel.app, staff, { providerId, changes });
  await list(panel, providerId, plain);
  assert.deepEqual(await ratesOf(panel, [serviceIds[0]]), ['1.32']);
});

test('what is sold no more goes off sale, and back on once it is sold again', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain, other]);
  const [id] = serviceIds;
  const gone = await list(panel, providerId, other);
  assert.deepEqual(gone.warnings, [{ code: 'missing', serviceId: id }]);
  assert.equal((await service(id)).enabled, false);
  await list(panel, providerId, plain, other);
  assert.equal((await service(id)).enabled, true);
  assert.deepEqual(
    (await changesOf(id)).map(({ kind, after }) => [kind, after]),
    [
      ['disabled', { reason: 'missing' }],
      ['enabled', {}],
    ],
  );
});

test('what comes back at a jump of its rate waits for staff', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain, other]);
  const [id] = serviceIds;
  await list(panel, providerId, other);
  const dear = listedRow(1, { rate: '8' });
  const report = await list(panel, providerId, dear, other);
  assert.deepEqual(
    report.warnings.map(({ code }) => code),
    ['price_held', 'not_returned'],
  );
  const [held] = await heldOf(id);
  assert(held);
  await decideChange(panel.app, staff, { changeId: held.id, decision: 'apply' });
  await list(panel, providerId, dear, other);
  assert.equal((await service(id)).enabled, true);
  assert.deepEqual(await ratesOf(panel, [id]), ['9.60']);
});

test('what staff took off sale stays off, also if a sync had done so before', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain, other, listedRow(3)]);
  const [byStaff, byBoth] = serviceIds;
  assert(byStaff !== undefined && byBoth !== undefined);
  const changes = { enabled: false };
  await updateService(panel.app, staff, { serviceId: byStaff, changes });
  await list(panel, providerId, listedRow(3));
  await updateService(panel.app, staff, { serviceId: byBoth, changes });
  await list(panel, providerId, plain, other, listedRow(3));
  assert.equal((await service(byStaff)).enabled, false);
  assert.equal((await service(byBoth)).enabled, false);
});

test('without the switch for returns a service stays off sale', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain, other], {
    syncReturns: false,
  });
  await list(panel, providerId, other);
  await list(panel, providerId, plain, other);
  assert.equal((await service(serviceIds[0])).enabled, false);
});

test('a service with another route, or none to this provider, stays on sale', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain, other, listedRow(3)]);
  const [both, moved] = serviceIds;
  assert(both !== undefined && moved !== undefined);
  const second = { providerId: await makeProvider(panel), externalId: '7' };
  const own = { providerId, externalId: '1' };
  await setRoutes(panel.app, staff, { serviceId: both, routes: [own, second] });
  await setRoutes(panel.app, staff, { serviceId: moved, routes: [second] });
  const report = await list(panel, providerId, listedRow(3));
  assert.deepEqual(report.warnings, [{ code: 'missing', serviceId: both }]);
  assert.equal((await service(both)).enabled, true);
  assert.equal((await service(moved)).enabled, true);
});

test('a service of another type goes off sale until it is the old type again', async () => {
  const { providerId, serviceIds } = await importRows(panel, [plain, other]);
  const [id] = serviceIds;
  for (const changes of [
    { type: 'Poll', typeText: 'Poll' } as const,
    { typeKnown: false, typeText: 'Telepathy' },
  ]) {
    const report = await list(panel, providerId, listedRow(1, changes), other);
    assert.deepEqual(report.warnings, [{ code: 'type_changed', serviceId: id }]);
    assert.equal((await service(id)).enabled, false);
    await list(panel, providerId, listedRow(1, changes), other);
    assert.equal((await service(id)).enabled, false);
    await list(panel, providerId, plain, other);
    assert.equal((await service(id)).enabled, true);
  }
});

test('a list that lost nearly everything takes nothing off sale, unless it is forced', async () => {
  const rows = Array.from({ length: 10 }, (_, index) => listedRow(index + 1));
  const { providerId, serviceIds } = await importRows(panel, rows);
  for (const _ of [1, 2]) {
    const report = await list(panel, providerId, plain);
    assert.deepEqual(report.warnings, [{ code: 'removals_held_back', serviceId: null }]);
    assert.equal(report.applied, 0);
  }
  const input = { provider: { id: providerId }, list: listOf(plain), force: true };
  assert.equal((await applyListing(panel.app, staff, input)).applied, 9);
  assert.equal((await service(serviceIds[9])).enabled, false);
});

test('a list of other services, however often it comes, takes nothing off sale', async () => {
  const rows = Array.from({ length: 10 }, (_, index) => listedRow(index + 1));
  const { providerId, serviceIds } = await importRows(panel, rows);
  const strangers = [101, 102, 103].map((id) => listedRow(id));
  for (const _ of [1, 2, 3]) {
    const report = await list(panel, providerId, ...strangers);
    assert.deepEqual(report.warnings, [{ code: 'removals_held_back', serviceId: null }]);
  }
  assert.equal((await service(serviceIds[9])).enabled, true);
});

test('a list with nothing on sale in it is refused, and changes nothing', async () => {
  const { providerId } = await importRows(panel, [plain]);
  const earlier = await versions(providerId);
  const heading = listedRow(2, { separator: true, rate: '999999999999' });
  for (const rows of [
    [],
    [heading],
    [listedRow(1, { rate: null })],
    [listedRow(1, { name: '' })],
  ]) {
    await assert.rejects(list(panel, providerId, ...rows), isRefusal('conflict'));
  }
  assert.deepEqual(await versions(providerId), earlier);
});

test('two syncs and a change by staff at once lose nothing and tell each change once', async () => {
  const rows = Array.from({ length: 40 }, (_, index) => listedRow(index + 1));
  const { providerId, serviceIds } = await importRows(panel, rows);
  const next = rows.map((row) => ({ ...row, rate: '1.25' }));
  const [first] = serviceIds;
  assert(first !== undefined);
  const byHand = updateService(panel.app, staff, { serviceId: first, changes: { max: 77 } });
  await Promise.all([...[1, 2, 3].map(() => list(panel, providerId, ...next)), byHand]);
  await list(panel, providerId, ...next);
  for (const id of serviceIds) {
    const kinds = (await changesOf(id)).map(({ kind }) => kind);
    assert.deepEqual(await ratesOf(panel, [id]), ['1.50']);
    assert.equal(kinds.filter((kind) => kind === 'rate').length, 1);
  }
  assert.equal((await service(first)).max, 77);
});

test('only staff may sync or decide', async () => {
  const { customerId } = await makeCustomer(panel);
  const customer: Actor = { kind: 'customer', customerId, keyId: null };
  const provider = { id: await makeProvider(panel) };
  const input = { provider, list: listOf(plain) };
  await assert.rejects(applyListing(panel.app, customer, input), isRefusal('not_allowed'));
  const decision = { changeId: 1n, decision: 'apply' } as const;
  await assert.rejects(decideChange(panel.app, customer, decision), isRefusal('not_allowed'));
});
