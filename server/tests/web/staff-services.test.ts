import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseRate, type ServiceId } from '../../src/base/index.ts';
import { listChanges } from '../../src/catalog/index.ts';
import { setCustomerPrice } from '../../src/customers/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { importRows, list, listedRow, makeProvider } from '../listings.ts';
import { openSignInPanel, type SignInPanel, signUp } from '../sign-in/visitor.ts';
import { type Member, openMember } from './members.ts';

let panel: SignInPanel;
let member: Member;
before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel);
});
after(() => panel.close());

type Row = { id: number; name: string; rate: string; flags: string[]; [field: string]: unknown };
type Category = { id: number; name: string; services: Row[] };
type Catalog = { categories: Category[]; providers: unknown[]; waiting: number };

async function readCatalog(): Promise<Catalog> {
  const answer = await member.get('/services');
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as Catalog;
}

async function rowOf(id: number): Promise<Row | undefined> {
  const { categories } = await readCatalog();
  return categories.flatMap(({ services }) => services).find((row) => row.id === id);
}

async function namesIn(category: string): Promise<string[]> {
  const { categories } = await readCatalog();
  const found = categories.find(({ name }) => name === category);
  return (found?.services ?? []).map(({ name }) => name);
}

async function done(method: 'POST' | 'PUT' | 'PATCH', path: string, body: object = {}) {
  const answer = await member.ask(method, path, body);
  assert(answer.status === 200 || answer.status === 204, JSON.stringify(answer.body));
  return answer.body;
}

test('staff read all services by category, with what the first route costs', async () => {
  const changes = { exchangeRate: 200_000_000n };
  const { serviceIds } = await importRows(panel, [listedRow(1, { category: 'Read' })], changes);
  const [first] = serviceIds;
  const hidden = await makeService(panel, { category: 'Read', hidden: true, enabled: false });
  const { categories, providers } = await readCatalog();
  assert(providers.length > 0);
  const rows = categories.find(({ name }) => name === 'Read')?.services ?? [];
  assert.deepEqual(
    rows.map(({ id }) => id),
    [first, hidden],
  );
  const [row] = rows;
  assert.deepEqual(
    [row?.rate, row?.cost, row?.routes, row?.flags],
    ['2.40', '2.00', 1, ['cancel', 'dripfeed']],
  );
  assert.deepEqual([rows[1]?.offBy, rows[1]?.flags], ['staff', ['hidden']]);
});

test('a service says how many customers have an own price for it', async () => {
  const [service, other] = [await makeService(panel), await makeService(panel)];
  const rate = parseRate('0.5', 'rate');
  for (const _ of [1, 2]) {
    const { customerId } = await makeCustomer(panel);
    await setCustomerPrice(panel.app, staff, { customerId, serviceId: service, rate });
  }
  assert.equal((await member.get(`/services/${service}`)).body.ownPrices, 2);
  assert.equal((await member.get(`/services/${other}`)).body.ownPrices, 0);
});

test('a service is created, edited field by field, and duplicated off sale', async () => {
  const providerId = await makeProvider(panel);
  const { id } = await done('POST', '/services', {
    name: 'Likes',
    category: 'Edited',
    type: 'Default',
    rate: '0.55',
    min: 10,
    max: 500,
    refill: true,
    refillDays: 30,
  });
  await done('PATCH', `/services/${id}`, { rate: '0.66', description: 'Fast', hidden: true });
  const route = { providerId, externalId: '7', isDelegated: true, guardsMargin: false };
  const { unknown } = await done('PUT', `/services/${id}/routes`, { routes: [route] });
  assert.deepEqual(unknown, [{ providerId, externalId: '7' }]);
  const { id: copyId } = await done('POST', `/services/${id}/duplicate`);
  const { body } = await member.get(`/services/${copyId}`);
  const { rate, description, hidden, enabled, offBy, refillDays, routes } = body;
  assert.deepEqual([rate, description, hidden], ['0.66', 'Fast', true]);
  assert.deepEqual([enabled, offBy, refillDays], [false, 'staff', 30]);
  assert.deepEqual(routes, [
    {
      ...route,
      provider: (routes as { provider: string }[])[0]?.provider,
      listed: null,
      quality: null,
    },
  ]);
  const refused = await member.ask('PATCH', `/services/${id}`, { min: 900 });
  assert.equal(refused.status, 400);
  assert.equal((await member.get('/services/99999')).status, 404);
});

