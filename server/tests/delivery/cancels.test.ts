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
  decideCancel,
  expireCancels,
  forwardCancels,
  listOpenCancels,
  requestCancels,
  resolveCancels,
} from '../../src/cancels/index.ts';
import { setRoutes } from '../../src/catalog/index.ts';
import { decideDelivery } from '../../src/fulfilment/index.ts';
import { createDueRuns, settleOrder } from '../../src/orders/index.ts';
import { setProviderState } from '../../src/providers/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { cancelOf, listsOf, placeFollowed } from './requests.ts';
import { addsIn, deliveryOf, openUpstream, place, statusOf, type Upstream } from './upstream.ts';

let panel: TestPanel;
let upstream: Upstream;
let customerId: CustomerId;
let fields: { key: string; service: number };
before(async () => {
  panel = await openTestPanel({ connectionsMax: 12 });
  upstream = await openUpstream(panel);
  const customer = await makeCustomer(panel, { funds: '10000' });
  customerId = customer.customerId;
  fields = { key: customer.key, service: await upstream.sell() };
});
after(async () => {
  setFailpoint('cancel.after_send');
  setFailpoint('forward.after_intent');
  await upstream.close();
  await panel.verify();
  await panel.close();
});

let links = 0;
async function waiting(): Promise<{ orderId: OrderId; link: string }> {
  links += 1;
  const link = `https://example.com/c/${links}`;
  return { orderId: await place(panel, { ...fields, link, quantity: 100 }), link };
}

const followed = () => placeFollowed(panel, upstream, fields);
const forward = async () => forwardCancels(upstream.ctx, await upstream.provider(), 100);
const cancel = (...orderIds: OrderId[]) =>
  panel.callText({ key: fields.key, action: 'cancel', orders: orderIds.join(',') });

async function stateOf(orderId: OrderId): Promise<string> {
  const { state, delivery } = await cancelOf(panel, orderId);
  return `${state}, ${delivery}`;
}

async function shown(orderId: OrderId): Promise<string> {
  const { status, charge, remains } = await statusOf(panel, fields.key, orderId);
  return `${status}, ${charge}, ${remains}`;
}

/** Cancels upstream take effect, and the panel sees it. */
async function pollLater(): Promise<void> {
  panel.clock.advance(hourMs);
  while ((await upstream.poll()) > 0);
  await closeCancels(panel.app);
}

function cancelsMade(): number {
  return upstream.sandbox.journal().filter((entry) => entry.kind === 'cancel').length;
}

test('an order that was not sent is cancelled and refunded at once, and never sent', async () => {
  const { orderId, link } = await waiting();
  assert.equal(await cancel(orderId), `[{"order":${orderId},"cancel":1}]`);
  assert.equal(await shown(orderId), 'Canceled, 0.00, 100');
  assert.equal(await stateOf(orderId), 'accepted, done');
  assert.equal(await upstream.forward(), 0);
  assert.equal(addsIn(upstream, link), 0);
  assert.equal((await deliveryOf(panel, orderId)).state, 'done');
  assert.match(await cancel(orderId), /has been sent already/);
  await panel.verify();
});

test('an order that is held for want of a taker is cancelled at once', async () => {
  const { orderId } = await waiting();
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'held');
  await cancel(orderId);
  assert.equal(await shown(orderId), 'Canceled, 0.00, 100');
  assert.deepEqual((await deliveryOf(panel, orderId)).reason, '');
  await panel.verify();
});

test('what staff deliver by hand while it is held is not refunded by the panel', async () => {
  const { orderId } = await waiting();
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  await upstream.forward();
  await settleOrder(panel.app, staff, { orderId, status: 'In progress', remains: 40n });
  await cancel(orderId);
  assert.equal(await stateOf(orderId), 'requested, manual');
  assert.equal(await shown(orderId), 'In progress, 0.50, 40');
  const decision = { kind: 'accept_partly', remains: 40n } as const;
  await decideCancel(panel.app, staff, { orderId, decision });
  assert.equal(await shown(orderId), 'Partial, 0.30, 40');
  assert.equal((await deliveryOf(panel, orderId)).state, 'done');
});

