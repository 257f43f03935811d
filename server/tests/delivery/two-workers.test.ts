import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { minuteMs, type OrderId } from '../../src/base/index.ts';
import type { JournalEntry } from '../../src/sandbox/index.ts';
import { startWorker, type Worker } from '../../src/worker/index.ts';
import { makeCustomer } from '../factories.ts';
import { type FakeUpstream, startFakeUpstream } from '../fake-upstream.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { deliveryStates, killWorkers, sellFrom, startWorkerProcess, until } from './processes.ts';
import { addsIn, openUpstream, place, statusOf, type Upstream } from './upstream.ts';
import { openSecondWorker, type SecondWorker } from './workers.ts';

let panel: TestPanel;
let other: SecondWorker;
let key: string;
before(async () => {
  panel = await openTestPanel({ connectionsMax: 12 });
  other = await openSecondWorker(panel);
  ({ key } = await makeCustomer(panel, { funds: '10000' }));
});
after(async () => {
  await killWorkers();
  await other.close();
  await panel.verify();
  await panel.close();
});

type Sold = { upstream: Upstream; orders: { orderId: OrderId; link: string }[] };

/** Upstreams that give out the same order ids, and orders for each, in turn. */
async function openSold(t: TestContext, count: number, ordersEach: number): Promise<Sold[]> {
  const sold: (Sold & { service: number })[] = [];
  for (let at = 0; at < count; at += 1) {
    const upstream = await openUpstream(panel, { firstOrderId: 500, addTimeoutMs: 60_000 });
    t.after(() => upstream.close());
    sold.push({ upstream, orders: [], service: await upstream.sell() });
  }
  for (let number = 0; number < ordersEach; number += 1) {
    const placing = sold.map(async ({ upstream, orders, service }) => {
      const link = `https://example.com/${upstream.providerId}/${number}`;
      orders.push({ link, orderId: await place(panel, { key, service, link, quantity: 100 }) });
    });
    await Promise.all(placing);
  }
  return sold;
}

function startBoth(t: TestContext): Worker[] {
  const workers = [startWorker(panel.app), startWorker(other.app)];
  for (const worker of workers) t.after(() => worker.stop());
  return workers;
}

/** How many of these orders their providers have accepted. */
async function countFollowed(sold: readonly Sold[]): Promise<number> {
  const found = await panel.app.db
    .selectFrom('deliveries')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('state', 'in', ['following', 'done'])
    .where(
      'provider_id',
      'in',
      sold.map(({ upstream }) => upstream.providerId),
    )
    .executeTakeFirstOrThrow();
  return Number(found.count);
}

/** Fails unless each order follows the one that its own provider made for it, and only that. */
async function assertOnce({ upstream, orders }: Sold): Promise<void> {
  const rows = await panel.app.db
    .selectFrom('deliveries')
    .select(['order_id', 'external_id'])
    .where('provider_id', '=', upstream.providerId)
    .execute();
  const externals = new Map(rows.map((row) => [row.order_id, row.external_id]));
  const links = linksById(upstream.sandbox.journal());
  for (const { orderId, link } of orders) {
    assert.equal(addsIn(upstream, link), 1);
    assert.equal(links.get(externals.get(orderId) ?? ''), link);
  }
}

function linksById(journal: readonly JournalEntry[]): Map<string, string | undefined> {
  const adds = journal.filter((entry) => entry.kind === 'add');
  return new Map(adds.map((entry) => [String(entry.order), entry.params.link]));
}

test('two workers share the orders of several providers, each sent once, none mixed', async (t) => {
  const sold = await openSold(t, 3, 60);
  const ends = [
    { end: 'Completed' },
    { end: 'Partial', remains: 40 },
    { end: 'Canceled' },
  ] as const;
  sold.forEach(({ upstream }, at) => {
    upstream.sandbox.plan({ service: 1 }, ends[at] ?? {});
  });
  const workers = startBoth(t);
  await until('all are accepted', async () => (await countFollowed(sold)) === 180);
  for (const one of sold) await assertOnce(one);
  panel.clock.advance(30 * minuteMs);
  const states = async () => (await deliveryStates(panel)).done ?? 0;
  await until('all are over', async () => (await states()) === 180);
  await Promise.all(workers.map((worker) => worker.stop()));
  const charges = ['0.50', '0.30', '0.00'];
  for (const [at, { orders }] of sold.entries()) {
    for (const { orderId } of orders) {
      const { status, charge } = await statusOf(panel, key, orderId);
      assert.deepEqual([status, charge], [ends[at]?.end, charges[at]]);
    }
  }
  await panel.verify();
});

