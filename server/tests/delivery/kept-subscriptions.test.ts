import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs, type OrderId, parseAmount } from '../../src/base/index.ts';
import { setRoutes, updateService } from '../../src/catalog/index.ts';
import { decideDelivery, rerouteDue } from '../../src/fulfilment/index.ts';
import { followSubscription } from '../../src/fulfilment/posts.ts';
import { announcePost, createDuePosts, listOrders } from '../../src/orders/index.ts';
import { addFunds } from '../../src/payments/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, refuseWrites, type TestPanel } from '../harness.ts';
import { deliveryOf, openUpstream, place, statusOf, type Upstream } from './upstream.ts';

/** The sandbox's service for subscriptions. */
const external = '17';

let panel: TestPanel;
let upstream: Upstream;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

async function subscribe(key: string, bounds = { min: 100, max: 100 }) {
  const service = await upstream.sell({
    type: 'Subscriptions',
    external,
    isDelegated: true,
    min: 10,
  });
  const fields = { username: 'somebody', delay: 0, posts: 2, ...bounds };
  const orderId = await place(panel, { key, service, ...fields });
  await upstream.forward();
  const { external_id } = await deliveryOf(panel, orderId);
  return { orderId, externalId: Number(external_id), service };
}

async function look(): Promise<void> {
  panel.clock.advance(10 * minuteMs);
  await upstream.poll();
}

test('a subscription that the provider keeps is one order there', async () => {
  const { key } = await makeCustomer(panel);
  const { orderId, externalId } = await subscribe(key);
  const entry = upstream.sandbox
    .journal()
    .find((one) => one.kind === 'add' && one.order === externalId);
  assert(entry?.kind === 'add');
  const { service, username, min, max, delay, posts } = entry.params;
  assert.deepEqual(
    { service, username, min, max, delay, posts },
    { service: external, username: 'somebody', min: '100', max: '100', delay: '0', posts: '2' },
  );
  assert.equal((await statusOf(panel, key, orderId)).status, 'Active');
});

test('each of its posts is charged once, followed, and the last one ends it', async () => {
  const { key } = await makeCustomer(panel);
  const { orderId, externalId } = await subscribe(key);
  upstream.sandbox.announce(externalId, 'https://example.com/post/1');
  await look();
  await look();
  const first = await statusOf(panel, key, orderId);
  assert.equal(first.posts, 1);
  assert.deepEqual(await panel.call({ key, action: 'balance' }), {
    balance: '99.50',
    currency: 'USD',
  });
  upstream.sandbox.announce(externalId, 'https://example.com/post/2');
  for (let round = 0; round < 4; round += 1) await look();
  const last = await statusOf(panel, key, orderId);
  assert.deepEqual([last.status, last.posts], ['Completed', 2]);
  const children = Array.isArray(last.orders) ? last.orders : [];
  for (const child of children) {
    assert.equal((await statusOf(panel, key, BigInt(child) as OrderId)).status, 'Completed');
  }
  await panel.verify();
});

test('a post of one is not announced: its provider finds it, and it would be two', async () => {
  const { key } = await makeCustomer(panel);
  const { orderId, externalId } = await subscribe(key);
  const link = 'https://example.com/post/1';
  await assert.rejects(announcePost(panel.app, staff, { orderId, link }), { code: 'conflict' });
  upstream.sandbox.announce(externalId, link);
  await look();
  await createDuePosts(panel.app);
  assert.equal((await statusOf(panel, key, orderId)).posts, 1);
  const reply = await panel.call({ key, action: 'balance' });
  assert.deepEqual(reply, { balance: '99.50', currency: 'USD' });
});

test('a post is for staff where the service is no subscription any more', async () => {
  const { key } = await makeCustomer(panel);
  const { orderId, externalId, service } = await subscribe(key);
  const setType = async (type: 'Package' | 'Subscriptions') => {
    await updateService(panel.app, staff, { serviceId: service, changes: { type } });
    await panel.app.catalog.refresh();
  };
  await setType('Package');
  upstream.sandbox.announce(externalId, 'https://example.com/post/1');
  await look();
  assert.match((await deliveryOf(panel, orderId)).reason, /no subscription any more/);
  assert.equal((await statusOf(panel, key, orderId)).posts, 0);
  await setType('Subscriptions');
  await look();
  assert.equal((await statusOf(panel, key, orderId)).posts, 1);
  const reply = await panel.call({ key, action: 'balance' });
  assert.deepEqual(reply, { balance: '99.50', currency: 'USD' });
});

