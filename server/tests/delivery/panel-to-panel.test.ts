import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hourMs, minuteMs, type OrderId, parseAmount } from '../../src/base/index.ts';
import { decideCancel, forwardCancels, resolveCancels } from '../../src/cancels/index.ts';
import { setRoutes } from '../../src/catalog/index.ts';
import {
  createDeliveryQueues,
  expireLeases,
  forwardDue,
  pollDue,
  reconcileDue,
} from '../../src/fulfilment/index.ts';
import { createDueRuns, settleOrder } from '../../src/orders/index.ts';
import { addProvider, findProvider } from '../../src/providers/index.ts';
import { decideRefill, followRefills, forwardRefills } from '../../src/refills/index.ts';
import { orderSamples } from '../contract/order-samples.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { deliveryOf, place, statusOf } from './upstream.ts';
import { dieAt } from './workers.ts';

// A panel whose provider is a panel: what one promises its customers, the other holds.

/** The panel where customers order, and the one that delivers, where the first is a customer. */
let near: TestPanel;
let far: TestPanel;
let key: string;
let farKey: string;
let chain: Awaited<ReturnType<typeof connectPanels>>;
let links = 0;
before(async () => {
  [near, far] = await Promise.all([openTestPanel(), openTestPanel()]);
  ({ key } = await makeCustomer(near, { funds: '10000' }));
  ({ key: farKey } = await makeCustomer(far, { funds: '5000' }));
  chain = await connectPanels();
});
after(async () => {
  await near.verify();
  await far.verify();
  await near.close();
  await far.close();
});

const nearUnit = 123_456n;
const farUnit = 65_432n;

/** Makes the far panel a provider of the near one, and answers the work between them by steps. */
async function connectPanels() {
  const providerId = await addProvider(near.app, staff, {
    name: 'Far',
    url: `${far.url}/api/v2`,
    key: farKey,
    callsPerMinuteMax: 6_000_000,
    addTimeoutMs: 10_000,
    requestIdField: 'request_id',
  });
  const ctx = { ...near.app, ...createDeliveryQueues(near.app) };
  const provider = () => findProvider(near.app.db, providerId);
  return {
    /** Sends what waits: orders, cancellations, refills. */
    send: async () => {
      const options = { limit: 100, brake: { isSet: false } };
      while ((await forwardDue(ctx, await provider(), options)) > 0);
      while ((await forwardCancels(ctx, await provider(), 100)) > 0);
      while ((await forwardRefills(ctx, await provider(), 100)) > 0);
    },
    /** Asks how everything does, some hours later. */
    look: async () => {
      for (const panel of [near, far]) panel.clock.advance(2 * hourMs);
      while ((await pollDue(ctx, await provider(), 20)) > 0);
      while ((await followRefills(ctx, await provider(), 100)) > 0);
      while ((await resolveCancels(near.app)) > 0);
    },
    reconcile: async () => {
      await expireLeases(near.app);
      await reconcileDue(ctx, await provider());
    },
    /** A service of the near panel that is delivered by one of the far panel. */
    sell: async (given: Partial<Parameters<typeof makeService>[1]> & { isDelegated?: boolean }) => {
      const { isDelegated = false, ...options } = given;
      const shared = { min: 1, max: 10_000, dripfeed: true, cancel: true, refill: true };
      // Not every type has a drip-feed.
      const flags = { ...shared, dripfeed: options.type === undefined };
      const external = await makeService(far, { ...flags, ...options, rate: '0.65432' });
      const service = await makeService(near, { ...flags, ...options, rate: '1.23456' });
      const routes = [{ providerId, externalId: String(external), isDelegated }];
      await setRoutes(near.app, staff, { serviceId: service, routes });
      await near.app.catalog.refresh();
      return { service, external };
    },
  };
}

async function balances(): Promise<{ near: bigint; far: bigint }> {
  const read = async (panel: TestPanel, panelKey: string) => {
    const reply = Object(await panel.call({ key: panelKey, action: 'balance' }));
    return parseAmount(String(reply.balance), 'balance');
  };
  return { near: await read(near, key), far: await read(far, farKey) };
}

