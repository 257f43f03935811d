import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type CustomerId,
  hourMs,
  minuteMs,
  type OrderId,
  secondMs,
  setFailpoint,
} from '../../src/base/index.ts';
import {
  closeCancels,
  expireCancels,
  forwardCancels,
  requestCancels,
  resolveCancels,
} from '../../src/cancels/index.ts';
import { setRoutes } from '../../src/catalog/index.ts';
import { decideDelivery, forwardDue } from '../../src/fulfilment/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { type CancelDesk, listsOf, openCancelDesk } from './requests.ts';
import { addsIn, deliveryOf, openUpstream, statusOf } from './upstream.ts';

let desk: CancelDesk;
let panel: CancelDesk['panel'];
let upstream: CancelDesk['upstream'];
before(async () => {
  desk = await openCancelDesk();
  ({ panel, upstream } = desk);
});
after(async () => {
  setFailpoint('cancel.after_send');
  setFailpoint('forward.after_intent');
  await desk.close();
});

test('while it is not known whether an order was placed nothing is refunded', async () => {
  const { orderId, link } = await desk.waiting();
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  await upstream.forward();
  await desk.cancel(orderId);
  for (let round = 0; round < 6; round += 1) {
    panel.clock.advance(30 * minuteMs);
    await upstream.reconcile();
    await resolveCancels(panel.app);
    assert.equal(await desk.forward(), 0);
    assert.equal(await desk.shown(orderId), 'Pending, 0.50, 100');
    assert.equal(await desk.stateOf(orderId), 'requested, due');
  }
  const entry = upstream.sandbox
    .journal()
    .find((one) => one.kind === 'add' && one.params.link === link);
  assert(entry?.kind === 'add');
  upstream.sandbox.plan({ order: entry.order }, { end: 'Pending' });
  const bind = { kind: 'bind', externalId: String(entry.order) } as const;
  await decideDelivery(panel.app, staff, { orderId, decision: bind });
  panel.clock.advance(minuteMs);
  await resolveCancels(panel.app);
  assert.equal(await desk.forward(), 1);
  await desk.pollLater();
  assert.equal(await desk.shown(orderId), 'Canceled, 0.00, 100');
});

test('an order that staff have sent again is not refunded before it is there', async () => {
  const { orderId, link } = await desk.waiting();
  upstream.sandbox.plan({ link }, { end: 'Pending' });
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  await upstream.forward();
  await desk.cancel(orderId);
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'send_again' } });
  panel.clock.advance(minuteMs);
  assert.equal(await resolveCancels(panel.app), 1);
  assert.equal(await resolveCancels(panel.app), 0);
  assert.equal(await desk.shown(orderId), 'Pending, 0.50, 100');
  await upstream.forward();
  panel.clock.advance(minuteMs);
  await resolveCancels(panel.app);
  assert.equal(await desk.forward(), 1);
  await desk.pollLater();
  assert.equal(await desk.shown(orderId), 'Canceled, 0.00, 100');
});

test('an attempt that turns out not to have been sent is cancelled here', async () => {
  const { orderId, link } = await desk.waiting();
  setFailpoint('forward.after_intent', async () => {
    setFailpoint('forward.after_intent');
    await desk.cancel(orderId);
  });
  upstream.sandbox.script({ kind: 'rate_limit', retryAfter: '60', on: { action: 'add' } });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'due');
  assert.equal(await desk.stateOf(orderId), 'requested, due');
  panel.clock.advance(30 * secondMs);
  assert.equal(await resolveCancels(panel.app), 1);
  assert.equal(await desk.shown(orderId), 'Canceled, 0.00, 100');
  assert.equal(await desk.stateOf(orderId), 'accepted, done');
  panel.clock.advance(minuteMs);
  await upstream.forward();
  assert.equal(addsIn(upstream, link), 0);
});

test('an order that is being sent is cancelled there once it has arrived', async () => {
  const { orderId } = await desk.waiting();
  setFailpoint('forward.after_intent', async () => {
    setFailpoint('forward.after_intent');
    await desk.cancel(orderId);
    assert.equal(await desk.stateOf(orderId), 'requested, due');
    assert.equal(await desk.shown(orderId), 'Pending, 0.50, 100');
    assert.equal(await desk.forward(), 0);
  });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'following');
  panel.clock.advance(30 * secondMs);
  assert.equal(await resolveCancels(panel.app), 0);
  assert.equal(await desk.forward(), 1);
  await desk.pollLater();
  assert.match(await desk.shown(orderId), /^(?:Canceled|Partial)/);
});

