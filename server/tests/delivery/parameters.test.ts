import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs, type OrderId } from '../../src/base/index.ts';
import { announcePost, createDuePosts, createDueRuns } from '../../src/orders/index.ts';
import { type AddEntry, addsOf, sandboxServices } from '../../src/sandbox/index.ts';
import { orderSamples } from '../contract/order-samples.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { deliveryOf, openUpstream, place, statusOf, type Upstream } from './upstream.ts';

let panel: TestPanel;
let upstream: Upstream;
let key: string;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel, {
    services: sandboxServices.map((service) => ({ ...service, min: 1 })),
  });
  ({ key } = await makeCustomer(panel, { funds: '10000' }));
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

/** The sandbox's first service of a type. */
function externalOf(type: string): string {
  return String(sandboxServices.find((service) => service.type === type)?.service);
}

/** What is ordered upstream while something is done here. */
async function arriving(work: () => Promise<unknown>): Promise<AddEntry[]> {
  const before = addsOf(upstream.sandbox.journal()).length;
  await work();
  return addsOf(upstream.sandbox.journal()).slice(before);
}

/** A value as the protocol writes it: lists as lines. */
function onTheWire(value: unknown): string {
  return Array.isArray(value) ? value.join('\n') : String(value);
}

const link = 'https://example.com/p';

for (const { type, fields, details, quantity, usesQuantity } of orderSamples) {
  test(`${type} arrives with exactly its parameters`, async () => {
    const external = externalOf(type);
    const service = await upstream.sell({ type, external, min: 1, max: 1_000 });
    await place(panel, { key, service, link, ...fields });
    const [entry, ...more] = await arriving(() => upstream.forward());
    assert.deepEqual(more, []);
    const own = Object.entries(details).map(([name, value]) => [name, onTheWire(value)]);
    const expected = {
      action: 'add',
      service: external,
      link,
      ...Object.fromEntries(own),
      ...(usesQuantity ? { quantity: String(quantity) } : {}),
    };
    assert.deepEqual({ ...entry?.params }, expected);
    assert.equal(BigInt(entry?.quantity ?? 0), quantity);
  });
}

test('Web Traffic arrives with the keyword or referrer that was given', async () => {
  const external = externalOf('Web Traffic');
  const service = await upstream.sell({ type: 'Web Traffic', external, min: 1, max: 1_000 });
  const fields = { country: 'US', device: 1, type_of_traffic: 1, google_keyword: 'red & blue = ü' };
  await place(panel, { key, service, link, quantity: 9, ...fields });
  const [entry] = await arriving(() => upstream.forward());
  assert.equal(entry?.params.google_keyword, 'red & blue = ü');
  assert.equal(entry?.params.referring_url, undefined);
});

test('the runs of a drip-feed arrive one by one, each at its time', async () => {
  const service = await upstream.sell({ dripfeed: true });
  const drip = { link: 'https://example.com/drip', quantity: 100, runs: 3, interval: 30 };
  const parent = await place(panel, { key, service, ...drip });
  const started = panel.clock.now().getTime();
  for (let minute = 0; minute <= 120; minute += 10) {
    await createDueRuns(panel.app);
    await upstream.forward();
    panel.clock.advance(10 * minuteMs);
    await upstream.poll();
  }
  const runs = addsOf(upstream.sandbox.journal()).filter((one) => one.params.link === drip.link);
  const minutes = runs.map((one) => (Date.parse(one.at) - started) / minuteMs);
  assert.deepEqual(minutes, [0, 30, 60]);
  for (const { params } of runs) {
    const expected = { action: 'add', service: '1', link: drip.link, quantity: '100' };
    assert.deepEqual({ ...params }, expected);
  }
  const status = await statusOf(panel, key, parent);
  assert.deepEqual([status.status, status.runs, status.charge], ['Completed', 3, '1.50']);
});

test('a late worker makes up for missed runs without doubling one', async () => {
  const service = await upstream.sell({ dripfeed: true });
  const drip = { link: 'https://example.com/late', quantity: 100, runs: 4, interval: 30 };
  await place(panel, { key, service, ...drip });
  panel.clock.advance(365 * 24 * 60 * minuteMs);
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([createDueRuns(panel.app), createDueRuns(panel.app)]);
    await Promise.all([upstream.forward(), upstream.forward()]);
    panel.clock.advance(30 * minuteMs);
    await upstream.poll();
  }
  const runs = addsOf(upstream.sandbox.journal()).filter((one) => one.params.link === drip.link);
  assert.equal(runs.length, 4);
});

test('a drip-feed that the provider runs is one order there, priced whole here', async () => {
  const service = await upstream.sell({ dripfeed: true, isDelegated: true });
  const drip = { link: 'https://example.com/whole', quantity: 100, runs: 3, interval: 30 };
  const order = await place(panel, { key, service, ...drip });
  const entries = await arriving(async () => {
    for (let minute = 0; minute <= 120; minute += 10) {
      await createDueRuns(panel.app);
      await upstream.forward();
      panel.clock.advance(10 * minuteMs);
      await upstream.poll();
    }
  });
  const expected = { action: 'add', service: '1', link: drip.link, quantity: '100' };
  const params = entries.map((entry) => ({ ...entry.params }));
  assert.deepEqual(params, [{ ...expected, runs: '3', interval: '30' }]);
  const status = await statusOf(panel, key, order);
  assert.deepEqual([status.status, status.charge], ['Completed', '1.50']);
});

test('the posts of a subscription arrive as orders of a link and a quantity', async () => {
  const service = await upstream.sell({ type: 'Subscriptions' });
  const fields = { username: 'anna', min: 60, max: 60, delay: 10 };
  const orderId = await place(panel, { key, service, ...fields });
  const post = 'https://example.com/post/1';
  const entries = await arriving(async () => {
    await upstream.forward();
    await announcePost(panel.app, staff, { orderId, link: post });
    await announcePost(panel.app, staff, { orderId, link: post });
    await createDuePosts(panel.app);
    assert.equal(await upstream.forward(), 0, 'its delay is not over');
    panel.clock.advance(10 * minuteMs);
    await createDuePosts(panel.app);
    await upstream.forward();
  });
  const params = entries.map((entry) => ({ ...entry.params }));
  assert.deepEqual(params, [{ action: 'add', service: '1', link: post, quantity: '60' }]);
});

test('a subscription that the provider keeps is one order there, with all its terms', async () => {
  const external = externalOf('Subscriptions');
  const service = await upstream.sell({ type: 'Subscriptions', external, isDelegated: true });
  const terms = { username: 'anna', min: 60, max: 90, delay: 15, posts: 5, old_posts: 2 };
  const expiry = '31/12/2027';
  const orderId: OrderId = await place(panel, { key, service, ...terms, expiry });
  const entries = await arriving(() => upstream.forward());
  const expected = Object.entries({ action: 'add', service: external, ...terms, expiry });
  assert.deepEqual(
    entries.map((entry) => ({ ...entry.params })),
    [Object.fromEntries(expected.map(([name, value]) => [name, String(value)]))],
  );
  assert.equal((await deliveryOf(panel, orderId)).state, 'following');
});