test('an order at a provider is cancelled there, and refunded when its status says so', async () => {
  const orderId = await followed();
  await cancel(orderId);
  assert.equal(await stateOf(orderId), 'requested, due');
  assert.equal(await forward(), 1);
  assert.equal(await stateOf(orderId), 'requested, following');
  assert.equal(await shown(orderId), 'Pending, 0.50, 100');
  const { due_at: dueAt } = await deliveryOf(panel, orderId);
  assert.equal((dueAt?.getTime() ?? 0) - panel.clock.now().getTime(), 5 * secondMs);
  panel.clock.advance(5 * secondMs);
  await upstream.poll();
  assert.equal(await shown(orderId), 'Canceled, 0.00, 100');
  await closeCancels(panel.app);
  assert.equal(await stateOf(orderId), 'accepted, done');
});

test('Partial after a cancellation refunds exactly what was not delivered', async () => {
  const orderId = await followed();
  panel.clock.advance(20 * secondMs);
  await upstream.poll();
  await cancel(orderId);
  await forward();
  await pollLater();
  const { status, remains, charge } = await statusOf(panel, fields.key, orderId);
  assert.equal(status, 'Partial');
  const left = BigInt(String(remains));
  assert(left > 0n && left < 100n);
  // 5 per 1000: half a cent a piece.
  assert.equal(charge, `0.${String((100n - left) * 5n).padStart(3, '0')}`.replace(/0$/, ''));
  assert.equal(await stateOf(orderId), 'accepted, done');
  await panel.verify();
});

test('an order that completes all the same was not cancelled', async () => {
  const orderId = await followed();
  const { external_id: external } = await deliveryOf(panel, orderId);
  upstream.sandbox.plan({ order: Number(external) }, { cancel: 'ignored' });
  await cancel(orderId);
  await forward();
  await pollLater();
  assert.equal(await shown(orderId), 'Completed, 0.50, 0');
  assert.equal(await stateOf(orderId), 'rejected, done');
});

test('150 cancellations go as two lists', async () => {
  const orderIds: OrderId[] = [];
  for (let made = 0; made < 150; made += 1) orderIds.push((await waiting()).orderId);
  while ((await upstream.forward()) > 0);
  await cancel(...orderIds.slice(0, 100));
  await cancel(...orderIds.slice(100));
  const before = listsOf(upstream, 'cancel').length;
  assert.deepEqual([await forward(), await forward(), await forward()], [100, 50, 0]);
  const lists = listsOf(upstream, 'cancel').slice(before);
  assert.deepEqual(
    lists.map((list) => list.length),
    [100, 50],
  );
  await pollLater();
  assert.equal((await listOpenCancels(panel.app.db, 10)).length, 0);
});

for (const kind of ['accept_then_500', 'accept_then_reset', 'accept_then_cut_json'] as const) {
  test(`after ${kind} a cancellation is asked for again, and made once`, async () => {
    const orderId = await followed();
    const before = cancelsMade();
    await cancel(orderId);
    upstream.sandbox.script({ kind, on: { action: 'cancel' } });
    await forward();
    assert.equal(await stateOf(orderId), 'requested, due');
    assert.match((await cancelOf(panel, orderId)).note, /^unknown: /);
    assert.equal(await forward(), 0);
    panel.clock.advance(5 * secondMs);
    assert.equal(await forward(), 1);
    assert.equal(await stateOf(orderId), 'requested, following');
    assert.equal(cancelsMade(), before + 1);
    await pollLater();
    assert.equal(await shown(orderId), 'Canceled, 0.00, 100');
  });
}

const refusals = [
  'Do not allow cancel this order',
  'The order can not send request for cancellation, please raise ticket',
  'Incorrect order ID',
  'Incorrect request',
  'something nobody has heard of',
];
for (const error of refusals) {
  test(`refused with “${error}” a cancellation is staff’s, and the customer sees nothing`, async () => {
    const orderId = await followed();
    await cancel(orderId);
    const before = await shown(orderId);
    upstream.sandbox.script({ kind: 'refuse', error, on: { action: 'cancel' } });
    await forward();
    assert.equal(await stateOf(orderId), 'requested, manual');
    assert.equal(await shown(orderId), before);
    const [open] = await listOpenCancels(panel.app.db, 1);
    assert.deepEqual([open?.orderId, open?.note], [orderId, `refused: ${error}`]);
    await decideCancel(panel.app, staff, { orderId, decision: { kind: 'reject' } });
    await pollLater();
    assert.equal(await shown(orderId), 'Completed, 0.50, 0');
  });
}

