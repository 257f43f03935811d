import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs, type OrderId, type ServiceId } from '../../src/base/index.ts';
import {
  decideDelivery,
  expireLeases,
  forwardDue,
  listWaiting,
  readDeliverySteps,
} from '../../src/fulfilment/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addsIn, deliveryOf, openUpstream, place, statusOf, type Upstream } from './upstream.ts';
import { dieAt, openSecondWorker, pauseAt, type SecondWorker } from './workers.ts';

let panel: TestPanel;
let upstream: Upstream;
let other: SecondWorker;
let service: ServiceId;
let customer: Awaited<ReturnType<typeof makeCustomer>>;
let links = 0;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  other = await openSecondWorker(panel);
  service = await upstream.sell();
  customer = await makeCustomer(panel, { funds: '10000' });
});
after(async () => {
  await upstream.close();
  await other.close();
  await panel.verify();
  await panel.close();
});

/** Past the time-out of an add and what a lease has beyond it. */
const pastLeaseMs = minuteMs;

async function order(sold = service, quantity = 100) {
  links += 1;
  const link = `https://example.com/ff/${links}`;
  const fields = { key: customer.key, service: sold, link, quantity };
  return { orderId: await place(panel, fields), link };
}

const addsFor = (link: string) => addsIn(upstream, link);
const stateOf = async (orderId: OrderId) => (await deliveryOf(panel, orderId)).state;

/** The second worker's round: it sends what is due, and sees to what nobody answered for. */
async function otherRound(): Promise<void> {
  await expireLeases(other.app);
  await forwardDue(other.ctx, await upstream.provider(), { limit: 100, brake: { isSet: false } });
}

async function eventsOf(orderId: OrderId): Promise<string[]> {
  const { customerId } = customer;
  const steps = await readDeliverySteps(panel.app.db, { customerId, orderId });
  return steps.map((step) => step.kind);
}

test('a worker killed before it sends leaves an unknown order, sent by consent alone', async () => {
  const { orderId, link } = await order();
  dieAt('forward.after_intent');
  await assert.rejects(upstream.forward(), /killed/);
  await otherRound();
  assert.equal(await stateOf(orderId), 'sending', 'its lease is not over');
  panel.clock.advance(pastLeaseMs);
  await otherRound();
  assert.equal(await stateOf(orderId), 'unknown');
  for (let round = 0; round < 6; round += 1) {
    panel.clock.advance(30 * minuteMs);
    await upstream.reconcile();
    await otherRound();
  }
  assert.equal(addsFor(link), 0);
  assert.equal((await statusOf(panel, customer.key, orderId)).charge, '0.50');
  const waiting = (await listWaiting(panel.app.db, 100)).find((row) => row.orderId === orderId);
  assert.deepEqual([waiting?.reason, waiting?.attemptReason], ['unknown', 'no_answer']);
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'send_again' } });
  await otherRound();
  assert.equal(addsFor(link), 1);
});

test('a worker killed before it writes the answer leaves an unknown order, sent once', async () => {
  const { orderId, link } = await order();
  dieAt('forward.after_send');
  await assert.rejects(upstream.forward(), /killed/);
  panel.clock.advance(pastLeaseMs);
  for (let round = 0; round < 6; round += 1) {
    await otherRound();
    await upstream.reconcile();
    panel.clock.advance(30 * minuteMs);
  }
  assert.deepEqual([addsFor(link), await stateOf(orderId)], [1, 'held']);
  assert.equal((await statusOf(panel, customer.key, orderId)).status, 'Pending');
});

test('an unknown order is resolved by its late answer', async () => {
  const { orderId, link } = await order();
  const worker = pauseAt('forward.after_send');
  const sending = upstream.forward();
  await worker.reached;
  panel.clock.advance(pastLeaseMs);
  await otherRound();
  assert.equal(await stateOf(orderId), 'unknown');
  panel.clock.advance(minuteMs);
  worker.release();
  await sending;
  assert.deepEqual([addsFor(link), await stateOf(orderId)], [1, 'following']);
  assert.deepEqual(await eventsOf(orderId), ['sent', 'unknown', 'accepted', 'resolved']);
});

test('an answer that comes after staff refunded changes nothing', async () => {
  const { orderId, link } = await order();
  const worker = pauseAt('forward.after_send');
  const sending = upstream.forward();
  await worker.reached;
  panel.clock.advance(pastLeaseMs);
  await otherRound();
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'refund' } });
  worker.release();
  await sending;
  assert.deepEqual([addsFor(link), await stateOf(orderId)], [1, 'done']);
  assert((await eventsOf(orderId)).includes('late_answer'), 'staff can see that it arrived');
  const status = await statusOf(panel, customer.key, orderId);
  assert.deepEqual([status.status, status.charge], ['Canceled', '0.00']);
});

