import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeCustomer, makeService, staff } from '../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../tests/harness.ts';
import type { CustomerId, OrderId } from '../base/index.ts';
import { createOrderReader, type OrderView, settleOrder } from './index.ts';

const asIs = (order: OrderView) => order;

let panel: TestPanel;
let customerId: CustomerId;
let key: string;
let first: OrderId;
let second: OrderId;

before(async () => {
  panel = await openTestPanel();
  ({ customerId, key } = await makeCustomer(panel));
  const service = await makeService(panel, { dripfeed: true });
  const order = { key, action: 'add', service, link: 'https://example.com/a', quantity: 100 };
  first = await place(order);
  second = await place(order);
});
after(() => panel.close());

async function place(order: Record<string, string | number>): Promise<OrderId> {
  const reply: unknown = await panel.call(order);
  return BigInt(String(Reflect.get(Object(reply), 'order'))) as OrderId;
}

test('an order that has not changed is read from memory, as the same object', async () => {
  const reader = createOrderReader(panel.app.db, asIs);
  const [before] = await reader.submit({ customerId, orderIds: [Number(first)] });
  const [again, other] = await reader.submit({
    customerId,
    orderIds: [Number(first), Number(second)],
  });
  const [last] = await reader.submit({ customerId, orderIds: [Number(first)] });
  assert.equal(before?.status, 'Pending');
  assert.equal(other?.status, 'Pending');
  assert.equal(last, again);
});

test('the read after a settlement sees it, whichever process settled', async () => {
  // A reader of its own is what another process has.
  const reader = createOrderReader(panel.app.db, asIs);
  const read = async () =>
    (await reader.submit({ customerId, orderIds: [Number(first), Number(second)] }))[0];
  for (const remains of [90n, 80n, 70n, 60n]) {
    await settleOrder(panel.app, staff, { orderId: first, status: 'In progress', remains });
    assert.equal((await read())?.remains, remains);
    assert.equal((await read())?.remains, remains);
  }
  await settleOrder(panel.app, staff, { orderId: first, status: 'Canceled' });
  assert.equal((await read())?.charge, 0n);
});

test('memory holds nothing of another customer, and no parent', async () => {
  const reader = createOrderReader(panel.app.db, asIs);
  await reader.submit({ customerId, orderIds: [Number(first)] });
  const stranger = await makeCustomer(panel);
  const strange = { customerId: stranger.customerId, orderIds: [Number(first)] };
  assert.deepEqual(await reader.submit(strange), [undefined]);
  const service = await makeService(panel, { dripfeed: true });
  const drip = { service, link: 'https://example.com/b', quantity: 100, runs: 2, interval: 5 };
  const parent = await place({ key, action: 'add', ...drip });
  const [before] = await reader.submit({ customerId, orderIds: [Number(parent)] });
  const [again] = await reader.submit({ customerId, orderIds: [Number(parent)] });
  assert.notEqual(before, again);
  assert.deepEqual(before, again);
});

test('reads beside settlements never go back in time', async () => {
  const reader = createOrderReader(panel.app.db, asIs);
  let seen = 101n;
  const watch = async () => {
    const [order] = await reader.submit({ customerId, orderIds: [Number(second)] });
    assert(order && order.remains <= seen, `${order?.remains} after ${seen}`);
    seen = order.remains;
  };
  for (let remains = 100n; remains > 80n; remains -= 1n) {
    const settled = settleOrder(panel.app, staff, {
      orderId: second,
      status: 'In progress',
      remains,
    });
    await watch();
    await settled;
    await watch();
    assert.equal(seen, remains);
  }
});
