import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hourMs, type OrderId, parseAmount, type ServiceId } from '../../src/base/index.ts';
import { decideDelivery, pollDue } from '../../src/fulfilment/index.ts';
import { settleOrder, settleOrders } from '../../src/orders/index.ts';
import { type Plan, sandboxServices } from '../../src/sandbox/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, refuseWrites, type TestPanel } from '../harness.ts';
import { untilBlocked } from './processes.ts';
import { deliveryOf, openUpstream, place, statusOf, type Upstream } from './upstream.ts';
import { dieAt, openSecondWorker, pauseAt, type SecondWorker } from './workers.ts';

let panel: TestPanel;
let upstream: Upstream;
let other: SecondWorker;
let service: ServiceId;
let key: string;
let links = 0;
before(async () => {
  panel = await openTestPanel();
  const services = sandboxServices.map((one) => ({ ...one, min: 1 }));
  upstream = await openUpstream(panel, { services });
  other = await openSecondWorker(panel);
  service = await upstream.sell({ rate: '1.23457', min: 1 });
  ({ key } = await makeCustomer(panel, { funds: '10000' }));
});
after(async () => {
  await upstream.close();
  await other.close();
  await panel.verify();
  await panel.close();
});

/** Of one piece at 1.23457 per 1000, in 10⁻⁸. */
const unit = 123_457n;

type Followed = { orderId: OrderId; external: number; quantity: number };

async function running(quantity: number): Promise<Followed> {
  links += 1;
  const link = `https://example.com/fm/${links}`;
  upstream.sandbox.plan({ link }, { end: 'In progress' });
  const orderId = await place(panel, { key, service, link, quantity });
  await upstream.forward();
  const external = Number((await deliveryOf(panel, orderId)).external_id);
  return { orderId, external, quantity };
}

const plan = ({ external }: Followed, next: Plan) =>
  upstream.sandbox.plan({ order: external }, next);

async function look(): Promise<void> {
  panel.clock.advance(2 * hourMs);
  await upstream.poll();
}

async function otherLook(): Promise<void> {
  await pollDue(other.ctx, await upstream.provider(), 20);
}

/** What stands in the books and events about an order. Amounts in 10⁻⁸. */
async function moneyOf(orderId: OrderId) {
  const order = await panel.app.db
    .selectFrom('orders')
    .select(['status', 'charge', 'refunded', 'remains'])
    .where('id', '=', orderId)
    .executeTakeFirstOrThrow();
  const refunds = await panel.app.db
    .selectFrom('transfers')
    .select('amount')
    .where('order_id', '=', orderId)
    .where('credit', '=', 'wallet')
    .execute();
  return { ...order, refunds: refunds.map((row) => row.amount) };
}

test('statuses that go back and forth move no money; the end refunds once, exactly', async () => {
  const order = await running(1_000);
  const words = ['Pending', 'In progress', 'Processing', 'Pending', 'In progress', 'Processing'];
  const remains = [1_000, 10, 700, 0, 999, 1];
  for (const [at, status] of words.entries()) {
    const fields = { status, remains: String(remains[at]) };
    upstream.sandbox.script({ kind: 'rows_fields', fields, on: { action: 'status' } });
    await look();
    const shown = await statusOf(panel, key, order.orderId);
    assert.deepEqual([shown.status, shown.remains], [status, String(remains[at])]);
  }
  assert.deepEqual((await moneyOf(order.orderId)).refunds, []);
  plan(order, { end: 'Partial', remains: 333 });
  for (let round = 0; round < 3; round += 1) await look();
  assert.deepEqual((await moneyOf(order.orderId)).refunds, [333n * unit]);
});

test('partial refunds are exact to the last digit for every quantity', async () => {
  const made = [];
  for (const [quantity, remains] of [
    [1, 1],
    [3, 1],
    [7, 3],
    [97, 13],
    [101, 100],
    [999, 333],
    [7_919, 4_001],
    [10_000, 9_999],
    [11, 0],
  ] as const) {
    const order = await running(quantity);
    plan(order, { end: 'Partial', remains });
    made.push({ ...order, remains: BigInt(remains) });
  }
  await look();
  for (const { orderId, quantity, remains } of made) {
    const money = await moneyOf(orderId);
    assert.deepEqual(money.refunds, remains === 0n ? [] : [remains * unit]);
    const { status, charge } = await statusOf(panel, key, orderId);
    assert.equal(status, 'Partial');
    const kept = (BigInt(quantity) - remains) * unit;
    assert.equal(parseAmount(String(charge), 'charge'), kept);
  }
});

