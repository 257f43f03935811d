import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs, type OrderId } from '../../src/base/index.ts';
import { syncProvider } from '../../src/catalog/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { deliveryOf, openUpstream, place, statusOf, type Upstream } from './upstream.ts';

// What a subscription that its provider keeps has made there. Posts cost 5 per 1000 here, and 0.50
// there.
let panel: TestPanel;
let upstream: Upstream;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  await syncProvider(upstream.ctx, staff, upstream.providerId);
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

async function subscribe(terms: Record<string, number>) {
  const { key } = await makeCustomer(panel, { funds: '100' });
  const sold = { type: 'Subscriptions', external: '17', isDelegated: true } as const;
  const service = await upstream.sell(sold);
  const fields = { username: 'somebody', delay: 0, min: 100, max: 1_000, ...terms };
  const orderId = await place(panel, { key, service, ...fields });
  await upstream.forward();
  const externalId = Number((await deliveryOf(panel, orderId)).external_id);
  const announce = (name: string) => {
    const link = `https://example.com/${externalId}/${name}`;
    upstream.sandbox.announce(externalId, link);
    return link;
  };
  return { key, orderId, externalId, announce };
}

async function look(): Promise<void> {
  panel.clock.advance(10 * minuteMs);
  await upstream.poll();
}

async function ordersOf(key: string, parent: OrderId) {
  const { orders } = await statusOf(panel, key, parent);
  const ids = Array.isArray(orders) ? orders.map((id) => BigInt(id) as OrderId) : [];
  return Promise.all(ids.map((id) => statusOf(panel, key, id)));
}

async function balanceOf(key: string) {
  return Object(await panel.call({ key, action: 'balance' })).balance;
}

test('a post that is partial when it is first seen is paid as far as delivered', async () => {
  const { key, orderId, externalId, announce } = await subscribe({ posts: 2 });
  announce('whole');
  upstream.sandbox.plan({ link: announce('partial') }, { end: 'Partial', remains: 311 });
  await look();
  await look();
  const made = upstream.sandbox
    .journal()
    .flatMap((entry) => (entry.kind === 'child' && entry.parent === externalId ? entry : []));
  assert.deepEqual(
    made.map(({ quantity }) => quantity),
    [100, 811],
  );
  const [, partial] = await ordersOf(key, orderId);
  assert.deepEqual([partial?.status, partial?.remains], ['Partial', '311']);
  assert.equal(partial?.charge, '2.50');
  assert.equal(await balanceOf(key), '97.00');
});

test('a post whose quantity can’t be read holds up the end, and no other post', async () => {
  const { key, orderId, externalId, announce } = await subscribe({ posts: 3 });
  for (const name of ['odd', 'second', 'third']) announce(name);
  const orders = [externalId + 1];
  const fields = { charge: '0.05001' };
  upstream.sandbox.script({ kind: 'rows_fields', fields, orders, times: 0 });
  await look();
  await look();
  const held = await statusOf(panel, key, orderId);
  assert.deepEqual([held.status, held.posts], ['Active', 2]);
  const { reason } = await deliveryOf(panel, orderId);
  assert.match(reason, new RegExp(`order ${externalId + 1} delivers is not said`));
  upstream.sandbox.clearFaults();
  await look();
  const ended = await statusOf(panel, key, orderId);
  assert.deepEqual([ended.status, ended.posts], ['Completed', 3]);
  assert.equal((await deliveryOf(panel, orderId)).reason, '');
});

for (const max of [100, 1_000]) {
  test(`a post cancelled for nothing is asked for once, between 100 and ${max}`, async () => {
    const { key, orderId, externalId, announce } = await subscribe({ max });
    upstream.sandbox.plan({ link: announce('cancelled') }, { end: 'Canceled' });
    await look();
    assert.equal((await deliveryOf(panel, orderId)).reason, '');
    announce('later');
    await look();
    const { status, posts } = await statusOf(panel, key, orderId);
    assert.deepEqual([status, posts], ['Active', 1]);
    const asked = upstream.sandbox
      .calls()
      .flatMap(({ fields: { orders = '' } }) => orders.split(','))
      .filter((id) => id === String(externalId + 1));
    assert.equal(asked.length, 1);
  });
}

test('existing posts come on top of the new ones', async () => {
  const { key, orderId, announce } = await subscribe({ max: 100, posts: 2, old_posts: 3 });
  for (const name of ['1', '2', '3', '4', '5', '6']) announce(name);
  await look();
  const { status, posts } = await statusOf(panel, key, orderId);
  assert.deepEqual([status, posts], ['Completed', 5]);
  assert.equal(await balanceOf(key), '97.50');
});

test('of more posts than a round takes each is charged before the subscription ends', async () => {
  const { key, orderId, announce } = await subscribe({ max: 100, posts: 150 });
  for (let post = 1; post <= 150; post += 1) announce(String(post));
  await look();
  const begun = await statusOf(panel, key, orderId);
  assert.deepEqual([begun.status, begun.posts], ['Active', 100]);
  assert.equal((await deliveryOf(panel, orderId)).reason, '');
  await look();
  const ended = await statusOf(panel, key, orderId);
  assert.deepEqual([ended.status, ended.posts], ['Completed', 150]);
  assert.equal(await balanceOf(key), '25.00');
});

test('posts that can’t be read, as many as a call asks for, hold up no later one', async () => {
  const { key, orderId, externalId, announce } = await subscribe({ posts: 101 });
  for (let post = 1; post <= 101; post += 1) announce(String(post));
  const orders = Array.from({ length: 100 }, (_, index) => externalId + 1 + index);
  const fields = { charge: '0.05001' };
  upstream.sandbox.script({ kind: 'rows_fields', fields, orders, times: 0 });
  await look();
  const { status, posts } = await statusOf(panel, key, orderId);
  assert.deepEqual([status, posts], ['Active', 1]);
  upstream.sandbox.clearFaults();
});
