import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type FakePanel, servePanel } from '../../src/providers/fixture.ts';
import { makeProvider } from '../listings.ts';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { type Member, openMember } from './members.ts';

let panel: SignInPanel;
let member: Member;
let upstream: FakePanel;
const key = 'canary-4b71-key-of-a-provider';

before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel);
  upstream = await servePanel((fields) =>
    fields.get('action') === 'services' ? catalog : { balance: '12.5', currency: 'EUR' },
  );
});
after(async () => {
  await upstream.stop();
  await panel.close();
});

const row = { name: 'Likes', category: 'Social', type: 'Default', rate: '1.00' };
const rows = [
  { service: 1, ...row, min: 10, max: 1_000, refill: true, cancel: true },
  { service: 2, ...row, name: 'Views', rate: '0.13', min: 10, max: 1_000 },
  { service: 3, ...row, category: 'Sites', name: 'Visits', type: 'Odd', min: 10, max: 1_000 },
];

/** What the provider answers when it is asked for its services. */
let catalog: object = rows;

async function done(method: 'POST' | 'PUT' | 'PATCH', path: string, body: object = {}) {
  const answer = await member.ask(method, path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

let added = 0;
async function add(): Promise<number> {
  added += 1;
  const input = { name: `Added ${added}`, url: upstream.url, key, balanceLowMark: '20' };
  const { id } = await done('POST', '/providers', input);
  return id as number;
}

test('a provider is added, changed and read; its key is never shown', async () => {
  const id = await add();
  await done('PATCH', `/providers/${id}`, {
    exchangeRate: '1.1',
    syncFlags: false,
    key: `${key}-2`,
    balanceLowMark: null,
  });
  const { body } = await member.get(`/providers/${id}`);
  const { exchangeRate, syncFlags, syncPrices, hasKey, balanceLowMark, days } = body;
  assert.deepEqual([exchangeRate, syncFlags, syncPrices, hasKey], ['1.10', false, true, true]);
  assert.deepEqual([balanceLowMark, days], [null, []]);
  const list = await member.get('/providers');
  assert(!JSON.stringify([body, list.body]).includes(key));
  assert((list.body.providers as { id: number }[]).some((each) => each.id === id));
  const moved = await done('PATCH', `/providers/${id}`, { url: 'http://127.0.0.1:9/api/v2' });
  assert.deepEqual(moved, { state: 'on', hasKey: false });
  const bad = await member.ask('PATCH', `/providers/${id}`, { exchangeRate: '-1' });
  assert.equal(bad.status, 400);
  assert.equal((await member.get('/providers/99999')).status, 404);
});

test('a provider is paused, drained and set on again', async () => {
  const id = await add();
  for (const state of ['paused', 'draining', 'on']) {
    assert.deepEqual(await done('PUT', `/providers/${id}/state`, { state }), { changed: true });
    assert.equal((await member.get(`/providers/${id}`)).body.state, state);
  }
});

test('a test call says what the provider answers, and counts in its health', async () => {
  const id = await add();
  const result = await done('POST', `/providers/${id}/test`);
  assert.deepEqual([result.balance, result.currency], ['12.5', 'EUR']);
  const dead = await makeProvider(panel);
  const failed = await member.ask('POST', `/providers/${dead}/test`);
  assert.equal(failed.status, 409);
  const { code, detail } = failed.body.error as { code: string; detail: string };
  assert.deepEqual([code, /^balance: /.test(detail)], ['conflict', true]);
  await panel.app.upstreams.flush();
  type Health = { id: number; calls: number; failures: number; errorRate: number };
  const { body } = await member.get('/providers');
  const health = (body.providers as Health[]).filter((each) => [id, dead].includes(each.id));
  assert.deepEqual(
    health
      .toSorted((one, other) => one.failures - other.failures)
      .map(({ calls, failures, errorRate }) => [calls, failures, errorRate]),
    [
      [1, 0, 0],
      [1, 1, 1],
    ],
  );
});

test('days of calls are told, and what waits at a provider', async () => {
  const id = await add();
  await done('POST', `/providers/${id}/test`);
  await panel.app.upstreams.flush();
  const { body } = await member.get(`/providers/${id}`);
  const day = `${panel.clock.now().toISOString().slice(0, 10)}T00:00:00.000Z`;
  const days = (body.healthDays as { day: string; calls: number; failures: number }[]).map(
    ({ day, calls, failures }) => [day, calls, failures],
  );
  assert.deepEqual(days, [[day, 1, 0]]);
  assert(typeof body.medianMs === 'number');
  const none = { due: 0, inFlight: 0, following: 0, unknown: 0, held: 0 };
  assert.deepEqual(body.orders, none);
});

test('what the last sync did, or why it failed, stays to be read', async () => {
  const id = await add();
  const lastSync = async () => (await member.get(`/providers/${id}`)).body.lastSync;
  assert.equal(await lastSync(), null);
  await done('POST', `/providers/${id}/sync`);
  const at = panel.clock.now().toISOString();
  const nothing = { followed: 0, applied: 0, held: 0, warnings: [], warningCount: 0 };
  assert.deepEqual(await lastSync(), { at, failure: null, listed: 3, ...nothing });
  await done('POST', `/providers/${id}/import`, { markupBasisPoints: 0 });
  catalog = rows.slice(1);
  await done('POST', `/providers/${id}/sync`);
  const { listed, applied, warnings, warningCount } = (await lastSync()) as Record<string, unknown>;
  assert.deepEqual([listed, applied, warningCount], [2, 1, 1]);
  const [warning] = warnings as { code: string; serviceId: number; service: string }[];
  assert.deepEqual([warning?.code, warning?.service], ['missing', 'Likes']);
  catalog = { error: 'Busy' };
  const failed = await member.ask('POST', `/providers/${id}/sync`);
  catalog = rows;
  assert.equal(failed.status, 409);
  const { failure } = (await lastSync()) as { failure: string };
  assert.match(failure, /Busy/);
  const stored = await member.get(`/providers/${id}/catalog/categories`);
  assert.equal((stored.body.categories as object[]).length, 2);
});

test('a refused setting is named, so that a form can say it at its field', async () => {
  const id = await add();
  const refused = [
    ['exchangeRate', '0'],
    ['currency', 'Euro'],
    ['callsPerMinuteMax', 0],
    ['addTimeoutMs', 1],
    ['requestIdField', 'key'],
    ['url', 'ftp://panel.example'],
    ['name', ' '],
    ['key', 'two words'],
    ['priceJumpPercentMax', 0],
  ];
  for (const [field, value] of refused) {
    const answer = await member.ask('PATCH', `/providers/${id}`, { [String(field)]: value });
    const { detail } = answer.body.error as { detail: string };
    assert.deepEqual([answer.status, detail], [400, field]);
  }
  const taken = await member.ask('PATCH', `/providers/${id}`, { name: 'Added 1' });
  assert.deepEqual([taken.status, (taken.body.error as { detail: string }).detail], [409, 'name']);
});

test('a catalog is fetched, searched, previewed and imported as previewed', async () => {
  const id = await add();
  const empty = await member.ask('POST', `/providers/${id}/import`, { markupBasisPoints: 0 });
  assert.equal(empty.status, 409);
  const report = await done('POST', `/providers/${id}/sync`);
  assert.deepEqual([report.listed, report.followed], [3, 0]);
  const { body: found } = await member.get(`/providers/${id}/catalog/categories`);
  assert.deepEqual(found.categories, [
    { name: 'Social', services: 2, imported: 0 },
    { name: 'Sites', services: 1, imported: 0 },
  ]);
  const path = `/providers/${id}/catalog/services`;
  const first = await member.get(`${path}?limit=2`);
  const second = await member.get(`${path}?limit=2&cursor=${first.body.next}`);
  const names = [first, second].map(({ body }) => (body.rows as { name: string }[]).length);
  assert.deepEqual([...names, second.body.next], [2, 1, null]);
  const search = await member.get(`${path}?search=SOCIAL%20view`);
  assert.deepEqual(
    (search.body.rows as { externalId: string; cost: string }[]).map((each) => each.cost),
    ['0.13'],
  );
  const input = { markupBasisPoints: 2_000, markupFixed: '0.01', rateStep: '0.05', rateMin: '0.3' };
  const preview = await done('POST', `/providers/${id}/import/preview`, input);
  assert.deepEqual([preview.created, preview.existing, preview.skipped], [3, 0, 0]);
  const rates = (preview.rows as { rate: string }[]).map(({ rate }) => rate);
  assert.deepEqual(rates, ['1.25', '0.30', '1.25']);
  const costs = (preview.rows as { ownCost: string }[]).map(({ ownCost }) => ownCost);
  assert.deepEqual(costs, ['1.00', '0.13', '1.00']);
  const imported = await done('POST', `/providers/${id}/import`, input);
  const created = imported.created as { serviceId: number }[];
  assert.deepEqual(imported.warnings, [{ subject: '3', code: 'unknown_type', isSkipped: false }]);
  const details = await Promise.all(
    created.map(async ({ serviceId }) => (await member.get(`/services/${serviceId}`)).body),
  );
  assert.deepEqual(
    details.map(({ rate }) => rate),
    rates,
  );
  const source = { markupBasisPoints: 2_000, markupFixed: '0.01', rateStep: '0.05' };
  const provider = `Added ${added}`;
  const origin = { providerId: id, provider, externalId: '1' };
  assert.deepEqual(details[0]?.source, { ...origin, ...source, rateMin: '0.30' });
  const again = await done('POST', `/providers/${id}/import/preview`, input);
  assert.deepEqual([again.created, again.existing], [0, 3]);
});

test('an import into one category puts all that is new there, and moves nothing', async () => {
  const id = await add();
  await done('POST', `/providers/${id}/sync`);
  const input = { markupBasisPoints: 0, category: ' Fresh ' };
  await done('POST', `/providers/${id}/import`, { markupBasisPoints: 0, externalIds: ['1'] });
  const preview = await done('POST', `/providers/${id}/import/preview`, input);
  assert.deepEqual(
    (preview.rows as { category: string }[]).map(({ category }) => category),
    ['Social', 'Fresh', 'Fresh'],
  );
  const imported = await done('POST', `/providers/${id}/import`, input);
  const created = imported.created as { serviceId: number }[];
  const details = await Promise.all(
    created.map(async ({ serviceId }) => (await member.get(`/services/${serviceId}`)).body),
  );
  assert.deepEqual(
    details.map(({ category }) => category),
    ['Fresh', 'Fresh'],
  );
  const nameless = { markupBasisPoints: 0, category: ' ' };
  for (const path of ['import', 'import/preview']) {
    assert.equal((await member.ask('POST', `/providers/${id}/${path}`, nameless)).status, 400);
  }
});

test('without the permission nothing is read or changed', async () => {
  const id = await add();
  const orders = await openMember(panel, ['orders']);
  const services = await openMember(panel, ['services']);
  const providers = await openMember(panel, ['providers']);
  for (const one of [orders, services]) {
    assert.equal((await one.get('/providers')).status, 403);
    assert.equal((await one.get(`/providers/${id}`)).status, 403);
    const state = { state: 'paused' };
    assert.equal((await one.ask('PUT', `/providers/${id}/state`, state)).status, 403);
    assert.equal((await one.ask('POST', `/providers/${id}/test`)).status, 403);
    assert.equal((await one.ask('PATCH', `/providers/${id}`, { key: 'mine' })).status, 403);
    const input = { name: 'Mine', url: upstream.url, key };
    assert.equal((await one.ask('POST', '/providers', input)).status, 403);
  }
  const input = { markupBasisPoints: 0 };
  for (const one of [orders, providers]) {
    assert.equal((await one.get(`/providers/${id}/catalog/categories`)).status, 403);
    assert.equal((await one.get(`/providers/${id}/catalog/services`)).status, 403);
    assert.equal((await one.ask('POST', `/providers/${id}/sync`)).status, 403);
    assert.equal((await one.ask('POST', `/providers/${id}/import/preview`, input)).status, 403);
    assert.equal((await one.ask('POST', `/providers/${id}/import`, input)).status, 403);
  }
  assert.equal((await member.get(`/providers/${id}`)).body.state, 'on');
});