test('an answer that comes after staff sent the order again is nobody’s', async () => {
  const { orderId, link } = await order();
  const worker = pauseAt('forward.after_send');
  const sending = upstream.forward();
  await worker.reached;
  panel.clock.advance(pastLeaseMs);
  await otherRound();
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'send_again' } });
  await otherRound();
  const { external_id: followed } = await deliveryOf(panel, orderId);
  worker.release();
  await sending;
  const delivery = await deliveryOf(panel, orderId);
  assert.deepEqual([delivery.state, delivery.external_id], ['following', followed]);
  assert.equal(addsFor(link), 2, 'one of them by consent');
  assert((await eventsOf(orderId)).includes('late_answer'));
});

test('a worker held up past its lease sends nothing late; the order goes once', async () => {
  const { orderId, link } = await order();
  const worker = pauseAt('forward.after_intent');
  const sending = upstream.forward();
  await worker.reached;
  panel.clock.advance(pastLeaseMs);
  await otherRound();
  assert.equal(await stateOf(orderId), 'unknown');
  worker.release();
  await sending;
  assert.deepEqual([addsFor(link), await stateOf(orderId)], [0, 'due'], 'it says that it did not');
  await otherRound();
  assert.deepEqual([addsFor(link), await stateOf(orderId)], [1, 'following']);
});

test('a worker held up past its lease sends nothing after staff sent the order again', async () => {
  const { orderId, link } = await order();
  const worker = pauseAt('forward.after_intent');
  const sending = upstream.forward();
  await worker.reached;
  panel.clock.advance(pastLeaseMs);
  await otherRound();
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'send_again' } });
  await otherRound();
  worker.release();
  await sending;
  assert.deepEqual([addsFor(link), await stateOf(orderId)], [1, 'following']);
});

test('a stop between intent and send gives the order back at once', async () => {
  const { orderId, link } = await order();
  const worker = pauseAt('forward.after_intent');
  const brake = { isSet: false };
  const sending = forwardDue(upstream.ctx, await upstream.provider(), { limit: 1, brake });
  await worker.reached;
  brake.isSet = true;
  worker.release();
  await sending;
  assert.deepEqual([addsFor(link), await stateOf(orderId)], [0, 'due']);
  await otherRound();
  assert.equal(addsFor(link), 1);
});

test('many workers that claim at once send each order once', async () => {
  const made = [];
  for (let count = 0; count < 40; count += 1) made.push(await order());
  const provider = await upstream.provider();
  const options = { limit: 7, brake: { isSet: false } };
  const contexts = [upstream.ctx, other.ctx, upstream.ctx, other.ctx];
  const drain = async (ctx: typeof other.ctx) => {
    while ((await forwardDue(ctx, provider, options)) > 0);
  };
  await Promise.all(contexts.map(drain));
  // What one worker had locked in passing is left to the next round.
  await drain(other.ctx);
  for (const { orderId, link } of made) {
    assert.deepEqual([addsFor(link), await stateOf(orderId)], [1, 'following']);
  }
});

/** Says what the provider's plain service costs there, per 1000 in 10⁻⁸. */
async function setCost(cost: bigint): Promise<void> {
  await panel.owner.sql`
    insert into provider_services (provider_id, external_id, position, name, category, type,
      is_type_known, cost, refill, cancel, dripfeed, seen_at)
    values (${upstream.providerId}, '1', 1, 'Plain', 'First', 'Default', true, ${cost}, true, true,
      true, now())
    on conflict (provider_id, external_id) do update set cost = excluded.cost`;
}

test('an order that would be delivered at a loss is held, and sent if staff say so', async () => {
  await setCost(500_000_001n);
  const { orderId, link } = await order();
  await upstream.forward();
  const delivery = await deliveryOf(panel, orderId);
  assert.deepEqual([delivery.state, delivery.reason, addsFor(link)], ['held', 'margin', 0]);
  assert.equal(await upstream.forward(), 0);
  await decideDelivery(panel.app, staff, { orderId, decision: { kind: 'send_again' } });
  await upstream.forward();
  assert.deepEqual([addsFor(link), await stateOf(orderId)], [1, 'following']);
  await setCost(500_000_000n);
  const even = await order();
  await upstream.forward();
  assert.equal(addsFor(even.link), 1, 'what costs as much as it is sold for is no loss');
});

test('a route that does not guard its margin is sent at a loss', async () => {
  await setCost(900_000_000n);
  const sold = await upstream.sell({ guardsMargin: false });
  const { link } = await order(sold);
  await upstream.forward();
  assert.equal(addsFor(link), 1);
});

test('an order whose cost is beyond all bounds holds back no other', async () => {
  await setCost(9_000_000_000_000_000_000n);
  const sold = await upstream.sell({ guardsMargin: false, max: 10_000 });
  const absurd = await order(sold, 5_000);
  await upstream.forward();
  assert.equal(addsFor(absurd.link), 1);
  const found = await panel.owner.sql`
    select cost from attempts where order_id = ${absurd.orderId}`;
  assert.deepEqual(
    found.map(({ cost }) => cost),
    [null],
  );
});
