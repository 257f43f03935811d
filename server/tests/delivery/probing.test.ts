import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OrderId } from '../../src/base/index.ts';
import { calibrateProvider, decideDelivery } from '../../src/fulfilment/index.ts';
import type { ScriptedFault } from '../../src/sandbox/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { externalOf, type LostOrders, openLostOrders, placeForeign } from './lost-orders.ts';
import { deliveryOf, place, type Upstream } from './upstream.ts';

let panel: TestPanel;
let lost: LostOrders;
before(async () => {
  panel = await openTestPanel();
  const { key } = await makeCustomer(panel, { funds: '10000' });
  lost = openLostOrders(panel, key);
});
after(async () => {
  await lost.close();
  await panel.verify();
  await panel.close();
});

test('by ids, an order that arrived is found, and is the right one', async () => {
  const upstream = await lost.openCalibrated();
  const missing = await upstream.send({ kind: 'accept_then_500' });
  await upstream.send();
  await upstream.reconcile();
  const delivery = await deliveryOf(panel, missing.orderId);
  const expected = ['following', externalOf(upstream, missing.link)];
  assert.deepEqual([delivery.state, delivery.external_id], expected);
  assert.equal(upstream.adds(missing.link), 1);
});

test('by ids, the newest order is found without one after it', async () => {
  const upstream = await lost.openCalibrated();
  const missing = await upstream.send({ kind: 'accept_then_reset' });
  await upstream.reconcile();
  const { external_id: found } = await deliveryOf(panel, missing.orderId);
  assert.equal(found, externalOf(upstream, missing.link));
});

test('by ids, an order that did not arrive is found nowhere and waits for staff', async () => {
  const upstream = await lost.openCalibrated();
  const missing = await upstream.send({ kind: 'error_500' });
  await upstream.send();
  await lost.lookUntilGivenUp(upstream);
  assert.equal(await lost.stateOf(missing.orderId), 'held');
  const { evidence } = await lost.waitingFor(missing.orderId);
  assert.deepEqual(Object(evidence).probe?.candidates, []);
});

test('by ids, two unknown orders at once are left to staff, with what was seen', async () => {
  const upstream = await lost.openCalibrated();
  const made = [];
  for (let count = 0; count < 2; count += 1) {
    made.push(await upstream.order({ kind: 'accept_then_500' }));
  }
  await upstream.forward();
  await lost.lookUntilGivenUp(upstream);
  for (const { orderId, link } of made) {
    assert.deepEqual([await lost.stateOf(orderId), upstream.adds(link)], ['held', 1]);
    const candidates: unknown = Object((await lost.waitingFor(orderId)).evidence).probe?.candidates;
    // They are sent beside one another, so either may be the first there.
    const theirs: string[] = made.map((one) => externalOf(upstream, one.link));
    const inOrder = theirs.sort((a, b) => Number(a) - Number(b));
    assert.deepEqual(candidates, inOrder);
  }
});

test('by ids, one of two candidates is nobody’s: a foreign order is never taken', async () => {
  const upstream = await lost.openCalibrated();
  const missing = await upstream.send({ kind: 'accept_then_500' });
  placeForeign(upstream);
  await upstream.send();
  await lost.lookUntilGivenUp(upstream);
  assert.equal(await lost.stateOf(missing.orderId), 'held');
  assert.equal(
    Object((await lost.waitingFor(missing.orderId)).evidence).probe?.candidates.length,
    2,
  );
});

test('by ids, what the balance contradicts is left to staff', async () => {
  const upstream = await lost.openCalibrated();
  await lost.knowBalance(upstream);
  const missing = await upstream.send({ kind: 'error_500' });
  placeForeign(upstream);
  upstream.sandbox.setBalance('500.00');
  await lost.lookUntilGivenUp(upstream);
  assert.equal(await lost.stateOf(missing.orderId), 'held');
  const { evidence } = await lost.waitingFor(missing.orderId);
  assert.equal(Object(evidence).balance?.verdict, 'not_charged');
  assert.equal(Object(evidence).probe?.candidates.length, 1);
});

/** Statuses say no charge from now on. */
const noCharge: ScriptedFault = { kind: 'rows_fields', fields: { charge: null }, times: 0 };

test('by ids, an order without a charge is taken where the balance fell by its cost', async () => {
  const upstream = await lost.openCalibrated();
  await lost.knowBalance(upstream);
  const missing = await upstream.send({ kind: 'accept_then_500' });
  await upstream.send();
  upstream.sandbox.script(noCharge);
  await upstream.reconcile();
  assert.equal(await lost.stateOf(missing.orderId), 'following');
});

/** Gives up on an order that one id there might be, and answers what staff see of it. */
async function evidenceOf(upstream: Upstream, orderId: OrderId) {
  await lost.lookUntilGivenUp(upstream);
  assert.equal(await lost.stateOf(orderId), 'held');
  const { probe, balance } = Object((await lost.waitingFor(orderId)).evidence);
  return { probe: Object(probe), balance: Object(balance) };
}

test('by ids, without a charge and with a balance that says nothing it is for staff', async () => {
  const upstream = await lost.openCalibrated();
  const missing = await upstream.send({ kind: 'accept_then_500' });
  upstream.sandbox.script(noCharge);
  const { probe, balance } = await evidenceOf(upstream, missing.orderId);
  assert.equal(balance.verdict, 'unclear');
  assert.deepEqual([probe.found, probe.charge], [externalOf(upstream, missing.link), 'unknown']);
});

