import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError, hourMs, type Log, minuteMs, silentLog } from '../../src/base/index.ts';
import { type DeliveryDecision, decideDelivery, reconcileDue } from '../../src/fulfilment/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { delayCalls, setProviderState } from '../../src/providers/index.ts';
import type { ScriptedFault } from '../../src/sandbox/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, refuseWrites, type TestPanel } from '../harness.ts';
import { externalOf, type LostOrders, openLostOrders } from './lost-orders.ts';
import { until } from './processes.ts';
import { deliveryOf } from './upstream.ts';
import { dieAt, openSecondWorker } from './workers.ts';

const errors: { fields: object; message: string }[] = [];
const log: Log = { ...silentLog, error: (fields, message) => errors.push({ fields, message }) };
let panel: TestPanel;
let lost: LostOrders;
before(async () => {
  panel = await openTestPanel({ log });
  const { key } = await makeCustomer(panel, { funds: '10000' });
  lost = openLostOrders(panel, key);
});
after(async () => {
  await lost.close();
  await panel.verify();
  await panel.close();
});

const losses: readonly ScriptedFault[] = [
  { kind: 'accept_then_500' },
  { kind: 'accept_then_reset' },
  { kind: 'accept_then_cut_json' },
  { kind: 'error_500' },
  { kind: 'html' },
];
for (const fault of losses) {
  test(`with request ids, ${fault.kind} is resolved by asking again: one order`, async () => {
    const upstream = await lost.open({ requestIdField: 'request_id' });
    const { orderId, link } = await upstream.send(fault);
    assert.equal(await lost.stateOf(orderId), 'unknown');
    await upstream.reconcile();
    assert.deepEqual([upstream.adds(link), await lost.stateOf(orderId)], [1, 'following']);
    assert.equal((await deliveryOf(panel, orderId)).external_id, externalOf(upstream, link));
  });
}

test('with request ids, a refusal of the second request says nothing of the first', async () => {
  const upstream = await lost.open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'accept_then_500' });
  const error = 'neworder.error.link_duplicate';
  upstream.sandbox.script({ kind: 'refuse', error, on: { action: 'add' } });
  await upstream.reconcile();
  assert.deepEqual([upstream.adds(link), await lost.stateOf(orderId)], [1, 'unknown']);
});

test('with request ids, an order that staff ended is not asked for again', async () => {
  const upstream = await lost.open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'error_500' });
  await settleOrder(panel.app, staff, { orderId, status: 'Canceled' });
  await upstream.reconcile();
  assert.equal(upstream.adds(link), 0);
});

test('with request ids, a worker killed before or after sending costs no order', async () => {
  const upstream = await lost.open({ requestIdField: 'request_id' });
  for (const point of ['forward.after_intent', 'forward.after_send'] as const) {
    const { orderId, link } = await upstream.order();
    dieAt(point);
    await assert.rejects(upstream.forward(), /killed/);
    panel.clock.advance(minuteMs);
    await upstream.reconcile();
    assert.deepEqual([upstream.adds(link), await lost.stateOf(orderId)], [1, 'following']);
  }
});

test('with request ids, an answer that is lost again and again is asked for again', async () => {
  const upstream = await lost.open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'accept_then_reset', times: 3 });
  await upstream.reconcile();
  assert.equal(await lost.stateOf(orderId), 'unknown');
  panel.clock.advance(minuteMs);
  await upstream.reconcile();
  panel.clock.advance(2 * minuteMs);
  await upstream.reconcile();
  assert.deepEqual([upstream.adds(link), await lost.stateOf(orderId)], [1, 'following']);
});

test('with request ids, what is sent again by consent is a request of its own', async () => {
  const upstream = await lost.open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'accept_then_500' });
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'send_again' } });
  await upstream.forward();
  assert.deepEqual([upstream.adds(link), await lost.stateOf(orderId)], [2, 'following']);
});

const decisions: readonly DeliveryDecision[] = [
  { kind: 'bind', externalId: '4711' },
  { kind: 'send_again' },
  { kind: 'refund' },
  { kind: 'wait' },
];
const isConflict = (error: unknown) => error instanceof AppError && error.code === 'conflict';

test('while a provider is asked again staff decide nothing, and its answer counts', async () => {
  const upstream = await lost.open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'error_500' });
  upstream.sandbox.script({ kind: 'accept_then_hang', on: { action: 'add', link } });
  const asking = upstream.reconcile();
  await upstream.served.untilHeld(1);
  for (const decision of decisions) {
    await assert.rejects(decideDelivery(panel.app, staff, { orderId, decision }), isConflict);
  }
  upstream.served.release();
  await asking;
  assert.deepEqual([upstream.adds(link), await lost.stateOf(orderId)], [1, 'following']);
});

test('what the provider refuses when it is asked again is for staff at once', async () => {
  const upstream = await lost.open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'error_500' });
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  await upstream.reconcile();
  assert.deepEqual((await lost.waitingFor(orderId)).evidence, { asked: 'rejected' });
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'refund' } });
  assert.deepEqual([upstream.adds(link), await lost.stateOf(orderId)], [0, 'done']);
});

