import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hourMs, type OrderId, secondMs, setFailpoint } from '../../src/base/index.ts';
import {
  closeCancels,
  decideCancel,
  forwardCancels,
  listOpenCancels,
} from '../../src/cancels/index.ts';
import { createDueRuns, settleOrder } from '../../src/orders/index.ts';
import { setProviderState } from '../../src/providers/index.ts';
import { makeService, staff } from '../factories.ts';
import { type CancelDesk, cancelOf, listsOf, openCancelDesk, placeFollowed } from './requests.ts';
import { addsIn, deliveryOf, openUpstream, place, statusOf } from './upstream.ts';

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

function cancelsMade(): number {
  return upstream.sandbox.journal().filter((entry) => entry.kind === 'cancel').length;
}

test('an order that was not sent is cancelled and refunded at once, and never sent', async () => {
  const { orderId, link } = await desk.waiting();
  assert.equal(await desk.cancel(orderId), `[{"order":${orderId},"cancel":1}]`);
  assert.equal(await desk.shown(orderId), 'Canceled, 0.00, 100');
  assert.equal(await desk.stateOf(orderId), 'accepted, done');
  assert.equal(await upstream.forward(), 0);
  assert.equal(addsIn(upstream, link), 0);
  assert.equal((await deliveryOf(panel, orderId)).state, 'done');
  assert.match(await desk.cancel(orderId), /has been sent already/);
  await panel.verify();
});

test('an order that is held for want of a taker is cancelled at once', async () => {
  const { orderId } = await desk.waiting();
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'held');
  await desk.cancel(orderId);
  assert.equal(await desk.shown(orderId), 'Canceled, 0.00, 100');
  assert.deepEqual((await deliveryOf(panel, orderId)).reason, '');
  await panel.verify();
});

test('what staff deliver by hand is not refunded by the panel', async () => {
  const { orderId } = await desk.waiting();
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  await upstream.forward();
  await settleOrder(panel.app, staff, { orderId, status: 'In progress', remains: 40n });
  await desk.cancel(orderId);
  assert.equal(await desk.stateOf(orderId), 'requested, manual');
  assert.equal(await desk.shown(orderId), 'In progress, 0.50, 40');
  const decision = { kind: 'accept_partly', remains: 40n } as const;
  await decideCancel(panel.app, staff, { orderId, decision });
  assert.equal(await desk.shown(orderId), 'Partial, 0.30, 40');
  assert.equal((await deliveryOf(panel, orderId)).state, 'done');
});

test('an order at a provider is cancelled there, refunded when its status says so', async () => {
  const orderId = await desk.followed();
  await desk.cancel(orderId);
  assert.equal(await desk.stateOf(orderId), 'requested, due');
  assert.equal(await desk.forward(), 1);
  assert.equal(await desk.stateOf(orderId), 'requested, following');
  assert.equal(await desk.shown(orderId), 'Pending, 0.50, 100');
  const { due_at: dueAt } = await deliveryOf(panel, orderId);
  assert.equal((dueAt?.getTime() ?? 0) - panel.clock.now().getTime(), 5 * secondMs);
  panel.clock.advance(5 * secondMs);
  await upstream.poll();
  assert.equal(await desk.shown(orderId), 'Canceled, 0.00, 100');
  await closeCancels(panel.app);
  assert.equal(await desk.stateOf(orderId), 'accepted, done');
});

test('Partial after a cancellation refunds exactly what was not delivered', async () => {
  const orderId = await desk.followed();
  panel.clock.advance(20 * secondMs);
  await upstream.poll();
  await desk.cancel(orderId);
  await desk.forward();
  await desk.pollLater();
  const { status, remains, charge } = await statusOf(panel, desk.fields.key, orderId);
  assert.equal(status, 'Partial');
  const left = BigInt(String(remains));
  assert(left > 0n && left < 100n);
  // 5 per 1000: half a cent a piece.
  assert.equal(charge, `0.${String((100n - left) * 5n).padStart(3, '0')}`.replace(/0$/, ''));
  assert.equal(await desk.stateOf(orderId), 'accepted, done');
  await panel.verify();
});