test('services are moved within and between categories, by one statement', async () => {
  const ids: ServiceId[] = [];
  for (const name of ['A', 'B', 'C', 'D']) {
    ids.push(await makeService(panel, { category: 'From', name }));
  }
  const [a, b, c, d] = ids;
  const other = await makeService(panel, { category: 'To', name: 'X' });
  const move = (serviceIds: unknown[], category: object, beforeId: number | null = null) =>
    done('POST', '/services/move', { serviceIds, category, beforeId });
  const { categories } = await readCatalog();
  const from = categories.find(({ name }) => name === 'From')?.id;
  await move([d, b], { id: from }, a ?? 0);
  assert.deepEqual(await namesIn('From'), ['D', 'B', 'A', 'C']);
  await move([a, c], { name: 'To' }, other);
  assert.deepEqual(await namesIn('To'), ['A', 'C', 'X']);
  assert.deepEqual(await namesIn('From'), ['D', 'B']);
  await move([b], { name: 'Quite new' });
  assert.deepEqual(await namesIn('Quite new'), ['B']);
  const unknown = { serviceIds: [99_999], category: { id: from }, beforeId: null };
  assert.equal((await member.ask('POST', '/services/move', unknown)).status, 404);
});

test('categories are ordered and renamed', async () => {
  for (const category of ['First', 'Second', 'Third']) await makeService(panel, { category });
  const order = async () => {
    const { categories } = await readCatalog();
    return categories.filter(({ name }) => ['First', 'Second', 'Third', 'Last'].includes(name));
  };
  const [first, , third] = await order();
  await done('POST', `/categories/${third?.id}/move`, { beforeId: first?.id });
  assert.deepEqual(
    (await order()).map(({ name }) => name),
    ['Third', 'First', 'Second'],
  );
  await done('POST', `/categories/${third?.id}/move`, { beforeId: null });
  await done('PATCH', `/categories/${third?.id}`, { name: 'Last' });
  assert.deepEqual(
    (await order()).map(({ name }) => name),
    ['First', 'Second', 'Last'],
  );
  const taken = await member.ask('PATCH', `/categories/${third?.id}`, { name: 'First' });
  assert.equal(taken.status, 409);
});

test('many services go off sale and on, and the feed tells of it', async () => {
  const ids = [await makeService(panel), await makeService(panel, { enabled: false })];
  const off = await done('POST', '/services/switch', { serviceIds: ids, enabled: false });
  assert.deepEqual(off, { changed: 1 });
  const on = { serviceIds: ids, enabled: true, hidden: true };
  assert.deepEqual(await done('POST', '/services/switch', on), { changed: 2 });
  assert.deepEqual((await rowOf(ids[0] ?? 0))?.flags, ['hidden']);
  await done('POST', '/services/switch', { serviceIds: ids, hidden: false });
  const feed = await listChanges(panel.app.db, { limit: 3 });
  assert.deepEqual(
    feed.map(({ kind, serviceId }) => [kind, serviceId]),
    [
      ['enabled', ids[1]],
      ['enabled', ids[0]],
      ['disabled', ids[0]],
    ],
  );
});

const up = { base: 'rate', basisPoints: 1_000, fixed: '0.01', step: '0.01', min: '0' };

test('prices change as they were previewed, once', async () => {
  const ids = [
    await makeService(panel, { rate: '0.90' }),
    await makeService(panel, { rate: '0.005' }),
  ];
  const asked = { serviceIds: ids, change: up };
  const plan = await done('POST', '/services/prices/preview', asked);
  const rows = plan.rows as { before: string; after: string }[];
  assert.deepEqual(
    rows.map(({ before, after }) => [before, after]),
    [
      ['0.90', '1.00'],
      ['0.005', '0.02'],
    ],
  );
  const basis = plan.basis;
  assert.deepEqual(await done('POST', '/services/prices', { ...asked, basis }), { changed: 2 });
  const again = await member.ask('POST', '/services/prices', { ...asked, basis });
  assert.equal(again.status, 409);
  assert.equal((await rowOf(ids[0] ?? 0))?.rate, '1.00');
  const down = { serviceIds: ids, change: { ...up, basisPoints: -5_000, fixed: '-0.01' } };
  const lower = await done('POST', '/services/prices/preview', down);
  const warned = lower.rows as { after: string | null; warning: string | null }[];
  assert.deepEqual(
    warned.map(({ after, warning }) => [after, warning]),
    [
      ['0.49', null],
      [null, 'free'],
    ],
  );
});

test('a mark-up over cost stays with what follows a provider', async () => {
  const { providerId, serviceIds } = await importRows(panel, [listedRow(1), listedRow(2)]);
  const own = await makeService(panel);
  const change = { base: 'cost', basisPoints: 5_000, fixed: '0', step: '0.00001', min: '0' };
  const asked = { serviceIds: [...serviceIds, own], change };
  const plan = await done('POST', '/services/prices/preview', asked);
  const rows = plan.rows as { after: string | null; warning: string | null }[];
  assert.deepEqual(
    rows.map(({ after, warning }) => [after, warning]),
    [
      ['1.50', null],
      ['1.50', null],
      [null, 'no_cost'],
    ],
  );
  assert.deepEqual(await done('POST', '/services/prices', { ...asked, basis: plan.basis }), {
    changed: 2,
  });
  await list(panel, providerId, listedRow(1, { rate: '1.10' }), listedRow(2));
  assert.equal((await rowOf(serviceIds[0] ?? 0))?.rate, '1.65');
  assert.equal((await rowOf(serviceIds[1] ?? 0))?.rate, '1.50');
});