/** What both customers have paid since. */
async function spentSince(before: { near: bigint; far: bigint }) {
  const now = await balances();
  return { near: before.near - now.near, far: before.far - now.far };
}

async function order(service: number, fields: Record<string, string | number> = {}) {
  links += 1;
  const link = `https://example.com/pp/${links}`;
  const orderId = await place(near, { key, service, link, ...fields });
  await chain.send();
  return { orderId, link };
}

/** The far panel's number of a near order. */
async function farOf(orderId: OrderId): Promise<OrderId> {
  return BigInt((await deliveryOf(near, orderId)).external_id ?? '') as OrderId;
}

async function countFar(link: string): Promise<number> {
  const rows = await far.app.db
    .selectFrom('orders')
    .select('id')
    .where('link', '=', link)
    .execute();
  return rows.length;
}

for (const { type, fields, details, quantity } of orderSamples) {
  test(`${type}: what is ordered at one panel stands at the other, paid on both`, async () => {
    const { service, external } = await chain.sell({ type });
    const before = await balances();
    const { orderId, link } = await order(service, fields);
    const found = await far.app.db
      .selectFrom('orders')
      .select(['service_id', 'type', 'link', 'quantity', 'details', 'kind'])
      .where('id', '=', await farOf(orderId))
      .executeTakeFirstOrThrow();
    const expected = { service_id: external, type, link, quantity, details, kind: 'single' };
    assert.deepEqual(found, expected);
    const units = type.includes('Package') ? 1_000n : quantity;
    assert.deepEqual(await spentSince(before), { near: units * nearUnit, far: units * farUnit });
    await settleOrder(far.app, staff, { orderId: await farOf(orderId), status: 'Completed' });
    await chain.look();
    const status = await statusOf(near, key, orderId);
    assert.deepEqual([status.status, status.remains], ['Completed', '0']);
  });
}

test('what one panel refunds in part the other refunds in part, to the last digit', async () => {
  const { service } = await chain.sell({});
  for (const [quantity, remains] of [
    [7, 3],
    [997, 331],
    [10_000, 9_999],
    [1, 0],
  ] as const) {
    const before = await balances();
    const { orderId } = await order(service, { quantity });
    const report = { orderId: await farOf(orderId), startCount: 12n } as const;
    await settleOrder(far.app, staff, { ...report, status: 'Partial', remains: BigInt(remains) });
    await chain.look();
    const kept = BigInt(quantity - remains);
    assert.deepEqual(await spentSince(before), { near: kept * nearUnit, far: kept * farUnit });
    const status = await statusOf(near, key, orderId);
    const shown = [status.status, status.remains, status.start_count];
    assert.deepEqual(shown, ['Partial', String(remains), '12']);
  }
});

test('an order cancelled at the far panel costs nothing at either', async () => {
  const { service } = await chain.sell({});
  const before = await balances();
  const { orderId } = await order(service, { quantity: 500 });
  await settleOrder(far.app, staff, { orderId: await farOf(orderId), status: 'Canceled' });
  await chain.look();
  assert.equal((await statusOf(near, key, orderId)).status, 'Canceled');
  assert.deepEqual(await spentSince(before), { near: 0n, far: 0n });
});

test('a cancel request goes through both panels and refunds what the far one decides', async () => {
  const { service } = await chain.sell({});
  const before = await balances();
  const { orderId } = await order(service, { quantity: 500 });
  const asked = await near.call({ key, action: 'cancel', orders: String(orderId) });
  assert.deepEqual(asked, [{ order: Number(orderId), cancel: 1 }]);
  await chain.send();
  assert.deepEqual(await spentSince(before), { near: 500n * nearUnit, far: 500n * farUnit });
  const decision = { kind: 'accept_partly', remains: 123n } as const;
  await decideCancel(far.app, staff, { orderId: await farOf(orderId), decision });
  await chain.look();
  const status = await statusOf(near, key, orderId);
  assert.deepEqual([status.status, status.remains], ['Partial', '123']);
  assert.deepEqual(await spentSince(before), { near: 377n * nearUnit, far: 377n * farUnit });
});

