import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs, type OrderId, type ServiceId } from '../../src/base/index.ts';
import { setRoutes } from '../../src/catalog/index.ts';
import { createRecorder, decideDelivery, rerouteDue } from '../../src/fulfilment/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { setProviderState } from '../../src/providers/index.ts';
import type { ScriptedFault } from '../../src/sandbox/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addsIn, deliveryOf, openUpstream, place, statusOf, type Upstream } from './upstream.ts';

let panel: TestPanel;
let upstream: Upstream;
let service: ServiceId;
let key: string;
let links = 0;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  service = await upstream.sell();
  ({ key } = await makeCustomer(panel, { funds: '10000' }));
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

async function order(fields: Record<string, string | number> = {}) {
  links += 1;
  const link = `https://example.com/f/${links}`;
  const orderId = await place(panel, { key, service, link, quantity: 100, ...fields });
  return { orderId, link };
}

const addsFor = (link: string) => addsIn(upstream, link);

test('an order is sent once and followed from then on', async () => {
  const { orderId, link } = await order();
  assert.equal(await upstream.forward(), 1);
  assert.equal(await upstream.forward(), 0);
  assert.equal(addsFor(link), 1);
  const delivery = await deliveryOf(panel, orderId);
  assert.equal(delivery.state, 'following');
  assert.equal((await statusOf(panel, key, orderId)).status, 'Pending');
});

test('an order is completed without anybody', async () => {
  const { orderId } = await order();
  await upstream.forward();
  panel.clock.advance(20_000);
  await upstream.poll();
  const running = await statusOf(panel, key, orderId);
  assert.equal(running.status, 'In progress');
  panel.clock.advance(10 * minuteMs);
  await upstream.poll();
  const done = await statusOf(panel, key, orderId);
  assert.equal(done.status, 'Completed');
  assert.equal(done.remains, '0');
  assert.equal((await deliveryOf(panel, orderId)).state, 'done');
});

const losses: readonly ScriptedFault[] = [
  { kind: 'accept_then_500' },
  { kind: 'accept_then_reset' },
  { kind: 'accept_then_html' },
  { kind: 'accept_then_html', status: 502 },
  { kind: 'accept_then_cut_json' },
  { kind: 'accept_then_redirect' },
  { kind: 'accept_then_empty' },
  { kind: 'gzip_bomb' },
  { kind: 'oversize', bytes: 40_000_000 },
  { kind: 'reset_after', bytes: 20 },
  { kind: 'error_500' },
  { kind: 'html' },
];
for (const fault of losses) {
  test(`after ${JSON.stringify(fault)} an order is unknown: not resent, not refunded`, async () => {
    const { orderId, link } = await order();
    upstream.sandbox.script({ ...fault, on: { action: 'add' } });
    await upstream.forward();
    assert.equal((await deliveryOf(panel, orderId)).state, 'unknown');
    const arrived = addsFor(link);
    for (let round = 0; round < 6; round += 1) {
      panel.clock.advance(30 * minuteMs);
      await upstream.forward();
      await upstream.reconcile();
    }
    assert.equal(addsFor(link), arrived);
    const delivery = await deliveryOf(panel, orderId);
    assert.deepEqual([delivery.state, delivery.reason], ['held', 'unknown']);
    const status = await statusOf(panel, key, orderId);
    assert.deepEqual([status.status, status.charge], ['Pending', '0.50']);
    await panel.verify();
    await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'refund' } });
    assert.equal((await statusOf(panel, key, orderId)).status, 'Canceled');
  });
}

test('a hang ends at the deadline; the late answer is nobody’s', async () => {
  const slow = await openUpstream(panel, { addTimeoutMs: 1_000 });
  const sold = await slow.sell();
  const { orderId, link } = await order({ service: sold });
  slow.sandbox.script({ kind: 'accept_then_hang', on: { action: 'add' } });
  await slow.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'unknown');
  assert.equal(addsIn(slow, link), 1);
  await slow.close();
});