test('an order that completes all the same was not cancelled', async () => {
  const orderId = await desk.followed();
  const { external_id: external } = await deliveryOf(panel, orderId);
  upstream.sandbox.plan({ order: Number(external) }, { cancel: 'ignored' });
  await desk.cancel(orderId);
  await desk.forward();
  await desk.pollLater();
  assert.equal(await desk.shown(orderId), 'Completed, 0.50, 0');
  assert.equal(await desk.stateOf(orderId), 'rejected, done');
});

test('a request that a provider refused is over with its order', async () => {
  const orderId = await desk.followed();
  upstream.sandbox.script({ kind: 'refuse', error: 'Too late', on: { action: 'cancel' } });
  await desk.cancel(orderId);
  await desk.forward();
  assert.equal(await desk.stateOf(orderId), 'requested, manual');
  assert.equal(await closeCancels(panel.app), 0);
  await settleOrder(panel.app, staff, { orderId, status: 'Completed' });
  assert.equal(await closeCancels(panel.app), 1);
  assert.equal(await desk.stateOf(orderId), 'rejected, done');
  assert.equal((await listOpenCancels(panel.app.db, 10)).length, 0);
});

test('150 cancellations go as two lists', async () => {
  const orderIds: OrderId[] = [];
  for (let made = 0; made < 150; made += 1) orderIds.push((await desk.waiting()).orderId);
  while ((await upstream.forward()) > 0);
  await desk.cancel(...orderIds.slice(0, 100));
  await desk.cancel(...orderIds.slice(100));
  const before = listsOf(upstream, 'cancel').length;
  assert.deepEqual(
    [await desk.forward(), await desk.forward(), await desk.forward()],
    [100, 50, 0],
  );
  const lists = listsOf(upstream, 'cancel').slice(before);
  assert.deepEqual(
    lists.map((list) => list.length),
    [100, 50],
  );
  await desk.pollLater();
  assert.equal((await listOpenCancels(panel.app.db, 10)).length, 0);
});