test('what a provider reports after staff ended an order moves no money', async () => {
  for (const end of [{ end: 'Canceled' }, { end: 'Partial', remains: 50 }] as const) {
    const order = await running(100);
    plan(order, end);
    panel.clock.advance(2 * hourMs);
    const worker = pauseAt('poll.after_reply');
    const polling = upstream.poll();
    await worker.reached;
    await settleOrder(panel.app, staff, { orderId: order.orderId, status: 'Completed' });
    worker.release();
    await polling;
    const money = await moneyOf(order.orderId);
    assert.deepEqual([money.status, money.refunds], ['Completed', []]);
    assert.equal((await deliveryOf(panel, order.orderId)).state, 'done');
  }
});

test('an order that staff ended is not asked about any more', async () => {
  const order = await running(100);
  await settleOrder(panel.app, staff, { orderId: order.orderId, status: 'Completed' });
  plan(order, { end: 'Canceled' });
  await look();
  const asked = upstream.sandbox.calls().length;
  await look();
  await look();
  assert.equal(upstream.sandbox.calls().length, asked);
  assert.deepEqual((await moneyOf(order.orderId)).refunds, []);
});

test('a worker killed between a report and its refund costs a round, not the refund', async () => {
  const order = await running(100);
  plan(order, { end: 'Canceled' });
  panel.clock.advance(2 * hourMs);
  dieAt('poll.after_reply');
  await assert.rejects(upstream.poll(), /killed/);
  assert.deepEqual((await moneyOf(order.orderId)).refunds, []);
  panel.clock.advance(2 * hourMs);
  await otherLook();
  assert.deepEqual((await moneyOf(order.orderId)).refunds, [100n * unit]);
});

test('an old report written late neither reopens an order nor takes money back', async () => {
  const order = await running(100);
  upstream.sandbox.script({ kind: 'rows_regress', on: { action: 'status' } });
  panel.clock.advance(2 * hourMs);
  const worker = pauseAt('poll.after_reply');
  const polling = upstream.poll();
  await worker.reached;
  plan(order, { end: 'Partial', remains: 40 });
  panel.clock.advance(2 * hourMs);
  await otherLook();
  worker.release();
  await polling;
  const money = await moneyOf(order.orderId);
  assert.deepEqual([money.status, money.refunds], ['Partial', [40n * unit]]);
  assert.equal((await deliveryOf(panel, order.orderId)).state, 'done');
});

/** Two workers that have read the same report of these orders and not written it. */
async function twoHeldReports(): Promise<{ release: () => Promise<unknown> }> {
  panel.clock.advance(2 * hourMs);
  const first = pauseAt('poll.after_reply');
  const polling = upstream.poll();
  await first.reached;
  panel.clock.advance(2 * hourMs);
  const second = pauseAt('poll.after_reply');
  const otherPolling = otherLook();
  await second.reached;
  return {
    release: () => {
      first.release();
      second.release();
      return Promise.all([polling, otherPolling]);
    },
  };
}

test('four parties that settle orders at once have one effect on each', async () => {
  const made: Followed[] = [];
  for (let count = 0; count < 12; count += 1) made.push(await running(100 + count));
  for (const order of made) plan(order, { end: 'Partial', remains: 60 });
  const reports = await twoHeldReports();
  const canceller = { kind: 'system', name: 'canceller' } as const;
  const settle = async (order: Followed) => {
    const report = { orderId: order.orderId, status: 'Partial' as const, remains: 60n };
    const byStaff = settleOrder(panel.app, staff, report);
    await Promise.all([byStaff, settleOrders(other.app, canceller, [report])]);
  };
  await Promise.all([reports.release(), ...made.map(settle)]);
  for (const { orderId } of made) {
    const money = await moneyOf(orderId);
    assert.deepEqual([money.status, money.remains], ['Partial', 60n]);
    assert.deepEqual(money.refunds, [60n * unit]);
  }
  await look();
  for (const { orderId } of made) assert.equal((await deliveryOf(panel, orderId)).state, 'done');
  await panel.verify();
});

