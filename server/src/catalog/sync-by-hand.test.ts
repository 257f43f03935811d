import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { importRows, list, listedRow, ratesOf } from '../../tests/listings.ts';
import { type Markup, type ProviderId, parseRate, rate, type ServiceId } from '../base/index.ts';
import { updateProvider } from '../providers/index.ts';
import {
  decideChange,
  listChanges,
  listHeldChanges,
  type PriceChange,
  planPrices,
  repriceServices,
  updateService,
} from './index.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

/** From 1 to 1.10: what cost 1.00 of the panel's currency costs 1.10 of it. */
async function raiseExchangeRate(providerId: ProviderId): Promise<void> {
  const changes = { exchangeRate: 110_000_000n };
  await updateProvider(panel.app, staff, { providerId, changes });
}

async function decideHeld(serviceId: ServiceId, decision: 'apply' | 'reject'): Promise<void> {
  const held = (await listHeldChanges(panel.app.db)).find((one) => one.serviceId === serviceId);
  assert(held);
  await decideChange(panel.app, staff, { changeId: held.id, decision });
}

async function reprice(serviceId: ServiceId, change: PriceChange): Promise<void> {
  const { basis } = await planPrices(panel.app.db, [serviceId], change);
  await repriceServices(panel.app, staff, { serviceIds: [serviceId], change, basis });
}

const markup = (basisPoints: number): Markup => {
  return { basisPoints, fixed: rate(0n), step: rate(1n), min: rate(0n) };
};

test('what staff set or rejected stays when the exchange rate alone changes', async () => {
  const rows = [listedRow(1), listedRow(2), listedRow(3)];
  const { providerId, serviceIds } = await importRows(panel, rows);
  const [byHand, rejected, confirmed] = serviceIds;
  assert(byHand !== undefined && rejected !== undefined && confirmed !== undefined);
  const dear = [listedRow(2, { rate: '5' }), listedRow(3, { rate: '5' })];
  await list(panel, providerId, listedRow(1), ...dear);
  const changes = { rate: parseRate('2', 'rate') };
  await updateService(panel.app, staff, { serviceId: byHand, changes });
  await decideHeld(rejected, 'reject');
  await decideHeld(confirmed, 'apply');
  await raiseExchangeRate(providerId);
  const report = await list(panel, providerId, listedRow(1), ...dear);
  assert.deepEqual([report.applied, report.held], [1, 0]);
  assert.deepEqual(await ratesOf(panel, serviceIds), ['2.00', '1.20', '6.60']);
  // Another cost is another decision.
  const next = [listedRow(1, { rate: '1.5' }), listedRow(2, { rate: '5.5' }), listedRow(3)];
  assert.equal((await list(panel, providerId, ...next)).held, 2);
  assert.equal((await ratesOf(panel, [byHand]))[0], '1.98');
});

test('a rate that staff raised stays, one they marked up goes by the exchange rate', async () => {
  const { providerId, serviceIds } = await importRows(panel, [listedRow(1), listedRow(2)]);
  const [raised, markedUp] = serviceIds;
  assert(raised !== undefined && markedUp !== undefined);
  await reprice(raised, { base: 'rate', markup: markup(2_500) });
  await reprice(markedUp, { base: 'cost', markup: markup(5_000) });
  assert.deepEqual(await ratesOf(panel, serviceIds), ['1.50', '1.50']);
  await raiseExchangeRate(providerId);
  await list(panel, providerId, listedRow(1), listedRow(2));
  assert.deepEqual(await ratesOf(panel, serviceIds), ['1.50', '1.65']);
});

test('what a change notes of the provider is in no feed', async () => {
  const { providerId, serviceIds } = await importRows(panel, [listedRow(1), listedRow(2)]);
  const [byHand, confirmed] = serviceIds;
  assert(byHand !== undefined && confirmed !== undefined);
  await list(panel, providerId, listedRow(1), listedRow(2, { rate: '5' }));
  const changes = { rate: parseRate('2', 'rate') };
  await updateService(panel.app, staff, { serviceId: byHand, changes });
  await decideHeld(confirmed, 'apply');
  const feed = await listChanges(panel.app.db, { limit: 1_000 });
  const told = feed
    .filter(({ serviceId }) => serviceIds.includes(serviceId))
    .filter(({ kind }) => kind === 'rate');
  assert.deepEqual(
    told.map(({ before, after }) => [before, after]),
    [
      [{ rate: '1.20' }, { rate: '6.00' }],
      [{ rate: '1.20' }, { rate: '2.00' }],
    ],
  );
});
