import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, parseAmount, parseRate } from '../../src/base/index.ts';
import {
  type CustomerChanges,
  setCustomerPrice,
  updateCustomer,
} from '../../src/customers/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addOrder, balanceOf, countOrders, link, refusal, settle } from './wire.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

type Customer = Awaited<ReturnType<typeof makeCustomer>>;

async function change({ customerId }: Customer, changes: CustomerChanges): Promise<void> {
  await updateCustomer(panel.app, staff, { customerId, changes });
}

async function shownRate(key: string, service: number): Promise<string> {
  const list = JSON.parse(await panel.callText({ key, action: 'services' })) as {
    service: number;
    rate: string;
  }[]; // golden.test.ts has the exact form
  return list.find((row) => row.service === service)?.rate ?? '';
}

test('the rate shown is the rate charged, at every layer of pricing', async () => {
  const customer = await makeCustomer(panel);
  const service = await makeService(panel, { rate: '1.00001' });
  const { key, customerId } = customer;
  const own = (text: string | null) =>
    setCustomerPrice(panel.app, staff, {
      customerId,
      serviceId: service,
      rate: text === null ? null : parseRate(text, 'rate'),
    });
  const layers: [() => Promise<void>, rate: string, charge: string][] = [
    [async () => {}, '1.00001', '1.00001'],
    [() => change(customer, { discountBasisPoints: 1 }), '0.99991', '0.99991'],
    [() => change(customer, { discountBasisPoints: 3_333 }), '0.66671', '0.66671'],
    [() => change(customer, { discountBasisPoints: 9_999 }), '0.00011', '0.00011'],
    [() => own('0.5'), '0.50', '0.50'],
    [() => change(customer, { discountBasisPoints: 0 }), '0.50', '0.50'],
    [() => own('2'), '2.00', '2.00'],
    [() => own('0'), '0.00', '0.00'],
    [() => own(null), '1.00001', '1.00001'],
  ];
  for (const [apply, rate, charge] of layers) {
    await apply();
    assert.equal(await shownRate(key, service), rate);
    const order = await addOrder(panel, { key, service, quantity: 1000 });
    const status = await panel.callText({ key, action: 'status', order: String(order) });
    assert(status.startsWith(`{"charge":"${charge}",`), `${status} at ${rate}`);
  }
});

test('an own price is its customer’s alone', async () => {
  const [one, other] = [await makeCustomer(panel), await makeCustomer(panel)];
  const service = await makeService(panel, { rate: '3' });
  const { customerId } = one;
  const rate = parseRate('0.265', 'rate');
  await setCustomerPrice(panel.app, staff, { customerId, serviceId: service, rate });
  assert.equal(await shownRate(one.key, service), '0.265');
  assert.equal(await shownRate(other.key, service), '3.00');
});

test('an order keeps its price when the price changes later', async () => {
  const customer = await makeCustomer(panel, { funds: '1' });
  const { key } = customer;
  const service = await makeService(panel, { rate: '1' });
  const order = await addOrder(panel, { key, service, quantity: 1000 });
  await change(customer, { discountBasisPoints: 5_000 });
  await settle(panel, order, { status: 'Partial', remains: 250n });
  assert.equal(await balanceOf(panel, key), '0.25');
});

test('a credit limit lets the balance fall to it and not below', async () => {
  const customer = await makeCustomer(panel, { funds: '0.05' });
  const { key } = customer;
  const service = await makeService(panel, { rate: '1', min: 1 });
  const order = (quantity: number) =>
    panel.callText({ key, action: 'add', service, link, quantity });
  assert.equal(await order(51), refusal('Not enough funds on balance'));
  await change(customer, { creditLimit: parseAmount('0.1', 'limit') });
  assert.equal(await order(151), refusal('Not enough funds on balance'));
  assert.match(await order(150), /^\{"order":/);
  assert.equal(await balanceOf(panel, key), '-0.10');
  assert.equal(await order(1), refusal('Not enough funds on balance'));
  await panel.verify();
});

test('the last cent can be spent, and no more', async () => {
  const { key } = await makeCustomer(panel, { funds: '0.00000003' });
  const service = await makeService(panel, { rate: '0.00001', min: 1 });
  const order = (quantity: number) =>
    panel.callText({ key, action: 'add', service, link, quantity });
  assert.equal(await order(4), refusal('Not enough funds on balance'));
  assert.match(await order(2), /^\{"order":/);
  assert.equal(await balanceOf(panel, key), '0.00000001');
  assert.match(await order(1), /^\{"order":/);
  assert.equal(await balanceOf(panel, key), '0.00');
});

test('suspending stops every action at the next call, and lifting it lets them pass', async () => {
  const customer = await makeCustomer(panel);
  const { key, customerId } = customer;
  const service = await makeService(panel);
  const add = { key, action: 'add', service, link, quantity: 100 };
  for (let round = 0; round < 10; round += 1) {
    assert.match(await panel.callText(add), /^\{"order":/);
    await change(customer, { status: 'suspended' });
    assert.equal(await panel.callText(add), refusal('Your account has been suspended.'));
    await change(customer, { status: 'active' });
  }
  assert.equal(await countOrders(panel, customerId), 10);
});

test('another customer’s orders and refills are as good as unknown', async () => {
  const [owner, stranger] = [await makeCustomer(panel), await makeCustomer(panel)];
  const service = await makeService(panel, { refill: true, cancel: true });
  const order = await addOrder(panel, { key: owner.key, service, quantity: 100 });
  const running = await addOrder(panel, { key: owner.key, service, quantity: 100 });
  await settle(panel, order, { status: 'Completed' });
  panel.clock.advance(2 * dayMs);
  const made = await panel.callText({ key: owner.key, action: 'refill', order: String(order) });
  const refill = /[0-9]+/.exec(made)?.[0] ?? '';
  const { key } = stranger;
  const unknown = refusal('Incorrect order ID');
  const id = String(order);
  const expected: [Record<string, string>, string][] = [
    [{ action: 'status', order: id }, unknown],
    [{ action: 'status', orders: `${id},` }, `{"${id}":${unknown}}`],
    [{ action: 'refill', order: id }, unknown],
    [{ action: 'refill_status', refill }, refusal('Refill not found')],
    [{ action: 'cancel', orders: String(running) }, `[{"order":${running},"cancel":${unknown}}]`],
  ];
  for (const [fields, text] of expected) {
    assert.equal(await panel.callText({ key, ...fields }), text);
  }
  const own = await panel.callText({ key: owner.key, action: 'refill_status', refill });
  assert.equal(own, '{"status":"Pending"}');
  const canceled = await panel.callText({
    key: owner.key,
    action: 'cancel',
    order: String(running),
  });
  assert.equal(canceled, `[{"order":${running},"cancel":1}]`);
  await panel.verify();
});
