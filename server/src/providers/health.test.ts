import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import { dayMs, hourMs, type ProviderId } from '../base/index.ts';
import { failureText } from './failures.ts';
import { type FakePanel, servePanel, serveRaw } from './fixture.ts';
import { type CallResult, createHealthCounter, readHealth } from './health.ts';
import { addProvider, findProvider, readHealthDays } from './index.ts';

let panel: TestPanel;
let upstream: FakePanel;
let reply: (fields: URLSearchParams) => unknown = () => ({});
before(async () => {
  panel = await openTestPanel();
  upstream = await servePanel((fields) => reply(fields));
});
after(async () => {
  await upstream.stop();
  await panel.close();
});

let counter = 0;

function makeProvider(url = upstream.url): Promise<ProviderId> {
  counter += 1;
  return addProvider(panel.app, staff, { name: `P${counter}`, url, key: 'k-0123456789' });
}

const read = (providerId: ProviderId) => readHealth(panel.app.db, providerId, panel.clock.now());

function result(providerId: ProviderId, rest: Partial<CallResult> = {}): CallResult {
  return {
    providerId,
    action: 'status',
    at: panel.clock.now(),
    tookMs: 1,
    failure: null,
    ...rest,
  };
}

test('what two processes count adds up, bucket by bucket', async () => {
  const providerId = await makeProvider();
  const { db } = panel.app;
  const [one, other] = [createHealthCounter(db), createHealthCounter(db)];
  for (const tookMs of [0, 7.9, 8, 15, 131_071, 131_072, 1e9]) {
    one.count(result(providerId, { tookMs }));
    other.count(result(providerId, { tookMs, failure: 'status: timeout' }));
  }
  await Promise.all([one.flush(), other.flush()]);
  one.count(result(providerId, { tookMs: 8 }));
  await one.flush();
  await one.flush();
  const rows = await db
    .selectFrom('provider_calls')
    .select(['action', 'calls', 'failures', 'buckets'])
    .where('provider_id', '=', providerId)
    .execute();
  const buckets = [4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4];
  assert.deepEqual(rows, [{ action: 'status', calls: 15, failures: 7, buckets }]);
});

test('counts of a flush that failed are in the next one, once', async () => {
  const providerId = await makeProvider();
  const health = createHealthCounter(panel.app.db);
  health.count(result(providerId));
  await panel.owner.sql`alter table provider_calls rename to calls_away`;
  await assert.rejects(health.flush());
  health.count(result(providerId, { failure: 'status: timeout' }));
  await panel.owner.sql`alter table calls_away rename to provider_calls`;
  await health.flush();
  const { calls, failures, lastFailure } = await read(providerId);
  assert.deepEqual([calls, failures, lastFailure], [2, 1, 'status: timeout']);
});

test('health is of the last 24 hours, and what came last stays last', async () => {
  const providerId = await makeProvider();
  const health = createHealthCounter(panel.app.db);
  const at = (hoursAgo: number) => new Date(panel.clock.now().getTime() - hoursAgo * hourMs);
  health.count(result(providerId, { at: at(25), failure: 'old' }));
  health.count(result(providerId, { at: at(3), tookMs: 100 }));
  health.count(result(providerId, { at: at(2), tookMs: 20, failure: 'newest' }));
  health.count(result(providerId, { at: at(2), tookMs: 20 }));
  health.count(result(providerId, { at: at(1), action: 'add', tookMs: 1e6 }));
  await health.flush();
  const late = createHealthCounter(panel.app.db);
  late.count(result(providerId, { at: at(5), failure: 'late' }));
  await late.flush();
  assert.deepEqual(await read(providerId), {
    calls: 5,
    failures: 2,
    errorRate: 0.4,
    medianMs: 32,
    lastSuccessAt: at(1),
    lastFailureAt: at(2),
    lastFailure: 'newest',
    actions: [
      { action: 'add', calls: 1, failures: 0, medianMs: null },
      { action: 'status', calls: 4, failures: 2, medianMs: 32 },
    ],
  });
  assert.equal((await read(await makeProvider())).errorRate, null);
});

