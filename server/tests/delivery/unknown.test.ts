import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs, type OrderId } from '../../src/base/index.ts';
import {
  calibrateProvider,
  decideDelivery,
  listWaiting,
  type WaitingOrder,
} from '../../src/fulfilment/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import type { ScriptedFault } from '../../src/sandbox/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addsIn, deliveryOf, openUpstream, place, type Upstream } from './upstream.ts';
import { dieAt } from './workers.ts';

let panel: TestPanel;
let key: string;
const opened: Upstream[] = [];
let links = 0;
before(async () => {
  panel = await openTestPanel();
  ({ key } = await makeCustomer(panel, { funds: '10000' }));
});
after(async () => {
  for (const upstream of opened) await upstream.close();
  await panel.verify();
  await panel.close();
});

/** An upstream of its own with what sends orders to it, each with its own fault. */
async function open(options: Parameters<typeof openUpstream>[1] = {}) {
  const upstream = await openUpstream(panel, options);
  opened.push(upstream);
  const service = await upstream.sell();
  const order = async (fault?: ScriptedFault) => {
    links += 1;
    const link = `https://example.com/u/${links}`;
    if (fault !== undefined) upstream.sandbox.script({ ...fault, on: { action: 'add', link } });
    return { link, orderId: await place(panel, { key, service, link, quantity: 100 }) };
  };
  /** Places an order and sends it; time goes on, so that orders lie apart. */
  const send = async (fault?: ScriptedFault) => {
    const made = await order(fault);
    await upstream.forward();
    panel.clock.advance(1_000);
    return made;
  };
  return { ...upstream, order, send, adds: (link: string) => addsIn(upstream, link) };
}

async function openCalibrated() {
  const upstream = await open({ firstOrderId: 700 });
  for (let count = 0; count < 6; count += 1) await upstream.send();
  assert.equal(await calibrateProvider(panel.app, staff, await upstream.provider()), '');
  return upstream;
}

const stateOf = async (orderId: OrderId) => (await deliveryOf(panel, orderId)).state;

async function waitingFor(orderId: OrderId): Promise<WaitingOrder> {
  const found = (await listWaiting(panel.app.db, 100)).find((row) => row.orderId === orderId);
  assert(found, 'the order is in the queue of staff');
  return found;
}

/** The provider's id of the order that was made there for a link. */
function externalOf(upstream: Upstream, link: string): string {
  const entries = upstream.sandbox.journal();
  const entry = entries.find((one) => one.kind === 'add' && one.params.link === link);
  assert(entry?.kind === 'add');
  return String(entry.order);
}

/** An order that somebody else places there under our key. */
async function placeForeign(upstream: Upstream): Promise<void> {
  const link = 'https://example.com/foreign';
  const fields = { action: 'add', service: '1', link, quantity: '100' };
  const { key: ownKey } = upstream;
  upstream.sandbox.handle(new Map(Object.entries({ ...fields, key: ownKey })));
}

/** What an order costs there is known, and so is the balance before the next one. */
async function knowBalance(upstream: Upstream): Promise<void> {
  await panel.owner.sql`
    insert into provider_services (provider_id, external_id, position, name, category, type,
      is_type_known, cost, refill, cancel, dripfeed, seen_at)
    values (${upstream.providerId}, '1', 1, 'Plain', 'First', 'Default', true, 90000000, true, true,
      true, now())`;
  upstream.sandbox.setBalance('500.00');
  await panel.owner.sql`
    update providers set balance = 50000000000, balance_at = ${panel.clock.now()}::timestamptz
    where id = ${upstream.providerId}`;
}

async function lookUntilGivenUp(upstream: Upstream): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    await upstream.reconcile();
    panel.clock.advance(30 * minuteMs);
  }
}

const losses: readonly ScriptedFault[] = [
  { kind: 'accept_then_500' },
  { kind: 'accept_then_reset' },
  { kind: 'accept_then_cut_json' },
  { kind: 'error_500' },
  { kind: 'html' },
];
for (const fault of losses) {
  test(`with request ids, ${fault.kind} is resolved by asking again: one order`, async () => {
    const upstream = await open({ requestIdField: 'request_id' });
    const { orderId, link } = await upstream.send(fault);
    assert.equal(await stateOf(orderId), 'unknown');
    await upstream.reconcile();
    assert.deepEqual([upstream.adds(link), await stateOf(orderId)], [1, 'following']);
    assert.equal((await deliveryOf(panel, orderId)).external_id, externalOf(upstream, link));
  });
}

test('with request ids, a refusal of the second request says nothing of the first', async () => {
  const upstream = await open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'accept_then_500' });
  const error = 'neworder.error.link_duplicate';
  upstream.sandbox.script({ kind: 'refuse', error, on: { action: 'add' } });
  await upstream.reconcile();
  assert.deepEqual([upstream.adds(link), await stateOf(orderId)], [1, 'unknown']);
});

test('with request ids, an order that staff ended is not asked for again', async () => {
  const upstream = await open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'error_500' });
  await settleOrder(panel.app, staff, { orderId, status: 'Canceled' });
  await upstream.reconcile();
  assert.equal(upstream.adds(link), 0);
});

test('with request ids, a worker killed before or after sending costs no order', async () => {
  const upstream = await open({ requestIdField: 'request_id' });
  for (const point of ['forward.after_intent', 'forward.after_send'] as const) {
    const { orderId, link } = await upstream.order();
    dieAt(point);
    await assert.rejects(upstream.forward(), /killed/);
    panel.clock.advance(minuteMs);
    await upstream.reconcile();
    assert.deepEqual([upstream.adds(link), await stateOf(orderId)], [1, 'following']);
  }
});