test('a rate by hand stands until the provider changes its own', async () => {
  const { providerId, serviceIds } = await importRows(panel, [listedRow(1)]);
  const asked = { serviceIds, change: up };
  const { basis } = await done('POST', '/services/prices/preview', asked);
  await done('POST', '/services/prices', { ...asked, basis });
  await list(panel, providerId, listedRow(1));
  assert.equal((await rowOf(serviceIds[0] ?? 0))?.rate, '1.33');
  await list(panel, providerId, listedRow(1, { rate: '1.05' }));
  assert.equal((await rowOf(serviceIds[0] ?? 0))?.rate, '1.26');
});

test('rates that jumped are applied or rejected, many at once', async () => {
  const rows = [1, 2, 3].map((id) => listedRow(id));
  const { providerId, serviceIds } = await importRows(panel, rows);
  await list(panel, providerId, ...rows.map((row) => ({ ...row, rate: '9' })));
  const page = await member.get('/services/changes/waiting?limit=2');
  const waiting = page.body.rows as Waiting[];
  assert.deepEqual(
    waiting.map((row) => [row.serviceId, row.costBefore, row.cost, row.rate, row.newRate]),
    serviceIds.slice(0, 2).map((id) => [id, '1.00', '9.00', '1.20', '10.80']),
  );
  const rest = await member.get(`/services/changes/waiting?limit=2&cursor=${page.body.next}`);
  const [last] = rest.body.rows as { id: number }[];
  const changeIds = waiting.map(({ id }) => id);
  const apply = { changeIds, decision: 'apply' };
  assert.deepEqual(await done('POST', '/services/changes/decide', apply), { decided: 2 });
  assert.deepEqual(await done('POST', '/services/changes/decide', apply), { decided: 0 });
  const reject = { changeIds: [last?.id], decision: 'reject' };
  assert.deepEqual(await done('POST', '/services/changes/decide', reject), { decided: 1 });
  const rates = await Promise.all(serviceIds.map(async (id) => (await rowOf(id))?.rate));
  assert.deepEqual(rates, ['10.80', '10.80', '1.20']);
  assert.equal((await readCatalog()).waiting, 0);
  const feed = await member.get('/services/changes?limit=3');
  const changes = feed.body.rows as { state: string; before: object; after: object }[];
  assert.deepEqual(
    changes.map(({ state, before, after }) => [state, before, after]),
    [
      ['applied', { rate: '1.20' }, { rate: '10.80' }],
      ['applied', { rate: '1.20' }, { rate: '10.80' }],
      ['rejected', { rate: '1.20' }, { rate: '10.80' }],
    ],
  );
});

type Waiting = {
  id: number;
  serviceId: number;
  rate: string;
  newRate: string;
  cost: string | null;
  costBefore: string | null;
};

test('without the permission nothing is read or changed; customers have no way in', async () => {
  const serviceId = await makeService(panel, { rate: '0.90' });
  const without = await openMember(panel, ['orders', 'providers']);
  const { visitor } = await signUp(panel);
  const reads = ['/services', `/services/${serviceId}`, '/services/changes'];
  for (const path of [...reads, '/services/changes/waiting']) {
    assert.equal((await without.get(path)).status, 403, path);
    assert.equal((await visitor.get(`/api/admin${path}`)).status, 403, path);
  }
  const serviceIds = [serviceId];
  const writes: ['POST' | 'PATCH' | 'PUT', string, object][] = [
    ['PATCH', `/services/${serviceId}`, { rate: '0.01' }],
    ['POST', `/services/${serviceId}/duplicate`, {}],
    ['PUT', `/services/${serviceId}/routes`, { routes: [] }],
    ['POST', '/services/switch', { serviceIds, enabled: false }],
    ['POST', '/services/move', { serviceIds, category: { name: 'Away' }, beforeId: null }],
    ['POST', '/services/prices/preview', { serviceIds, change: up }],
    ['POST', '/services/prices', { serviceIds, change: up, basis: '' }],
    ['POST', '/services/changes/decide', { changeIds: [1], decision: 'apply' }],
  ];
  for (const [method, path, body] of writes) {
    assert.equal((await without.ask(method, path, body)).status, 403, path);
  }
  const row = await rowOf(serviceId);
  assert.deepEqual([row?.rate, row?.offBy], ['0.90', undefined]);
});