for (const kind of ['accept_then_500', 'accept_then_reset', 'accept_then_cut_json'] as const) {
  test(`after ${kind} a cancellation is asked for again, and made once`, async () => {
    const orderId = await desk.followed();
    const before = cancelsMade();
    await desk.cancel(orderId);
    upstream.sandbox.script({ kind, on: { action: 'cancel' } });
    await desk.forward();
    assert.equal(await desk.stateOf(orderId), 'requested, due');
    assert.match((await cancelOf(panel, orderId)).note, /^unknown: /);
    assert.equal(await desk.forward(), 0);
    panel.clock.advance(5 * secondMs);
    assert.equal(await desk.forward(), 1);
    assert.equal(await desk.stateOf(orderId), 'requested, following');
    assert.equal(cancelsMade(), before + 1);
    await desk.pollLater();
    assert.equal(await desk.shown(orderId), 'Canceled, 0.00, 100');
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
  test(`refused with “${error}” a cancellation is staff’s, in silence`, async () => {
    const orderId = await desk.followed();
    await desk.cancel(orderId);
    const before = await desk.shown(orderId);
    upstream.sandbox.script({ kind: 'refuse', error, on: { action: 'cancel' } });
    await desk.forward();
    assert.equal(await desk.stateOf(orderId), 'requested, manual');
    assert.equal(await desk.shown(orderId), before);
    const [open] = await listOpenCancels(panel.app.db, 1);
    assert.deepEqual([open?.orderId, open?.note], [orderId, `refused: ${error}`]);
    await decideCancel(panel.app, staff, { orderId, decision: { kind: 'reject' } });
    await desk.pollLater();
    assert.equal(await desk.shown(orderId), 'Completed, 0.50, 0');
  });
}

test('a request that the provider had before counts as taken', async () => {
  const orderId = await desk.followed();
  await desk.cancel(orderId);
  const error = 'Order cancellation request has been sent already';
  upstream.sandbox.script({ kind: 'refuse', error, on: { action: 'cancel' } });
  await desk.forward();
  assert.equal(await desk.stateOf(orderId), 'requested, following');
  await desk.pollLater();
});

test('a provider out of reach is tried again, later each time, then it is staff’s', async () => {
  const gone = await openUpstream(panel);
  const orderId = await placeFollowed(panel, gone, { ...desk.fields, service: await gone.sell() });
  await desk.cancel(orderId);
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
  assert.equal(await desk.shown(orderId), 'Canceled, 0.00, 100');
});

test('a paused provider is not asked; one without funds is, and a 429 is waited for', async () => {
  const orderId = await desk.followed();
  const { external_id: external } = await deliveryOf(panel, orderId);
  upstream.sandbox.plan({ order: Number(external) }, { end: 'Pending' });
  await desk.cancel(orderId);
  const { providerId } = upstream;
  await setProviderState(panel.app, staff, { providerId, state: 'paused' });
  assert.equal(await desk.forward(), 0);
  await panel.owner.sql`update providers set paused_by = 'funds' where id = ${providerId}`;
  upstream.sandbox.script({ kind: 'rate_limit', retryAfter: '60', on: { action: 'cancel' } });
  assert.equal(await desk.forward(), 1);
  assert.equal(await desk.stateOf(orderId), 'requested, due');
  panel.clock.advance(59 * secondMs);
  assert.equal(await desk.forward(), 0);
  panel.clock.advance(secondMs);
  assert.equal(await desk.forward(), 1);
  assert.equal(await desk.stateOf(orderId), 'requested, following');
  await setProviderState(panel.app, staff, { providerId, state: 'on' });
  await desk.pollLater();
});

test('staff who decide while an answer is on its way have the word', async () => {
  const orderId = await desk.followed();
  await desk.cancel(orderId);
  setFailpoint('cancel.after_send', async () => {
    setFailpoint('cancel.after_send');
    await decideCancel(panel.app, staff, { orderId, decision: { kind: 'accept' } });
  });
  await desk.forward();
  assert.equal(await desk.stateOf(orderId), 'accepted, done');
  assert.equal(await desk.shown(orderId), 'Canceled, 0.00, 100');
  await desk.pollLater();
  assert.equal(await desk.shown(orderId), 'Canceled, 0.00, 100');
});

test('an order without a provider is staff’s; refusals of a service stay', async () => {
  const service = await makeService(panel, { cancel: true, rate: '5' });
  const link = 'https://example.com/manual';
  const orderId = await place(panel, { ...desk.fields, service, link, quantity: 100 });
  await desk.cancel(orderId);
  assert.equal(await desk.stateOf(orderId), 'requested, manual');
  const none = await upstream.sell({ cancel: false });
  const other = await place(panel, { ...desk.fields, service: none, link, quantity: 100 });
  assert.match(await desk.cancel(other), /Do not allow cancel/);
  assert.equal((await deliveryOf(panel, other)).state, 'due');
});

test('a stopped drip-feed’s runs go on; each can be cancelled by itself', async () => {
  const service = await upstream.sell({ dripfeed: true });
  const link = 'https://example.com/drip';
  const parent = await place(panel, {
    ...desk.fields,
    service,
    link,
    quantity: 100,
    runs: 3,
    interval: 10,
  });
  await createDueRuns(panel.app);
  await upstream.forward();
  await desk.cancel(parent);
  assert.equal(await desk.stateOf(parent), 'accepted, done');
  const [child] = Object(await statusOf(panel, desk.fields.key, parent)).orders;
  const childId = BigInt(child) as OrderId;
  assert.equal((await deliveryOf(panel, childId)).state, 'following');
  await desk.cancel(childId);
  await desk.forward();
  await desk.pollLater();
  const status = await statusOf(panel, desk.fields.key, parent);
  assert.deepEqual([status.status, status.charge], ['Canceled', '0.00']);
});