test('a refill goes through both panels', async () => {
  const { service } = await chain.sell({});
  const { orderId } = await order(service, { quantity: 500 });
  await settleOrder(far.app, staff, { orderId: await farOf(orderId), status: 'Completed' });
  await chain.look();
  for (const panel of [near, far]) panel.clock.advance(25 * hourMs);
  const asked = Object(await near.call({ key, action: 'refill', order: String(orderId) }));
  await chain.send();
  const refills = await far.app.db.selectFrom('refills').select(['id', 'order_id']).execute();
  assert.deepEqual(
    refills.map((row) => row.order_id),
    [await farOf(orderId)],
  );
  const [refill] = refills;
  assert(refill);
  await decideRefill(far.app, staff, { refillId: refill.id, status: 'Completed' });
  await chain.look();
  const fields = { key, action: 'refill_status', refill: String(asked.refill) };
  assert.deepEqual(await near.call(fields), { status: 'Completed' });
});

test('a drip-feed arrives run by run, and each run ends as the far panel says', async () => {
  const { service } = await chain.sell({});
  const before = await balances();
  const { orderId, link } = await order(service, { quantity: 100, runs: 3, interval: 60 });
  for (let run = 0; run < 3; run += 1) {
    await createDueRuns(near.app);
    await chain.send();
    assert.equal(await countFar(link), run + 1);
    near.clock.advance(60 * minuteMs);
    far.clock.advance(60 * minuteMs);
  }
  const runs = await far.app.db
    .selectFrom('orders')
    .select(['id', 'kind', 'quantity'])
    .where('link', '=', link)
    .orderBy('id')
    .execute();
  const reports = [
    { status: 'Completed' },
    { status: 'Partial', remains: 30n },
    { status: 'Canceled' },
  ] as const;
  for (const [at, run] of runs.entries()) {
    assert.deepEqual([run.kind, run.quantity], ['single', 100n]);
    await settleOrder(far.app, staff, { orderId: run.id, ...(reports[at] ?? reports[0]) });
  }
  await chain.look();
  assert.deepEqual(await spentSince(before), { near: 170n * nearUnit, far: 170n * farUnit });
  const status = await statusOf(near, key, orderId);
  assert.deepEqual([status.status, status.remains, status.runs], ['Partial', '130', 3]);
});

test('a drip-feed that the far panel runs is one order there and ends as its runs do', async () => {
  const { service } = await chain.sell({ isDelegated: true });
  const before = await balances();
  const { orderId, link } = await order(service, { quantity: 100, runs: 3, interval: 60 });
  assert.equal(await countFar(link), 1);
  const parent = await farOf(orderId);
  for (let run = 0; run < 3; run += 1) {
    await createDueRuns(far.app);
    await chain.look();
  }
  assert.equal((await statusOf(near, key, orderId)).status, 'In progress');
  const runs = await far.app.db
    .selectFrom('orders')
    .select('id')
    .where('parent_id', '=', parent)
    .orderBy('id')
    .execute();
  assert.equal(runs.length, 3);
  const reports = [
    { status: 'Completed' },
    { status: 'Partial', remains: 30n },
    { status: 'Canceled' },
  ] as const;
  for (const [at, { id }] of runs.entries()) {
    await settleOrder(far.app, staff, { orderId: id, ...(reports[at] ?? reports[0]) });
  }
  await chain.look();
  const status = await statusOf(near, key, orderId);
  assert.deepEqual([status.status, status.remains], ['Partial', '130']);
  assert.deepEqual(await spentSince(before), { near: 170n * nearUnit, far: 170n * farUnit });
});

test('a worker killed after sending asks by its request id: one order, paid once', async () => {
  const { service } = await chain.sell({});
  const before = await balances();
  links += 1;
  const link = `https://example.com/pp/${links}`;
  const orderId = await place(near, { key, service, link, quantity: 100 });
  dieAt('forward.after_send');
  await assert.rejects(chain.send(), /killed/);
  near.clock.advance(hourMs);
  await chain.reconcile();
  assert.equal((await deliveryOf(near, orderId)).state, 'following');
  assert.equal(await countFar(link), 1);
  assert.deepEqual(await spentSince(before), { near: 100n * nearUnit, far: 100n * farUnit });
});