test('a provider that hangs holds up no other', async (t) => {
  const sold = await openSold(t, 5, 40);
  const [hole, ...others] = sold;
  assert(hole);
  const { sandbox, served } = hole.upstream;
  sandbox.script({ kind: 'hang', on: { action: 'add' }, times: 0 });
  const workers = startBoth(t);
  await served.untilHeld(1);
  await until('all others are accepted', async () => (await countFollowed(others)) === 160);
  for (const one of others) await assertOnce(one);
  panel.clock.advance(minuteMs);
  for (const { upstream } of others) {
    const done = async () => (await stateCount(upstream, 'done')) === 40;
    await until('the others are delivered', done);
  }
  assert(served.held() > 0, 'the provider still hangs');
  assert.equal(await countFollowed([hole]), 0);
  sandbox.clearFaults();
  served.release('reset');
  await until(
    'what hung is unknown',
    async () => (await stateCount(hole.upstream, 'sending')) === 0,
  );
  await Promise.all(workers.map((worker) => worker.stop()));
  for (const { link } of hole.orders) assert(addsIn(hole.upstream, link) <= 1);
});

async function stateCount(upstream: Upstream, state: 'done' | 'sending'): Promise<number> {
  const found = await panel.app.db
    .selectFrom('deliveries')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('provider_id', '=', upstream.providerId)
    .where('state', '=', state)
    .executeTakeFirstOrThrow();
  return Number(found.count);
}

/** A panel that starts now, as the processes beside it have the system's clock. */
async function openRealPanel(t: TestContext): Promise<TestPanel> {
  const real = await openTestPanel({ start: new Date() });
  t.after(async () => {
    await killWorkers();
    await real.close();
  });
  return real;
}

/** Nothing is delivered while a test runs. */
const slow = { pendingMs: 60 * minuteMs };

test('two worker processes share two providers that give out the same ids', async (t) => {
  const real = await openRealPanel(t);
  const customer = await makeCustomer(real, { funds: '10000' });
  const upstreams: FakeUpstream[] = [];
  const links: string[][] = [];
  const services: number[] = [];
  for (const name of ['First', 'Second']) {
    const upstream = await startFakeUpstream({ firstOrderId: 500, pace: slow });
    t.after(() => upstream.stop());
    services.push((await sellFrom(real, upstream, { name })).service);
    upstreams.push(upstream);
    links.push([]);
  }
  for (let number = 0; number < 100; number += 1) {
    const placing = services.map(async (service, at) => {
      const link = `https://example.com/${at}/${number}`;
      links[at]?.push(link);
      await place(real, { key: customer.key, service, link, quantity: 100 });
    });
    await Promise.all(placing);
  }
  const workers = await Promise.all([startWorkerProcess(real), startWorkerProcess(real)]);
  await until('all are accepted', async () => (await deliveryStates(real)).following === 200);
  for (const [at, upstream] of upstreams.entries()) {
    const made = [...linksById(await upstream.journal()).values()].sort();
    assert.deepEqual(made, links[at]?.sort());
  }
  assert.deepEqual(await Promise.all(workers.map((worker) => worker.end('SIGTERM'))), [0, 0]);
  await real.verify();
});

test('a worker told to stop while it sends leaves nothing half sent, loses nothing', async (t) => {
  const real = await openRealPanel(t);
  const customer = await makeCustomer(real, { funds: '10000' });
  const upstream = await startFakeUpstream({ pace: slow });
  t.after(() => upstream.stop());
  const { service } = await sellFrom(real, upstream, { name: 'Slow', addTimeoutMs: 20_000 });
  await upstream.script({ kind: 'slow_drip', everyMs: 10, on: { action: 'add' }, times: 0 });
  const links: string[] = [];
  const placing = Array.from({ length: 400 }, (_, number) => {
    const link = `https://example.com/drain/${number}`;
    links.push(link);
    return place(real, { key: customer.key, service, link, quantity: 100 });
  });
  await Promise.all(placing);
  for (const enough of [30, 90, 150]) {
    const worker = await startWorkerProcess(real);
    const isAtWork = async () => {
      const { sending = 0, following = 0 } = await deliveryStates(real);
      return sending > 5 && following + sending > enough;
    };
    await until('it is in the middle of sending', isAtWork);
    assert.equal(await worker.end('SIGTERM'), 0);
    const { sending, unknown, held, due = 0, following = 0 } = await deliveryStates(real);
    assert.deepEqual(
      [sending, unknown, held, due + following],
      [undefined, undefined, undefined, 400],
    );
    const made = await upstream.journal();
    assert.equal(made.filter((entry) => entry.kind === 'add').length, following);
  }
  const last = await startWorkerProcess(real);
  await until('all are accepted', async () => (await deliveryStates(real)).following === 400);
  assert.equal(await last.end('SIGTERM'), 0);
  const made = [...linksById(await upstream.journal()).values()].sort();
  assert.deepEqual(made, links.sort());
  await real.verify();
});