test('an order that went to another provider meanwhile is cancelled there', async () => {
  const other = await openUpstream(panel);
  const routes = [upstream, other].map(({ providerId }) => ({ providerId, externalId: '1' }));
  const serviceId = await upstream.sell();
  await setRoutes(panel.app, staff, { serviceId, routes });
  await panel.app.catalog.refresh();
  const { orderId, link } = await desk.waiting({ service: serviceId });
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  setFailpoint('forward.after_intent', async () => {
    setFailpoint('forward.after_intent');
    await desk.cancel(orderId);
  });
  await upstream.forward();
  panel.clock.advance(minuteMs);
  other.sandbox.plan({ link }, { end: 'Pending' });
  await other.forward();
  await resolveCancels(panel.app);
  assert.equal(await desk.forward(), 0);
  assert.equal(await forwardCancels(other.ctx, await other.provider(), 100), 1);
  panel.clock.advance(hourMs);
  await other.poll();
  assert.equal(await desk.shown(orderId), 'Canceled, 0.00, 100');
  await closeCancels(panel.app);
  await other.close();
});

test('an order that is final before its cancellation went out is done', async () => {
  const orderId = await desk.followed();
  await desk.cancel(orderId);
  panel.clock.advance(hourMs);
  await upstream.poll();
  const before = listsOf(upstream, 'cancel').length;
  assert.equal(await resolveCancels(panel.app), 1);
  assert.equal(await desk.forward(), 0);
  assert.equal(await desk.stateOf(orderId), 'rejected, done');
  assert.equal(await desk.shown(orderId), 'Completed, 0.50, 0');
  assert.equal(listsOf(upstream, 'cancel').length, before);
});

test('cancelling and sending at once: sent and asked for, or refunded and never sent', async () => {
  const rounds = 12;
  const peerCount = 4;
  // Together fewer than there are: an order that is being cancelled is left out by who sends.
  const few = () => ({ limit: 2, brake: { isSet: false } });
  const provider = await upstream.provider();
  const tally = { sent: 0, refunded: 0 };
  const own = { key: desk.fields.key, customerId: desk.customerId };
  const buyers = [own, await makeCustomer(panel, { funds: '1000' })];
  for (let round = 0; round < rounds; round += 1) {
    const made: { orderId: OrderId; link: string; key: string; customerId: CustomerId }[] = [];
    for (let at = 0; at < 10; at += 1) {
      const { key, customerId } = buyers[at % buyers.length] ?? own;
      made.push({ ...(await desk.waiting({ key })), key, customerId });
    }
    await Promise.all([
      ...Array.from({ length: peerCount }, () => forwardDue(upstream.ctx, provider, few())),
      ...made.map(({ orderId, customerId }) =>
        requestCancels(panel.app, { kind: 'customer', customerId, keyId: null }, [orderId]),
      ),
      forwardCancels(upstream.ctx, provider, 100),
      resolveCancels(panel.app),
    ]);
    for (const { orderId, link, key } of made) {
      const isSent = addsIn(upstream, link) === 1;
      const { status } = await statusOf(panel, key, orderId);
      assert.equal(status, isSent ? 'Pending' : 'Canceled');
      assert.match(await desk.stateOf(orderId), isSent ? /^requested/ : /^accepted, done$/);
      tally[isSent ? 'sent' : 'refunded'] += 1;
    }
    await panel.verify();
  }
  assert(tally.sent > 0 && tally.refunded > 0, JSON.stringify(tally));
  panel.clock.advance(minuteMs);
  await resolveCancels(panel.app);
  while ((await desk.forward()) > 0);
  await desk.pollLater();
});

test('workers at once never ask twice for one order', async () => {
  const orderIds: OrderId[] = [];
  for (let made = 0; made < 40; made += 1) orderIds.push((await desk.waiting()).orderId);
  while ((await upstream.forward()) > 0);
  await desk.cancel(...orderIds);
  const before = listsOf(upstream, 'cancel').length;
  const provider = await upstream.provider();
  await Promise.all(Array.from({ length: 8 }, () => forwardCancels(upstream.ctx, provider, 7)));
  await desk.forward();
  const ids = listsOf(upstream, 'cancel').slice(before).flat();
  assert.deepEqual([ids.length, new Set(ids).size], [40, 40]);
  await desk.pollLater();
});

test('a dead worker’s request is repeated; one that is late overwrites nothing', async () => {
  const orderId = await desk.followed();
  await desk.cancel(orderId);
  setFailpoint('cancel.after_send', () => {
    throw new Error('killed');
  });
  await assert.rejects(desk.forward(), /killed/);
  assert.equal(await desk.stateOf(orderId), 'requested, sending');
  panel.clock.advance(10 * minuteMs);
  assert.equal(await expireCancels(panel.app), 1);
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad thing', on: { action: 'cancel' } });
  setFailpoint('cancel.after_send', async () => {
    setFailpoint('cancel.after_send');
    panel.clock.advance(10 * minuteMs);
    assert.equal(await expireCancels(panel.app), 1);
  });
  await desk.forward();
  assert.equal(await desk.stateOf(orderId), 'requested, due');
  assert.equal(await desk.forward(), 1);
  assert.equal(await desk.stateOf(orderId), 'requested, following');
  await desk.pollLater();
});