test('four parties that disagree leave one end, and the money of that end', async () => {
  const made: Followed[] = [];
  for (let count = 0; count < 12; count += 1) made.push(await running(100 + count));
  for (const order of made) plan(order, { end: 'Partial', remains: 60 });
  const reports = await twoHeldReports();
  const canceller = { kind: 'system', name: 'canceller' } as const;
  const settle = async ({ orderId }: Followed) => {
    const cancel = settleOrders(other.app, canceller, [{ orderId, status: 'Canceled' }]);
    const completion = settleOrders(panel.app, canceller, [{ orderId, status: 'Completed' }]);
    await Promise.all([cancel, completion]);
  };
  await Promise.all([reports.release(), ...made.map(settle)]);
  for (const { orderId, quantity } of made) {
    const money = await moneyOf(orderId);
    const expected = { Partial: 60n, Canceled: BigInt(quantity), Completed: 0n };
    const undelivered = Object.entries(expected).find(([end]) => end === money.status)?.[1];
    const refunded = money.refunds.reduce((sum, amount) => sum + amount, 0n);
    assert.equal(refunded, (undelivered ?? -1n) * unit);
    assert(money.refunds.length <= 1, 'only one of them moved money');
  }
  await panel.verify();
});

test('two of staff who decide one unknown order at once: one is told it is decided', async () => {
  links += 1;
  const link = `https://example.com/fm/${links}`;
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add', link } });
  const orderId = await place(panel, { key, service, link, quantity: 100 });
  await upstream.forward();
  const results = await Promise.allSettled([
    decideDelivery(panel.app, staff, { orderId, decision: { kind: 'refund' } }),
    decideDelivery(other.app, staff, { orderId, decision: { kind: 'send_again' } }),
    decideDelivery(panel.app, staff, { orderId, decision: { kind: 'refund' } }),
    decideDelivery(other.app, staff, { orderId, decision: { kind: 'send_again' } }),
  ]);
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
  await panel.verify();
});

test('a change that the database refuses holds no other, and is tried again', async (t) => {
  const [bad, good] = [await running(100), await running(200)];
  for (const order of [bad, good]) plan(order, { end: 'Partial', remains: 50 });
  const mend = await refuseWrites(panel, t, {
    what: 'change',
    write: 'update on orders',
    when: `new.id = ${bad.orderId}`,
  });
  await assert.rejects(look(), /this change can not be stored/);
  assert.deepEqual((await moneyOf(good.orderId)).refunds, [50n * unit]);
  assert.deepEqual((await moneyOf(bad.orderId)).refunds, []);
  await mend();
  await look();
  assert.deepEqual((await moneyOf(bad.orderId)).refunds, [50n * unit]);
});

test('a settlement writes all else before it locks the wallets that orders wait for', async () => {
  const order = await running(100);
  plan(order, { end: 'Partial', remains: 50 });
  const { customer_id: customerId } = await deliveryOf(panel, order.orderId);
  let looking: Promise<void> = Promise.resolve();
  await panel.owner.sql.begin(async (session) => {
    await session.unsafe(`select from wallets where customer_id = ${customerId} for update`);
    looking = look();
    await untilBlocked(panel);
    const free = await session.unsafe(`select order_id from deliveries
      where customer_id = ${customerId} and order_id = ${order.orderId} for update skip locked`);
    const freeVersions = await session.unsafe(`select from order_versions
      where customer_id = ${customerId} for update skip locked`);
    assert.deepEqual([free.length, freeVersions.length], [0, 0]);
  });
  await looking;
  assert.deepEqual((await moneyOf(order.orderId)).refunds, [50n * unit]);
});

test('of two answers about an order that are settled together the last counts', async () => {
  const { orderId } = await running(100);
  const delivery = await deliveryOf(panel, orderId);
  const due = {
    ...{ customerId: delivery.customer_id, orderId, providerId: upstream.providerId },
    ...{ externalId: delivery.external_id ?? '', seen: null, reason: '', kind: 'single' as const },
    ...{ quantity: 100n, isDelegated: false, acceptedAt: panel.clock.now(), pollSeconds: 5 },
  };
  const said = (status: 'Canceled' | 'In progress', remains: number) =>
    upstream.ctx.settler.submit({
      ...{ due, key: status, remains },
      reading: { kind: 'report', report: { status, remains: BigInt(remains) } },
    });
  await Promise.all([said('Canceled', 100), said('In progress', 40)]);
  const { status, remains, refunds } = await moneyOf(orderId);
  assert.deepEqual([status, remains, refunds], ['In progress', 40n, []]);
  assert.equal((await deliveryOf(panel, orderId)).seen, 'In progress');
});