test('one that is being asked about is asked by no other, until its lease ends', async () => {
  const upstream = await lost.open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'error_500' });
  await panel.owner.sql`
    update attempts set asked_until = ${new Date(panel.clock.now().getTime() + minuteMs)}
    where order_id = ${orderId}`;
  await upstream.reconcile();
  assert.deepEqual([upstream.adds(link), await lost.stateOf(orderId)], [0, 'unknown']);
  panel.clock.advance(minuteMs);
  await upstream.reconcile();
  assert.deepEqual([upstream.adds(link), await lost.stateOf(orderId)], [1, 'following']);
});

test('of a refund and asking again at the same moment one acts, never both', async (t) => {
  const upstream = await lost.open({ requestIdField: 'request_id' });
  const worker = await openSecondWorker(panel);
  t.after(() => worker.close());
  const made = [];
  for (let count = 0; count < 20; count += 1)
    made.push(await upstream.order({ kind: 'error_500' }));
  await upstream.forward();
  const provider = await upstream.provider();
  const asking = reconcileDue(worker.ctx, provider);
  const refunds = made.toReversed().map(({ orderId }) => async () => {
    const decision = { kind: 'refund' as const };
    await decideDelivery(panel.app, staff, { orderId, decision }).catch(() => {});
  });
  for (const refund of refunds) await refund();
  await asking;
  for (const { orderId, link } of made) {
    const isThere = upstream.adds(link) === 1;
    assert.equal(await lost.stateOf(orderId), isThere ? 'following' : 'done');
  }
});

test('a provider that staff stopped is not asked again for an order', async () => {
  const upstream = await lost.open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'error_500' });
  const asItWas = await upstream.provider();
  const { providerId } = upstream;
  await setProviderState(panel.app, staff, { providerId, state: 'draining' });
  await reconcileDue(upstream.ctx, asItWas);
  assert.deepEqual([upstream.adds(link), await lost.stateOf(orderId)], [0, 'unknown']);
});

test('what staff settle while it is unknown is closed, and nobody is asked about it', async () => {
  const upstream = await lost.open();
  const { orderId } = await upstream.send({ kind: 'accept_then_500' });
  await settleOrder(panel.app, staff, { orderId, status: 'Canceled' });
  const calls = upstream.sandbox.calls().length;
  assert.equal(await upstream.reconcile(), 0);
  assert.deepEqual([await lost.stateOf(orderId), upstream.sandbox.calls().length], ['done', calls]);
});

for (const requestIdField of ['request_id', undefined]) {
  const way = requestIdField === undefined ? 'looked for' : 'asked again';
  test(`one attempt that can not be ${way} holds up no other, and is logged`, async (t) => {
    const upstream = await lost.open(requestIdField === undefined ? {} : { requestIdField });
    const bad = await upstream.send({ kind: 'accept_then_500' });
    const good = await upstream.send({ kind: 'accept_then_500' });
    const mend = await refuseWrites(panel, t, {
      what: 'attempt',
      write: 'update on attempts',
      when: `new.order_id = ${bad.orderId}`,
    });
    errors.length = 0;
    assert.equal(await upstream.reconcile(), 2);
    assert.equal(await lost.stateOf(bad.orderId), 'unknown');
    const expected = requestIdField === undefined ? ['unknown', 1] : ['following', 1];
    const { state, failures } = await deliveryOf(panel, good.orderId);
    const looks = requestIdField === undefined ? failures : upstream.adds(good.link);
    assert.deepEqual([state, looks], expected);
    const logged = errors.map(({ fields }) => Reflect.get(fields, 'orderId'));
    assert.deepEqual(new Set(logged), new Set([bad.orderId]));
    await mend();
    panel.clock.advance(minuteMs);
    await upstream.reconcile();
    assert(Object((await deliveryOf(panel, bad.orderId)).state) !== 'held');
  });
}

test('a worker that stops gives back what it has not looked into, which costs no try', async () => {
  const upstream = await lost.open();
  const made = [];
  for (let count = 0; count < 3; count += 1) {
    made.push(await upstream.send({ kind: 'accept_then_500' }));
  }
  const slot = new Date(panel.clock.now().getTime() + 9_000);
  await panel.owner.sql`
    update providers set calls_per_minute_max = 60, next_call_at = ${slot}
    where id = ${upstream.providerId}`;
  const stop = new AbortController();
  const ctx = { ...upstream.ctx, leaving: stop.signal };
  const looking = reconcileDue(ctx, await upstream.provider());
  await until('it waits for its slot', async () => {
    const { nextCallAt } = await upstream.provider();
    return nextCallAt !== null && nextCallAt > slot;
  });
  stop.abort();
  await looking;
  for (const { orderId } of made) {
    const { state, failures, due_at } = await deliveryOf(panel, orderId);
    assert.deepEqual([state, failures, due_at], ['unknown', 0, panel.clock.now()]);
  }
});

test('a provider that is held back has nothing taken for it', async () => {
  const upstream = await lost.open();
  const { orderId } = await upstream.send({ kind: 'accept_then_500' });
  const later = new Date(panel.clock.now().getTime() + hourMs);
  await delayCalls(panel.app.db, { providerId: upstream.providerId, until: later });
  assert.equal(await upstream.reconcile(), 0);
  assert.equal((await deliveryOf(panel, orderId)).failures, 0);
});