test('calls are summed up by day (UTC), and days without a call are left out', async () => {
  const providerId = await makeProvider();
  const health = createHealthCounter(panel.app.db);
  const today = Math.floor(panel.clock.now().getTime() / dayMs) * dayMs;
  const at = (hour: number) => new Date(today + hour * hourMs);
  health.count(result(providerId, { at: at(-49), tookMs: 20 }));
  health.count(result(providerId, { at: at(-24), tookMs: 20, failure: 'status: timeout' }));
  health.count(result(providerId, { at: at(-1), action: 'add', tookMs: 100 }));
  health.count(result(providerId, { at: at(-1), action: 'add', tookMs: 1e6 }));
  health.count(result(providerId, { at: at(0), tookMs: 1e6 }));
  await health.flush();
  assert.deepEqual(await readHealthDays(panel.app.db, providerId, at(-48)), [
    { day: at(-24), calls: 3, failures: 1, medianMs: 128 },
    { day: at(0), calls: 1, failures: 0, medianMs: null },
  ]);
});

test('a refused order is no failure of the provider; an unreadable answer is one', async () => {
  const providerId = await makeProvider();
  const open = async () => panel.app.upstreams.open(await findProvider(panel.app.db, providerId));
  const order = { service: 1, link: 'https://example.com/a', quantity: 1 };
  const add = async (answer: unknown) => {
    reply = () => answer;
    await (await open()).add(order);
  };
  await add({ order: 5 });
  await add({ error: 'Bad link' });
  await add({ error: 'Not enough funds on balance' });
  await add({ error: 'Invalid API key' });
  await add([]);
  await add({ order: 5, error: 'x' });
  reply = () => ({ 5: { error: 'Incorrect order ID' } });
  await (await open()).statuses([5]);
  await (await open()).statuses([]);
  await (await open()).balance({ signal: AbortSignal.abort() });
  await panel.app.upstreams.flush();
  const { actions, lastFailure } = await read(providerId);
  assert.deepEqual(
    actions.map(({ action, calls, failures }) => [action, calls, failures]),
    [
      ['add', 6, 3],
      ['status', 1, 0],
    ],
  );
  assert.equal(lastFailure, 'add: result_and_error: {"order":5,"error":"x"}');
  const [row] = await panel.app.db
    .selectFrom('provider_calls')
    .select('buckets')
    .where('provider_id', '=', providerId)
    .execute();
  assert.equal(row?.buckets.length, 16);
});

test('orders leave alone and with a request id only where there is a field for it', async () => {
  const raw = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n{"order":1}'));
  const providerId = await makeProvider(`http://127.0.0.1:${raw.port}/api/v2`);
  const provider = await findProvider(panel.app.db, providerId);
  const order = { service: 1, link: 'x', requestId: 'r-1' };
  const plain = panel.app.upstreams.open(provider);
  assert.equal(panel.app.upstreams.open({ ...provider }), plain, 'the same row, the same upstream');
  await plain.add(order);
  const named = panel.app.upstreams.open({ ...provider, requestIdField: 'uuid' });
  const outcome = await named.add(order);
  assert.equal(outcome.outcome, 'accepted');
  assert(!raw.received[0]?.includes('r-1'));
  assert.match(raw.received[1] ?? '', /&uuid=r-1&key=k-0123456789&action=add$/);
  assert.equal(raw.received.length, 2);
  await raw.stop();
  const refused = await named.add(order);
  assert.deepEqual(refused, { outcome: 'notSent', reason: 'unreachable', retryAfterMs: null });
});

test('an order that the caller gives up is unknown, and nothing about the provider', async () => {
  const controller = new AbortController();
  const raw = await serveRaw(() => controller.abort());
  const providerId = await makeProvider(`http://127.0.0.1:${raw.port}/api/v2`);
  const upstreamOfRaw = panel.app.upstreams.open(await findProvider(panel.app.db, providerId));
  const outcome = await upstreamOfRaw.add({ service: 1 }, { signal: controller.signal });
  assert(outcome.outcome === 'unknown' && outcome.reason === 'aborted');
  await raw.stop();
  await panel.app.upstreams.flush();
  assert.equal((await read(providerId)).calls, 0);
});

test('a failure is told in plain words, short and without the key', () => {
  const html = `<html><head><title>Bad</title></head><body>${'gateway '.repeat(100)}</body></html>`;
  const text = failureText('add', { reason: 'server_error 502', detail: html }, 'sekret');
  assert.match(text, /^add: server_error 502: Bad gateway gateway/);
  assert(text.length <= 230);
  const echoed = failureText(
    'add',
    { reason: 'refused', detail: 'a sekret+b sekret%2Bb' },
    'sekret+b',
  );
  assert.equal(echoed, 'add: refused: a *** ***');
});