test('a refusal that no database could keep holds its order and hurts no other', async () => {
  const [bad, good] = [await order(), await order()];
  const on = { action: 'add', link: bad.link };
  upstream.sandbox.script({ kind: 'refuse', error: 'no \u0000 such \ud83d', on });
  await upstream.forward();
  const held = await deliveryOf(panel, bad.orderId);
  assert.deepEqual([held.state, held.reason], ['held', 'rejected']);
  assert.equal((await deliveryOf(panel, good.orderId)).state, 'following');
});

test('of two answers to one attempt at once the first counts, in one batch and apart', async () => {
  for (const isApart of [false, true]) {
    const { orderId } = await order();
    upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
    await upstream.forward();
    const { customer_id: customerId } = await deliveryOf(panel, orderId);
    const actor = { kind: 'system', name: 'test' } as const;
    const answer = { customerId, orderId, number: 1, actor };
    const accepted = { outcome: 'accepted', order: `99${orderId}`, raw: '' } as const;
    const notSent = { outcome: 'notSent', reason: 'aborted', retryAfterMs: null } as const;
    const other = isApart ? createRecorder(panel.app) : upstream.ctx.recorder;
    const recorded = await Promise.all([
      upstream.ctx.recorder.submit({ ...answer, outcome: accepted }),
      other.submit({ ...answer, outcome: notSent }),
    ]);
    assert.deepEqual(recorded.toSorted(), ['late', 'recorded']);
    await panel.verify();
    const isFollowed = recorded[0] === 'recorded';
    assert.equal((await deliveryOf(panel, orderId)).state, isFollowed ? 'following' : 'due');
    await settleOrder(panel.app, staff, { orderId, status: 'Canceled' });
  }
});

test('a repeated external id is nobody’s: the second order is unknown', async () => {
  const first = await order();
  await upstream.forward();
  const second = await order();
  upstream.sandbox.script({ kind: 'duplicate_id', on: { action: 'add' } });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, first.orderId)).state, 'following');
  assert.equal((await deliveryOf(panel, second.orderId)).state, 'unknown');
  await panel.verify();
});

test('a refused order goes to the next route, and to staff after the last', async () => {
  const other = await openUpstream(panel);
  const sold = await upstream.sell();
  const routes = [
    { providerId: upstream.providerId, externalId: '1' },
    { providerId: other.providerId, externalId: '1' },
  ];
  await setRoutes(panel.app, staff, { serviceId: sold, routes });
  await panel.app.catalog.refresh();
  const { link } = await order({ service: sold });
  upstream.sandbox.script({ kind: 'refuse', error: 'neworder.error.link', on: { action: 'add' } });
  await upstream.forward();
  panel.clock.advance(minuteMs);
  await other.forward();
  assert.equal(addsFor(link), 0);
  assert.equal(addsIn(other, link), 1);
  const second = await order({ service: sold });
  for (const { sandbox } of [upstream, other]) {
    sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  }
  await upstream.forward();
  panel.clock.advance(minuteMs);
  await other.forward();
  const delivery = await deliveryOf(panel, second.orderId);
  assert.deepEqual([delivery.state, delivery.reason], ['held', 'rejected']);
  await other.close();
});

test('an order waits where another runs on its link, and is sent when that is over', async () => {
  const { orderId, link } = await order();
  const error = 'neworder.error.link_duplicate';
  upstream.sandbox.script({ kind: 'refuse', error, on: { action: 'add' } });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'due');
  assert.equal(await upstream.forward(), 0);
  panel.clock.advance(5 * minuteMs);
  await upstream.forward();
  assert.equal(addsFor(link), 1);
});

test('a provider without funds is paused; its orders wait, and go when it has funds', async () => {
  const made = await Promise.all(Array.from({ length: 30 }, () => order()));
  upstream.sandbox.setBalance('0.00');
  await upstream.forward(10);
  const provider = await upstream.provider();
  assert.deepEqual([provider.state, provider.pausedBy], ['paused', 'funds']);
  panel.clock.advance(10 * minuteMs);
  assert.equal(await upstream.forward(), 0);
  upstream.sandbox.setBalance('1000.00');
  await setProviderState(panel.app, staff, { providerId: upstream.providerId, state: 'on' });
  while ((await upstream.forward()) > 0);
  for (const { orderId, link } of made) {
    assert.equal((await deliveryOf(panel, orderId)).state, 'following');
    assert.equal(addsFor(link), 1);
  }
});

