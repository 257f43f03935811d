import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { makeService, staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { importRows, list, listedRow, makeProvider } from '../../tests/listings.ts';
import {
  AppError,
  formatRate,
  type ProviderId,
  parseCost,
  parseRate,
  rate,
  type ServiceId,
} from '../base/index.ts';
import { planImport } from './import-rules.ts';
import { type ImportInput, importServices, listChanges, listHeldChanges } from './index.ts';
import { toListedServices } from './listing.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

function importFrom(providerId: ProviderId, input: Partial<ImportInput> = {}) {
  const all = { providerId, markupBasisPoints: 2_000, ...input };
  return importServices(panel.app, staff, all);
}

async function services(ids: readonly ServiceId[]) {
  await panel.app.catalog.refresh();
  const { services: all } = panel.app.catalog.current();
  return [...all.values()].filter(({ id }) => ids.includes(id));
}

function isRefusal(code: string) {
  return (error: unknown) => error instanceof AppError && error.code === code;
}

test('services come with their category, order, bounds, flags, texts and route', async () => {
  await makeService(panel, { category: 'Known' });
  const texts = { description: 'Fast', averageTime: '2 hours' };
  const { providerId, serviceIds } = await importRows(panel, [
    listedRow(9, { category: 'New', ...texts, refill: true, rate: '0.25' }),
    listedRow(3, { category: 'Known', type: 'Poll', typeText: 'poll', dripfeed: true }),
    listedRow(7, { category: 'New', min: 0, max: 5_000_000_000 }),
    listedRow(8, { category: '' }),
  ]);
  const found = await services(serviceIds);
  const [ninth, third, seventh, eighth] = serviceIds;
  assert.deepEqual(
    found.map(({ id, category }) => [id, category]),
    [
      [third, 'Known'],
      [ninth, 'New'],
      [seventh, 'New'],
      [eighth, 'Other'],
    ],
  );
  const [poll, first, second] = found;
  const { rate: price, min, max, refill, cancel, dripfeed, enabled } = first ?? {};
  assert.deepEqual([formatRate(price ?? rate(0n)), min, max], ['0.30', 10, 1000]);
  assert.deepEqual([refill, cancel, dripfeed, enabled], [true, true, true, true]);
  assert.deepEqual([first?.description, first?.averageTime], ['Fast', '2 hours']);
  const route = { position: 1, providerId, externalId: '9', isDelegated: false };
  assert.deepEqual(first?.routes, [{ ...route, guardsMargin: true }]);
  assert.deepEqual([poll?.type, poll?.dripfeed], ['Poll', false]);
  assert.deepEqual([second?.min, second?.max], [1, 2_147_483_647]);
  const feed = await listChanges(panel.app.db, { limit: 4 });
  assert.deepEqual(
    feed.map(({ serviceId, kind }) => [serviceId, kind]),
    serviceIds.toReversed().map((id) => [id, 'created']),
  );
});

test('nothing is imported twice; a mark-up changes only when that is asked for', async () => {
  const { providerId, serviceIds } = await importRows(panel, [listedRow(1), listedRow(2)]);
  const again = await importFrom(providerId, { markupBasisPoints: 5_000 });
  assert.deepEqual([again.created, again.existing, again.updated], [[], 2, 0]);
  await list(panel, providerId, listedRow(1, { rate: '8' }), listedRow(2), listedRow(3));
  assert.equal((await listHeldChanges(panel.app.db)).length, 1);
  const terms = { markupBasisPoints: 5_000, markupFixed: parseRate('0.01', 'f') };
  const third = await importFrom(providerId, { ...terms, updatesMarkup: true });
  assert.deepEqual([third.created.length, third.existing, third.updated], [1, 2, 2]);
  const rates = (await services(serviceIds)).map((found) => formatRate(found.rate));
  assert.deepEqual(rates, ['12.01', '1.51']);
  assert.deepEqual(await listHeldChanges(panel.app.db), []);
  const report = await importFrom(providerId, { ...terms, updatesMarkup: true });
  assert.equal(report.updated, 0);
});

test('two imports at once make each service once', async () => {
  const providerId = await makeProvider(panel);
  const rows = Array.from({ length: 30 }, (_, index) => listedRow(index + 1));
  await list(panel, providerId, ...rows);
  const reports = await Promise.all([1, 2, 3].map(() => importFrom(providerId)));
  assert.deepEqual(reports.map(({ created }) => created.length).sort(), [0, 0, 30]);
});

test('what was asked for is imported, and what is not there is told', async () => {
  const providerId = await makeProvider(panel);
  await list(
    panel,
    providerId,
    listedRow(1, { category: 'A' }),
    listedRow(2, { category: 'B' }),
    listedRow(3, { category: 'B' }),
    listedRow(4, { category: 'C' }),
  );
  const asked = { categories: ['B', 'None'], externalIds: ['1', '99'] };
  const { created, warnings } = await importFrom(providerId, asked);
  assert.deepEqual(
    created.map(({ externalId }) => externalId),
    ['1', '2', '3'],
  );
  assert.deepEqual(
    warnings.map(({ subject, code }) => [subject, code]),
    [
      ['None', 'not_listed'],
      ['99', 'not_listed'],
    ],
  );
});

test('what cannot be sold is left out, what is doubtful repaired or off sale', async () => {
  const providerId = await makeProvider(panel);
  await list(
    panel,
    providerId,
    listedRow(1, { separator: true, type: 'Package', rate: '999999999999.00', name: '─────' }),
    listedRow(2, { rate: null }),
    listedRow(3, { rate: '-1' }),
    listedRow(4, { rate: '0' }),
    listedRow(5, { rate: '99999999' }),
    listedRow(6, { min: 100, max: 10 }),
    listedRow(7, { min: null }),
    listedRow(8, { type: 'Package', min: null, max: null }),
    listedRow(9, { typeKnown: false, typeText: 'Telepathy' }),
    listedRow(10, { name: '' }),
    listedRow(11, { name: 'x'.repeat(600), category: '🎉'.repeat(101) }),
  );
  const { created, warnings } = await importFrom(providerId);
  assert.deepEqual(
    warnings.map(({ subject, code, isSkipped }) => [subject, code, isSkipped]),
    [
      ['1', 'no_price', true],
      ['2', 'no_price', true],
      ['3', 'no_price', true],
      ['4', 'free', true],
      ['5', 'rate_too_large', true],
      ['6', 'bad_bounds', true],
      ['7', 'bad_bounds', true],
      ['8', 'bad_bounds', false],
      ['9', 'unknown_type', false],
      ['10', 'no_name', false],
    ],
  );
  const byOrigin = new Map(created.map(({ serviceId, externalId }) => [serviceId, externalId]));
  const found = await services([...byOrigin.keys()]);
  const named = new Map(found.map((service) => [byOrigin.get(service.id), service]));
  assert.deepEqual([named.get('8')?.min, named.get('8')?.max], [1, 1]);
  assert.deepEqual([named.get('9')?.type, named.get('9')?.enabled], ['Default', false]);
  assert.equal(named.get('10')?.name, 'Service 10');
  assert.equal(named.get('11')?.name.length, 500);
  // Staff have to look at the unknown type: no sync sets it on sale.
  await list(panel, providerId, listedRow(9), listedRow(8, { type: 'Package' }));
  const [off] = await services([named.get('9')?.id ?? (0 as ServiceId)]); // found above
  assert.equal(off?.enabled, false);
});

test('a mark-up out of bounds, or a catalog that is not there, is refused', async () => {
  const providerId = await makeProvider(panel);
  await assert.rejects(importFrom(providerId), isRefusal('conflict'));
  for (const markupBasisPoints of [-1, 0.5, 1_000_001, Number.NaN]) {
    const work = importFrom(providerId, { markupBasisPoints });
    await assert.rejects(work, isRefusal('invalid_input'));
  }
  const unknown = importFrom(2_000_000_000 as ProviderId); // a number of no provider
  await assert.rejects(unknown, isRefusal('not_found'));
});

test('an imported rate covers cost, exchange and mark-up, by less than 0.00001 too much', () => {
  const decimals = fc
    .tuple(fc.nat({ max: 99_999 }), fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }))
    .map(([whole, fraction]) => `${whole}.${fraction.toString().padStart(20, '0')}`);
  const exchangeRates = fc.bigInt({ min: 1n, max: 10_000_000_000n });
  const percents = fc.integer({ min: 0, max: 100_000 });
  const property = fc.property(
    decimals,
    exchangeRates,
    percents,
    (text, exchangeRate, basisPoints) => {
      const rows = toListedServices({
        services: [listedRow(1, { rate: text })],
        warnings: [],
      });
      const cost = parseCost(text);
      assert(cost !== null);
      const markup = { basisPoints, fixed: rate(0n), step: rate(1n), min: rate(0n) };
      const {
        services: [service],
        warnings,
      } = planImport(rows, { exchangeRate, markup });
      const exact = cost * exchangeRate * BigInt(10_000 + basisPoints);
      const step = 10n ** 15n;
      if (service === undefined) {
        assert(exact === 0n || exact > 10n ** 12n * step - step, warnings[0]?.code);
        return;
      }
      assert(service.rate * step >= exact && service.rate * step < exact + step);
      // The text itself, with its 20 decimals, is above what the cost was rounded to by half of the
      // last of fifteen digits at most.
      const exactText = BigInt(text.replace('.', ''));
      assert((exactText - cost * 10n ** 12n) * 10n ** 14n <= 5n * exactText);
    },
  );
  fc.assert(property);
});