test('two polls that find the same post at once take it over once', async () => {
  const { key } = await makeCustomer(panel);
  const { orderId, externalId } = await subscribe(key);
  upstream.sandbox.announce(externalId, 'https://example.com/post/3');
  const { customer_id: customerId } = await deliveryOf(panel, orderId);
  const provider = await upstream.provider();
  panel.clock.advance(10 * minuteMs);
  const seen = await upstream.ctx.upstreams.open(provider).status(String(externalId));
  assert(seen.ok);
  const followed = { customerId, orderId, status: seen.value };
  const follow = async () => (await followSubscription(upstream.ctx, provider, followed)).problem;
  assert.deepEqual(await Promise.all([follow(), follow(), follow()]), ['', '', '']);
  assert.equal((await statusOf(panel, key, orderId)).posts, 1);
  assert.deepEqual(await panel.call({ key, action: 'balance' }), {
    balance: '99.50',
    currency: 'USD',
  });
});

test('a post that the customer can’t pay is for staff, and taken over when he can', async () => {
  const { key, customerId } = await makeCustomer(panel, { funds: '0' });
  const { orderId, externalId } = await subscribe(key);
  upstream.sandbox.announce(externalId, 'https://example.com/post/1');
  await look();
  await look();
  assert.match((await deliveryOf(panel, orderId)).reason, /balance is too low/);
  assert.equal((await statusOf(panel, key, orderId)).posts, 0);
  const amount = parseAmount('10', 'amount');
  await addFunds(panel.app, staff, { customerId, amount, reference: 'later' });
  await look();
  assert.equal((await statusOf(panel, key, orderId)).posts, 1);
  assert.equal((await deliveryOf(panel, orderId)).reason, '');
});

test('a subscription that can’t be followed holds up no other order of its round', async (t) => {
  const { key } = await makeCustomer(panel);
  const broken = await subscribe(key);
  const sound = await subscribe(key);
  const service = await upstream.sell();
  const link = 'https://example.com/beside';
  const plain = await place(panel, { key, service, link, quantity: 100 });
  await upstream.forward();
  upstream.sandbox.announce(broken.externalId, 'https://example.com/post/broken');
  upstream.sandbox.announce(sound.externalId, 'https://example.com/post/sound');
  const mend = await refuseWrites(panel, t, {
    what: 'post',
    write: 'insert on subscription_posts',
    when: `new.order_id = ${broken.orderId}`,
  });
  await look();
  assert.equal((await statusOf(panel, key, plain)).status, 'Completed');
  assert.equal((await statusOf(panel, key, sound.orderId)).posts, 1);
  assert.equal((await statusOf(panel, key, broken.orderId)).posts, 0);
  await mend();
  await look();
  assert.equal((await statusOf(panel, key, broken.orderId)).posts, 1);
});

test('one of which nobody knows whether it is there ends when staff refund it', async () => {
  const { key } = await makeCustomer(panel);
  const sold = { type: 'Subscriptions', external, isDelegated: true, min: 10 } as const;
  const service = await upstream.sell(sold);
  upstream.sandbox.script({ kind: 'accept_then_reset', on: { action: 'add' } });
  const fields = { service, username: 'nobody', delay: 0, min: 100, max: 100 };
  const orderId = await place(panel, { key, ...fields });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'unknown');
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'refund' } });
  assert.equal((await statusOf(panel, key, orderId)).status, 'Canceled');
  assert.equal((await deliveryOf(panel, orderId)).state, 'done');
});

test('only a subscription that the panel keeps can be paused', async () => {
  const { key, customerId } = await makeCustomer(panel);
  await subscribe(key);
  const service = await upstream.sell({ type: 'Subscriptions', external, min: 10 });
  await place(panel, { key, service, username: 'somebody', min: 100, max: 100, delay: 0 });
  const [kept, sent] = await listOrders(panel.app.db, { customerId, limit: 10 });
  assert.deepEqual([kept?.canPause, sent?.canPause], [true, false]);
});

test('one that its provider was to keep goes on only to another that keeps it', async () => {
  const { key } = await makeCustomer(panel);
  const [plain, keeper] = [await openUpstream(panel), await openUpstream(panel)];
  const service = await upstream.sell({ type: 'Subscriptions', external, isDelegated: true });
  const of = ({ providerId }: Upstream) => ({ providerId, externalId: external });
  const routes = [{ ...of(upstream), isDelegated: true }, of(plain)];
  await setRoutes(panel.app, staff, { serviceId: service, routes });
  const terms = { username: 'somebody', min: 100, max: 100, delay: 0 };
  const orderId = await place(panel, { key, service, ...terms });
  const stopped = { ...(await upstream.provider()), state: 'draining' } as const;
  assert.equal(await rerouteDue(panel.app, stopped), 0);
  routes.push({ ...of(keeper), isDelegated: true });
  await setRoutes(panel.app, staff, { serviceId: service, routes });
  assert.equal(await rerouteDue(panel.app, stopped), 1);
  assert.equal((await deliveryOf(panel, orderId)).provider_id, keeper.providerId);
  await Promise.all([plain.close(), keeper.close()]);
});