test('orders of a stopped provider go to the next route, and wait without one', async () => {
  const other = await openUpstream(panel);
  const sold = await upstream.sell();
  const routes = [upstream, other].map(({ providerId }) => ({ providerId, externalId: '1' }));
  await setRoutes(panel.app, staff, { serviceId: sold, routes });
  await panel.app.catalog.refresh();
  const [alone, routed] = [await order(), await order({ service: sold })];
  const { providerId } = upstream;
  await setProviderState(panel.app, staff, { providerId, state: 'draining' });
  assert.equal(await rerouteDue(panel.app, await upstream.provider()), 1);
  assert.equal(await upstream.forward(), 0);
  await other.forward();
  assert.equal(addsIn(other, routed.link), 1);
  await setProviderState(panel.app, staff, { providerId, state: 'on' });
  await upstream.forward();
  assert.equal(addsFor(alone.link), 1);
  assert.equal(addsFor(routed.link), 0);
  await other.close();
});

test('a provider that limits is not asked before it said', async () => {
  const { orderId, link } = await order();
  upstream.sandbox.script({ kind: 'rate_limit', retryAfter: '120', on: { action: 'add' } });
  await upstream.forward();
  assert.equal((await deliveryOf(panel, orderId)).state, 'due');
  panel.clock.advance(minuteMs);
  assert.equal(await upstream.forward(), 0);
  panel.clock.advance(minuteMs);
  await upstream.forward();
  assert.equal(addsFor(link), 1);
});

test('an order that was settled while it waited is not sent', async () => {
  const { orderId, link } = await order();
  await settleOrder(panel.app, staff, { orderId, status: 'Canceled' });
  await upstream.forward();
  assert.equal(addsFor(link), 0);
  assert.equal((await deliveryOf(panel, orderId)).state, 'done');
});

test('staff bind an unknown order to the id they found', async () => {
  const { orderId, link } = await order();
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  await upstream.forward();
  const entry = upstream.sandbox
    .journal()
    .find((one) => one.kind === 'add' && one.params.link === link);
  assert(entry?.kind === 'add');
  const decision = { kind: 'bind', externalId: String(entry.order) } as const;
  await decideDelivery(panel.app, staff, { orderId, decision });
  panel.clock.advance(10 * minuteMs);
  await upstream.poll();
  assert.equal((await statusOf(panel, key, orderId)).status, 'Completed');
});

test('staff have an order sent again: twice upstream by their consent, never thrice', async () => {
  const { orderId, link } = await order();
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  await upstream.forward();
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'send_again' } });
  await upstream.forward();
  await upstream.forward();
  assert.equal(addsFor(link), 2);
  assert.equal((await deliveryOf(panel, orderId)).state, 'following');
  await panel.verify();
});

test('another order’s id cannot be bound', async () => {
  const first = await order();
  await upstream.forward();
  const { external_id: taken } = await deliveryOf(panel, first.orderId);
  const { orderId } = await order();
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  await upstream.forward();
  const decision = { kind: 'bind', externalId: taken ?? '' } as const;
  await assert.rejects(decideDelivery(panel.app, staff, { orderId, decision }), /another order/);
});

test('no order has the id 0, so none is followed under it', async () => {
  const { orderId } = await order();
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  await upstream.forward();
  for (const externalId of ['0', '000', '']) {
    const decision = { kind: 'bind', externalId } as const;
    await assert.rejects(decideDelivery(panel.app, staff, { orderId, decision }), /digits/);
  }
});

test('an order that waits for nobody has nothing to decide', async () => {
  const { orderId } = await order();
  const decide = (id: OrderId) =>
    decideDelivery(panel.app, staff, { orderId: id, decision: { kind: 'send_again' } });
  await assert.rejects(decide(orderId), /does not wait/);
});