test('with request ids, an answer that is lost again and again is asked for again', async () => {
  const upstream = await open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'accept_then_reset', times: 3 });
  await upstream.reconcile();
  assert.equal(await stateOf(orderId), 'unknown');
  panel.clock.advance(minuteMs);
  await upstream.reconcile();
  panel.clock.advance(2 * minuteMs);
  await upstream.reconcile();
  assert.deepEqual([upstream.adds(link), await stateOf(orderId)], [1, 'following']);
});

test('with request ids, what is sent again by consent is a request of its own', async () => {
  const upstream = await open({ requestIdField: 'request_id' });
  const { orderId, link } = await upstream.send({ kind: 'accept_then_500' });
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'send_again' } });
  await upstream.forward();
  assert.deepEqual([upstream.adds(link), await stateOf(orderId)], [2, 'following']);
});

test('by ids, an order that arrived is found, and is the right one', async () => {
  const upstream = await openCalibrated();
  const lost = await upstream.send({ kind: 'accept_then_500' });
  await upstream.send();
  await upstream.reconcile();
  const delivery = await deliveryOf(panel, lost.orderId);
  const expected = ['following', externalOf(upstream, lost.link)];
  assert.deepEqual([delivery.state, delivery.external_id], expected);
  assert.equal(upstream.adds(lost.link), 1);
});

test('by ids, the newest order is found without one after it', async () => {
  const upstream = await openCalibrated();
  const lost = await upstream.send({ kind: 'accept_then_reset' });
  await upstream.reconcile();
  const { external_id: found } = await deliveryOf(panel, lost.orderId);
  assert.equal(found, externalOf(upstream, lost.link));
});

test('by ids, an order that did not arrive is found nowhere and waits for staff', async () => {
  const upstream = await openCalibrated();
  const lost = await upstream.send({ kind: 'error_500' });
  await upstream.send();
  await lookUntilGivenUp(upstream);
  assert.equal(await stateOf(lost.orderId), 'held');
  const { evidence } = await waitingFor(lost.orderId);
  assert.deepEqual(Object(evidence).probe?.candidates, []);
});

test('by ids, two unknown orders at once are left to staff, with what was seen', async () => {
  const upstream = await openCalibrated();
  const made = [];
  for (let count = 0; count < 2; count += 1) {
    made.push(await upstream.order({ kind: 'accept_then_500' }));
  }
  await upstream.forward();
  await lookUntilGivenUp(upstream);
  for (const { orderId, link } of made) {
    assert.deepEqual([await stateOf(orderId), upstream.adds(link)], ['held', 1]);
    const candidates: unknown = Object((await waitingFor(orderId)).evidence).probe?.candidates;
    assert.deepEqual(
      candidates,
      made.map((one) => externalOf(upstream, one.link)),
    );
  }
});

test('by ids, one of two candidates is nobody’s: a foreign order is never taken', async () => {
  const upstream = await openCalibrated();
  const lost = await upstream.send({ kind: 'accept_then_500' });
  await placeForeign(upstream);
  await upstream.send();
  await lookUntilGivenUp(upstream);
  assert.equal(await stateOf(lost.orderId), 'held');
  assert.equal(Object((await waitingFor(lost.orderId)).evidence).probe?.candidates.length, 2);
});

test('by ids, what the balance contradicts is left to staff', async () => {
  const upstream = await openCalibrated();
  await knowBalance(upstream);
  const lost = await upstream.send({ kind: 'error_500' });
  await placeForeign(upstream);
  upstream.sandbox.setBalance('500.00');
  await lookUntilGivenUp(upstream);
  assert.equal(await stateOf(lost.orderId), 'held');
  const { evidence } = await waitingFor(lost.orderId);
  assert.equal(Object(evidence).balance?.verdict, 'not_charged');
  assert.equal(Object(evidence).probe?.candidates.length, 1);
});

test('by ids, what the balance agrees with is taken', async () => {
  const upstream = await openCalibrated();
  await knowBalance(upstream);
  const lost = await upstream.send({ kind: 'accept_then_500' });
  await upstream.send();
  await upstream.reconcile();
  assert.equal(await stateOf(lost.orderId), 'following');
});

test('a provider that shows others’ orders, or gives ids in no order, is not probed', async () => {
  const showing = await open();
  for (let count = 0; count < 6; count += 1) {
    await showing.send();
    await placeForeign(showing);
  }
  const problem = await calibrateProvider(panel.app, staff, await showing.provider());
  assert.equal(problem, 'it shows orders that are not ours');
  assert.equal((await showing.provider()).idsIncrease, false);
  const lost = await showing.send({ kind: 'accept_then_500' });
  await lookUntilGivenUp(showing);
  assert.equal(await stateOf(lost.orderId), 'held');

  const mixed = await open();
  for (let count = 0; count < 6; count += 1) {
    const body = `{"order":${count % 2 === 0 ? 900 + count : 100 + count}}`;
    await mixed.send({ kind: 'accept_then_answer', body });
  }
  const other = await calibrateProvider(panel.app, staff, await mixed.provider());
  assert.equal(other, 'its order ids do not increase');
});

test('too few orders say nothing about a provider', async () => {
  const upstream = await open();
  await upstream.send();
  const calibrating = calibrateProvider(panel.app, staff, await upstream.provider());
  await assert.rejects(calibrating, /too few/);
});