test('a request that the provider had before counts as taken', async () => {
  const orderId = await followed();
  await cancel(orderId);
  const error = 'Order cancellation request has been sent already';
  upstream.sandbox.script({ kind: 'refuse', error, on: { action: 'cancel' } });
  await forward();
  assert.equal(await stateOf(orderId), 'requested, following');
  await pollLater();
});

test('while it is not known whether an order was placed nothing is refunded', async () => {
  const { orderId, link } = await waiting();
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  await upstream.forward();
  await cancel(orderId);
  for (let round = 0; round < 6; round += 1) {
    panel.clock.advance(30 * minuteMs);
    await upstream.reconcile();
    await resolveCancels(panel.app);
    assert.equal(await forward(), 0);
    assert.equal(await shown(orderId), 'Pending, 0.50, 100');
    assert.equal(await stateOf(orderId), 'requested, due');
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
  assert.equal(await forward(), 1);
  await pollLater();
  assert.equal(await shown(orderId), 'Canceled, 0.00, 100');
});

test('an order that staff have sent again is not refunded before it is there', async () => {
  const { orderId, link } = await waiting();
  upstream.sandbox.plan({ link }, { end: 'Pending' });
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  await upstream.forward();
  await cancel(orderId);
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'send_again' } });
  panel.clock.advance(minuteMs);
  assert.equal(await resolveCancels(panel.app), 1);
  assert.equal(await resolveCancels(panel.app), 0);
  assert.equal(await shown(orderId), 'Pending, 0.50, 100');
  await upstream.forward();
  panel.clock.advance(minuteMs);
  await resolveCancels(panel.app);
  assert.equal(await forward(), 1);
  await pollLater();
  assert.equal(await shown(orderId), 'Canceled, 0.00, 100');
});

test('an attempt that turns out not to have been sent is cancelled here', async () => {
  const { orderId, link } = await waiting();
  setFailpoint('forward.after_intent', async () => {
    setFailpoint('forward.after_intent');
    await cancel(orderId);
  });
  upstream.sandbox.script({ kind: 'rate_limit', retryAfter: '60', on: { action: 'add' } });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'due');
  assert.equal(await stateOf(orderId), 'requested, due');
  panel.clock.advance(30 * secondMs);
  assert.equal(await resolveCancels(panel.app), 1);
  assert.equal(await shown(orderId), 'Canceled, 0.00, 100');
  assert.equal(await stateOf(orderId), 'accepted, done');
  panel.clock.advance(minuteMs);
  await upstream.forward();
  assert.equal(addsIn(upstream, link), 0);
});

test('an order that is being sent is cancelled there once it has arrived', async () => {
  const { orderId } = await waiting();
  setFailpoint('forward.after_intent', async () => {
    setFailpoint('forward.after_intent');
    await cancel(orderId);
    assert.equal(await stateOf(orderId), 'requested, due');
    assert.equal(await shown(orderId), 'Pending, 0.50, 100');
    assert.equal(await forward(), 0);
  });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'following');
  panel.clock.advance(30 * secondMs);
  assert.equal(await resolveCancels(panel.app), 0);
  assert.equal(await forward(), 1);
  await pollLater();
  assert.match(await shown(orderId), /^(?:Canceled|Partial)/);
});

test('an order that went to another provider meanwhile is cancelled there', async () => {
  const other = await openUpstream(panel);
  const routes = [upstream, other].map(({ providerId }) => ({ providerId, externalId: '1' }));
  const serviceId = await upstream.sell();
  await setRoutes(panel.app, staff, { serviceId, routes });
  await panel.app.catalog.refresh();
  links += 1;
  const link = `https://example.com/c/${links}`;
  const orderId = await place(panel, { ...fields, service: serviceId, link, quantity: 100 });
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  setFailpoint('forward.after_intent', async () => {
    setFailpoint('forward.after_intent');
    await cancel(orderId);
  });
  await upstream.forward();
  panel.clock.advance(minuteMs);
  other.sandbox.plan({ link }, { end: 'Pending' });
  await other.forward();
  await resolveCancels(panel.app);
  assert.equal(await forward(), 0);
  assert.equal(await forwardCancels(other.ctx, await other.provider(), 100), 1);
  panel.clock.advance(hourMs);
  await other.poll();
  assert.equal(await shown(orderId), 'Canceled, 0.00, 100');
  await closeCancels(panel.app);
  await other.close();
});