test('by ids, an order whose own cost is not known is for staff', async () => {
  const upstream = await lost.openCalibrated();
  await panel.owner.sql`
    update provider_services set cost = null where provider_id = ${upstream.providerId}`;
  const missing = await upstream.send({ kind: 'accept_then_500' });
  const { probe } = await evidenceOf(upstream, missing.orderId);
  assert.deepEqual([probe.found, probe.charge], [externalOf(upstream, missing.link), 'unknown']);
});

test('by ids, an order that costs something else there is not taken', async () => {
  const upstream = await lost.openCalibrated();
  const missing = await upstream.send({ kind: 'error_500' });
  placeForeign(upstream, '3');
  await upstream.send();
  const { probe } = await evidenceOf(upstream, missing.orderId);
  assert.equal(probe.charge, 'other');
  assert.match(probe.problem, /^it costs 0\.0012/);
});

test('by ids, what an earlier unknown attempt may have left there is not taken', async () => {
  const upstream = await lost.openCalibrated();
  const first = await upstream.send({ kind: 'accept_then_500' });
  await decideDelivery(panel.app, staff, {
    orderId: first.orderId,
    decision: { kind: 'refund' },
  });
  const second = await upstream.send({ kind: 'error_500' });
  const { probe } = await evidenceOf(upstream, second.orderId);
  assert.deepEqual(probe.candidates, [externalOf(upstream, first.link)]);
  assert.equal(probe.found, null);
});

test('by ids, a balance says nothing while another order’s end is unknown', async () => {
  const upstream = await lost.openCalibrated();
  await lost.knowBalance(upstream);
  const made = [];
  for (const kind of ['accept_then_500', 'error_500'] as const) {
    made.push(await upstream.send({ kind }));
  }
  for (const { orderId } of made) {
    assert.equal((await evidenceOf(upstream, orderId)).balance.verdict, 'unclear');
  }
});

const quarterMs = 15 * 60_000;

/** A drip-feed that the provider runs is under way, and its second run falls due. */
async function runDripFeed(upstream: Upstream, key: string): Promise<void> {
  const service = await upstream.sell({ dripfeed: true, isDelegated: true });
  const link = `https://example.com/drip/${upstream.providerId}`;
  await place(panel, { key, service, link, quantity: 100, runs: 3, interval: 10 });
  await upstream.forward();
  panel.clock.advance(1_000);
}

test('by ids, a run of a drip-feed there is no lost order', async () => {
  const { key } = await makeCustomer(panel);
  const upstream = await lost.openCalibrated();
  await runDripFeed(upstream, key);
  await upstream.send();
  panel.clock.advance(quarterMs);
  const missing = await upstream.send({ kind: 'error_500' });
  await upstream.send();
  const { probe } = await evidenceOf(upstream, missing.orderId);
  assert.deepEqual([probe.found, probe.candidates, probe.problem], [null, [], '']);
});

test('by ids, nothing is certain beside a drip-feed that does not name its runs', async () => {
  const { key } = await makeCustomer(panel);
  const upstream = await lost.openCalibrated();
  await runDripFeed(upstream, key);
  const missing = await upstream.send({ kind: 'accept_then_500' });
  upstream.sandbox.script({ kind: 'rows_fields', fields: { orders: null }, times: 0 });
  const { probe } = await evidenceOf(upstream, missing.orderId);
  assert.match(probe.problem, /does not name its orders/);
});

test('by ids, an order is found beside the runs of a drip-feed there', async () => {
  const { key } = await makeCustomer(panel);
  const upstream = await lost.openCalibrated();
  await runDripFeed(upstream, key);
  await upstream.send();
  panel.clock.advance(quarterMs);
  const missing = await upstream.send({ kind: 'accept_then_500' });
  await upstream.send();
  await upstream.reconcile();
  const { state, external_id } = await deliveryOf(panel, missing.orderId);
  assert.deepEqual([state, external_id], ['following', externalOf(upstream, missing.link)]);
  assert.equal(await calibrateProvider(panel.app, staff, await upstream.provider()), '');
});

test('a provider that shows others’ orders, or gives ids in no order, is not probed', async () => {
  const showing = await lost.open();
  for (let count = 0; count < 6; count += 1) {
    await showing.send();
    placeForeign(showing);
  }
  const problem = await calibrateProvider(panel.app, staff, await showing.provider());
  assert.equal(problem, 'it shows orders that are not ours');
  assert.equal((await showing.provider()).idsIncrease, false);
  const missing = await showing.send({ kind: 'accept_then_500' });
  await lost.lookUntilGivenUp(showing);
  assert.equal(await lost.stateOf(missing.orderId), 'held');

  const mixed = await lost.open();
  for (let count = 0; count < 6; count += 1) {
    const body = `{"order":${count % 2 === 0 ? 900 + count : 100 + count}}`;
    await mixed.send({ kind: 'accept_then_answer', body });
  }
  const other = await calibrateProvider(panel.app, staff, await mixed.provider());
  assert.equal(other, 'its order ids do not increase');
});

test('orders that were sent at the same time say nothing about a provider', async () => {
  const upstream = await lost.open();
  for (let count = 0; count < 6; count += 1) await upstream.order();
  await upstream.forward();
  const calibrating = calibrateProvider(panel.app, staff, await upstream.provider());
  await assert.rejects(calibrating, /0 orders accepted in turn are too few/);
});

test('too few orders say nothing about a provider', async () => {
  const upstream = await lost.open();
  await upstream.send();
  const calibrating = calibrateProvider(panel.app, staff, await upstream.provider());
  await assert.rejects(calibrating, /too few/);
});
