import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type CustomerId,
  dayMs,
  hourMs,
  minuteMs,
  type OrderId,
  parseRate,
  type ServiceId,
  secondMs,
} from '../src/base/index.ts';
import { requestCancels } from '../src/cancels/index.ts';
import { updateService } from '../src/catalog/index.ts';
import { listStuckOrders, readQueues, rollUpDue, type StuckCursor } from '../src/figures/index.ts';
import { settleOrder } from '../src/orders/index.ts';
import { requestRefills } from '../src/refills/index.ts';
import { openUpstream, place, type Upstream } from './delivery/upstream.ts';
import { makeCustomer, makeService, staff } from './factories.ts';
import { openTestPanel, type TestPanel } from './harness.ts';

let panel: TestPanel;
let upstream: Upstream;
let customerId: CustomerId;
let key: string;
before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  ({ customerId, key } = await makeCustomer(panel, { funds: '10000' }));
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

let links = 0;
function order(service: ServiceId, more: Record<string, string | number> = {}): Promise<OrderId> {
  links += 1;
  const link = `https://example.com/q/${links}`;
  return place(panel, { key, service, link, quantity: 100, ...more });
}

const queues = () => readQueues(panel.app.db, panel.clock.now());
const empty = {
  unknown: 0,
  margin: 0,
  delivery: 0,
  refills: 0,
  cancels: 0,
  prices: 0,
  payments: 0,
  stuck: 0,
};

async function stuckNow(limit = 50, after?: StuckCursor) {
  const page = { limit, ...(after === undefined ? {} : { after }) };
  return listStuckOrders(panel.app.db, panel.clock.now(), page);
}

test('each queue counts what waits in it, until staff have dealt with it', async () => {
  assert.deepEqual(await queues(), empty);
  const asCustomer = { kind: 'customer', customerId, keyId: null } as const;
  const manual = await makeService(panel, { cancel: true, refill: true });
  const sold = await upstream.sell();
  const { providerId } = upstream;

  const asked = await order(manual);
  await requestCancels(panel.app, asCustomer, [asked]);
  assert.deepEqual(await queues(), { ...empty, cancels: 1 });
  await settleOrder(panel.app, staff, { orderId: asked, status: 'Completed' });
  assert.deepEqual(await queues(), empty);

  panel.clock.advance(2 * dayMs);
  await requestRefills(panel.app, asCustomer, [asked]);
  assert.deepEqual(await queues(), { ...empty, refills: 1 });
  await panel.owner.sql`update refills set status = 'Rejected', delivery = 'done'`;

  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  const refused = await order(sold);
  await upstream.forward();
  assert.deepEqual(await queues(), { ...empty, delivery: 1 });
  await settleOrder(panel.app, staff, { orderId: refused, status: 'Canceled' });

  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  const lost = await order(sold);
  await upstream.forward();
  assert.deepEqual(await queues(), { ...empty, unknown: 1 });
  await settleOrder(panel.app, staff, { orderId: lost, status: 'Canceled' });

  await panel.owner.sql`insert into provider_services (provider_id, external_id, position, name,
      category, type, is_type_known, cost, min, max, refill, cancel, dripfeed, seen_at)
    values (${providerId}, '1', 1, 'Dear', 'First', 'Default', true, ${10n ** 12n}, 10, 10000,
      false, false, false, now())`;
  const costly = await order(sold);
  await upstream.forward();
  assert.deepEqual(await queues(), { ...empty, margin: 1 });
  await settleOrder(panel.app, staff, { orderId: costly, status: 'Canceled' });

  await panel.owner.sql`insert into service_changes (service_id, kind, before, after, state, actor,
      created_at) values (${sold}, 'rate', '{"rate": "5"}', '{"rate": "9"}', 'held', 'system:sync',
      now())`;
  assert.deepEqual(await queues(), { ...empty, prices: 1 });
  const changes = { rate: parseRate('6', 'rate') };
  await updateService(panel.app, staff, { serviceId: sold, changes });
  assert.deepEqual(await queues(), empty);
});

/** Completes so many orders of a service, each after so many seconds. */
async function history(service: ServiceId, count: number, seconds: number): Promise<void> {
  const orders: OrderId[] = [];
  for (let made = 0; made < count; made += 1) orders.push(await order(service));
  panel.clock.advance(seconds * secondMs);
  for (const orderId of orders) {
    await settleOrder(panel.app, staff, { orderId, status: 'Completed' });
  }
}

test('an order is stuck when it takes longer than 95 of 100 of its kind, not before', async () => {
  const slow = await makeService(panel, { name: 'slow' });
  const fast = await makeService(panel, { name: 'fast' });
  const rare = await makeService(panel, { name: 'rare' });
  // 4096 seconds are the end of a bucket, so what is read is exactly that.
  await history(slow, 20, 4_096);
  await history(fast, 20, 10);
  await history(rare, 19, 10);
  panel.clock.advance(10 * minuteMs);
  while ((await rollUpDue(panel.app)) > 0);

  const placedAt = panel.clock.now();
  const slowOne = await order(slow);
  const fastOne = await order(fast);
  const rareOne = await order(rare);
  const ids = async () => (await stuckNow()).orders.map(({ orderId }) => orderId);
  panel.clock.advance(15 * minuteMs);
  assert.deepEqual(await ids(), []);
  panel.clock.advance(1);
  assert.deepEqual(await ids(), [fastOne]);
  assert.equal((await queues()).stuck, 1);
  panel.clock.advance(4_096 * secondMs - 15 * minuteMs - 1);
  assert.deepEqual(await ids(), [fastOne]);
  panel.clock.advance(1);
  assert.deepEqual(await ids(), [slowOne, fastOne]);
  const [first] = (await stuckNow()).orders;
  assert.deepEqual(
    [first?.service, first?.createdAt, first?.stuckSince, first?.provider, first?.delivery],
    ['slow', placedAt, new Date(placedAt.getTime() + 4_096 * secondMs), null, null],
  );
  panel.clock.advance(3 * dayMs - 4_096 * secondMs - 1);
  assert.deepEqual(await ids(), [slowOne, fastOne]);
  panel.clock.advance(1);
  assert.deepEqual(await ids(), [slowOne, fastOne, rareOne]);
  for (const orderId of [slowOne, fastOne, rareOne]) {
    await settleOrder(panel.app, staff, { orderId, status: 'Canceled' });
  }
  assert.deepEqual(await ids(), []);
  assert.equal((await queues()).stuck, 0);
});

test('stuck orders are paged oldest first, with where they are delivered', async () => {
  const sold = await upstream.sell();
  const other = await makeService(panel);
  await panel.owner.sql`delete from provider_services`;
  const placed: OrderId[] = [];
  for (const service of [sold, other, sold, other, sold]) {
    placed.push(await order(service));
    panel.clock.advance(hourMs);
  }
  await upstream.forward();
  panel.clock.advance(4 * dayMs);
  const first = await stuckNow(2);
  assert(first.next !== null);
  const second = await stuckNow(2, first.next);
  assert(second.next !== null);
  const third = await stuckNow(2, second.next);
  const all = [first, second, third].flatMap(({ orders }) => orders);
  assert.deepEqual(
    all.map(({ orderId }) => orderId),
    placed,
  );
  assert.equal(third.next, null);
  const { name } = await upstream.provider();
  assert.deepEqual(
    all.map(({ provider, delivery }) => [provider, delivery]),
    [sold, other, sold, other, sold].map((one) =>
      one === sold ? [name, 'following'] : [null, null],
    ),
  );
  for (const orderId of placed) {
    await settleOrder(panel.app, staff, { orderId, status: 'Canceled' });
  }
});