test('an order that is final before its cancellation went out is done', async () => {
  const orderId = await followed();
  await cancel(orderId);
  panel.clock.advance(hourMs);
  await upstream.poll();
  const before = listsOf(upstream, 'cancel').length;
  assert.equal(await resolveCancels(panel.app), 1);
  assert.equal(await forward(), 0);
  assert.equal(await stateOf(orderId), 'rejected, done');
  assert.equal(await shown(orderId), 'Completed, 0.50, 0');
  assert.equal(listsOf(upstream, 'cancel').length, before);
});

test('cancelling and sending at once: sent and asked for, or refunded and never sent', async () => {
  const rounds = 12;
  const peerCount = 4;
  const provider = await upstream.provider();
  const tally = { sent: 0, refunded: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const made: { orderId: OrderId; link: string }[] = [];
    for (let at = 0; at < 10; at += 1) made.push(await waiting());
    const ids = made.map(({ orderId }) => orderId);
    await Promise.all([
      ...Array.from({ length: peerCount }, () => upstream.forward(3)),
      ...ids.map((id) =>
        requestCancels(panel.app, { kind: 'customer', customerId, keyId: null }, [id]),
      ),
      forwardCancels(upstream.ctx, provider, 100),
      resolveCancels(panel.app),
    ]);
    for (const { orderId, link } of made) {
      const isSent = addsIn(upstream, link) === 1;
      const { status } = await statusOf(panel, fields.key, orderId);
      assert.equal(status, isSent ? 'Pending' : 'Canceled');
      assert.match(await stateOf(orderId), isSent ? /^requested/ : /^accepted, done$/);
      tally[isSent ? 'sent' : 'refunded'] += 1;
    }
    await panel.verify();
  }
  assert(tally.sent > 0 && tally.refunded > 0, JSON.stringify(tally));
  panel.clock.advance(minuteMs);
  await resolveCancels(panel.app);
  while ((await forward()) > 0);
  await pollLater();
});

test('workers at once never ask twice for one order', async () => {
  const orderIds: OrderId[] = [];
  for (let made = 0; made < 40; made += 1) orderIds.push((await waiting()).orderId);
  while ((await upstream.forward()) > 0);
  await cancel(...orderIds);
  const before = listsOf(upstream, 'cancel').length;
  const provider = await upstream.provider();
  await Promise.all(Array.from({ length: 8 }, () => forwardCancels(upstream.ctx, provider, 7)));
  await forward();
  const ids = listsOf(upstream, 'cancel').slice(before).flat();
  assert.deepEqual([ids.length, new Set(ids).size], [40, 40]);
  await pollLater();
});

test('a worker that dies after sending has its request repeated; one that is late overwrites nothing', async () => {
  const orderId = await followed();
  await cancel(orderId);
  setFailpoint('cancel.after_send', () => {
    throw new Error('killed');
  });
  await assert.rejects(forward(), /killed/);
  assert.equal(await stateOf(orderId), 'requested, sending');
  panel.clock.advance(10 * minuteMs);
  assert.equal(await expireCancels(panel.app), 1);
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad thing', on: { action: 'cancel' } });
  setFailpoint('cancel.after_send', async () => {
    setFailpoint('cancel.after_send');
    panel.clock.advance(10 * minuteMs);
    assert.equal(await expireCancels(panel.app), 1);
  });
  await forward();
  assert.equal(await stateOf(orderId), 'requested, due');
  assert.equal(await forward(), 1);
  assert.equal(await stateOf(orderId), 'requested, following');
  await pollLater();
});

test('a provider out of reach is tried again, later each time, then it is staff’s', async () => {
  const gone = await openUpstream(panel);
  const orderId = await placeFollowed(panel, gone, { ...fields, service: await gone.sell() });
  await cancel(orderId);
  const provider = await gone.provider();
  await gone.close();
  const waits: number[] = [];
  for (let tries = 0; tries < 20; tries += 1) {
    await forwardCancels(gone.ctx, provider, 100);
    const { delivery, due_at: dueAt } = await cancelOf(panel, orderId);
    if (delivery === 'manual') break;
    assert(delivery === 'due' && dueAt !== null);
    waits.push((dueAt.getTime() - panel.clock.now().getTime()) / secondMs);
    panel.clock.advance(hourMs);
  }
  assert.deepEqual(waits, [5, 15, 60, 300, 900, 3600, 3600, 3600, 3600]);
  assert.equal((await cancelOf(panel, orderId)).note, 'not sent: unreachable');
  await decideCancel(panel.app, staff, { orderId, decision: { kind: 'accept' } });
  assert.equal(await shown(orderId), 'Canceled, 0.00, 100');
});

test('a paused provider is not asked; one without funds is, and a 429 is waited for', async () => {
  const orderId = await followed();
  const { external_id: external } = await deliveryOf(panel, orderId);
  upstream.sandbox.plan({ order: Number(external) }, { end: 'Pending' });
  await cancel(orderId);
  const { providerId } = upstream;
  await setProviderState(panel.app, staff, { providerId, state: 'paused' });
  assert.equal(await forward(), 0);
  await panel.owner.sql`update providers set paused_by = 'funds' where id = ${providerId}`;
  upstream.sandbox.script({ kind: 'rate_limit', retryAfter: '60', on: { action: 'cancel' } });
  assert.equal(await forward(), 1);
  assert.equal(await stateOf(orderId), 'requested, due');
  panel.clock.advance(59 * secondMs);
  assert.equal(await forward(), 0);
  panel.clock.advance(secondMs);
  assert.equal(await forward(), 1);
  assert.equal(await stateOf(orderId), 'requested, following');
  await setProviderState(panel.app, staff, { providerId, state: 'on' });
  await pollLater();
});

test('staff who decide while an answer is on its way have the word', async () => {
  const orderId = await followed();
  await cancel(orderId);
  setFailpoint('cancel.after_send', async () => {
    setFailpoint('cancel.after_send');
    await decideCancel(panel.app, staff, { orderId, decision: { kind: 'accept' } });
  });
  await forward();
  assert.equal(await stateOf(orderId), 'accepted, done');
  assert.equal(await shown(orderId), 'Canceled, 0.00, 100');
  await pollLater();
  assert.equal(await shown(orderId), 'Canceled, 0.00, 100');
});

test('an order without a provider is staff’s, as is a service that allows no cancelling nobody’s', async () => {
  const service = await makeService(panel, { cancel: true, rate: '5' });
  const link = 'https://example.com/manual';
  const orderId = await place(panel, { ...fields, service, link, quantity: 100 });
  await cancel(orderId);
  assert.equal(await stateOf(orderId), 'requested, manual');
  const none = await upstream.sell({ cancel: false });
  const other = await place(panel, { ...fields, service: none, link, quantity: 100 });
  assert.match(await cancel(other), /Do not allow cancel/);
  assert.equal((await deliveryOf(panel, other)).state, 'due');
});

test('a stopped drip-feed’s runs go on; each can be cancelled by itself', async () => {
  const service = await upstream.sell({ dripfeed: true });
  const link = 'https://example.com/drip';
  const parent = await place(panel, {
    ...fields,
    service,
    link,
    quantity: 100,
    runs: 3,
    interval: 10,
  });
  await createDueRuns(panel.app);
  await upstream.forward();
  await cancel(parent);
  assert.equal(await stateOf(parent), 'accepted, done');
  const [child] = Object(await statusOf(panel, fields.key, parent)).orders;
  const childId = BigInt(child) as OrderId;
  assert.equal((await deliveryOf(panel, childId)).state, 'following');
  await cancel(childId);
  await forward();
  await pollLater();
  const status = await statusOf(panel, fields.key, parent);
  assert.deepEqual([status.status, status.charge], ['Canceled', '0.00']);
});

test('a subscription that its provider keeps is stopped here at once and there by request', async () => {
  const service = await upstream.sell({
    type: 'Subscriptions',
    external: '17',
    isDelegated: true,
  });
  const terms = { username: 'someone', min: 50, max: 50, delay: 0 };
  const orderId = await place(panel, { ...fields, service, ...terms });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'following');
  await cancel(orderId);
  assert.equal(await stateOf(orderId), 'accepted, due');
  const before = cancelsMade();
  panel.clock.advance(hourMs);
  await upstream.poll();
  assert.equal((await deliveryOf(panel, orderId)).state, 'done');
  await resolveCancels(panel.app);
  assert.equal(await forward(), 1);
  assert.equal(cancelsMade(), before + 1);
  assert.equal(await stateOf(orderId), 'accepted, done');
});
