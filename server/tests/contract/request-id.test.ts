import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OrderId, parseAmount, parseRate } from '../../src/base/index.ts';
import { updateService } from '../../src/catalog/index.ts';
import { addFunds } from '../../src/payments/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { balanceOf, countOrders, form, link, refusal, send, settle } from './wire.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

const reused = refusal('request_id was used with other parameters');
type Fields = Record<string, string | number>;

/** A customer with 1.00, and an order of 0.09 that carries a request_id. */
async function makeRequest() {
  const { key, customerId } = await makeCustomer(panel, { funds: '1' });
  const service = await makeService(panel);
  const order = { key, action: 'add', service, link, quantity: 100, request_id: 'r-1' };
  return { customerId, order };
}

test('the same request_id answers the same bytes and charges once', async () => {
  const { order } = await makeRequest();
  const first = await panel.callText(order);
  assert.match(first, /^\{"order":[0-9]+\}$/);
  for (let again = 0; again < 3; again += 1) assert.equal(await panel.callText(order), first);
  assert.equal(await balanceOf(panel, order.key), '0.91');
});

test('two hundred copies at once are one order', async () => {
  const { order, customerId } = await makeRequest();
  const copies = Array.from({ length: 200 }, () => panel.callText(order));
  assert.equal(new Set(await Promise.all(copies)).size, 1);
  assert.equal(await countOrders(panel, customerId), 1);
  assert.equal(await balanceOf(panel, order.key), '0.91');
});

test('other parameters under a used request_id are refused, and change nothing', async () => {
  const { order, customerId } = await makeRequest();
  const first = await panel.callText(order);
  const other = await makeService(panel);
  const changes: Fields[] = [
    { quantity: 101 },
    { link: `${link}?` },
    { service: other },
    { service: 999_999 },
    { comments: 'a' },
    { runs: 2, interval: 5 },
    { quantity: 'x' },
    { link: '' },
  ];
  for (const change of changes) {
    assert.equal(await panel.callText({ ...order, ...change }), reused, JSON.stringify(change));
  }
  assert.equal(await panel.callText(order), first);
  assert.equal(await countOrders(panel, customerId), 1);
});

test('fields that belong to no order, and absent values, change nothing in a replay', async () => {
  const { order } = await makeRequest();
  const first = await panel.callText(order);
  const same: Fields[] = [{ foo: 'x' }, { runs: 0, interval: '' }, { comments: 'null' }];
  for (const extra of same) assert.equal(await panel.callText({ ...order, ...extra }), first);
  const spaced = { ...order, quantity: ' 100 ', link: ` ${link}\n`, request_id: ' r-1 ' };
  assert.equal(await panel.callText(spaced), first);
  const body = JSON.stringify(order);
  const headers = { 'Content-Type': 'application/json' };
  assert.equal((await send(panel, { headers, body })).text, first);
});

test('a replay is answered whatever became of service, price, funds and order', async () => {
  const { order } = await makeRequest();
  const first = await panel.callText(order);
  const serviceId = order.service;
  const changes = [
    { rate: parseRate('99', 'rate') },
    { min: 500 },
    { hidden: true },
    { enabled: false },
  ];
  for (const change of changes) {
    await updateService(panel.app, staff, { serviceId, changes: change });
    await panel.app.catalog.refresh();
    assert.equal(await panel.callText(order), first);
  }
  const orderId = BigInt(/[0-9]+/.exec(first)?.[0] ?? '') as OrderId; // as the wire has it
  await settle(panel, orderId, { status: 'Canceled' });
  assert.equal(await panel.callText(order), first);
  assert.equal(await balanceOf(panel, order.key), '1.00');
});

test('a refused try leaves its request_id free', async () => {
  const { order, customerId } = await makeRequest();
  const big = { ...order, quantity: 10_000 };
  assert.equal(await panel.callText(big), refusal('Not enough funds on balance'));
  assert.equal(
    await panel.callText({ ...order, quantity: 1 }),
    refusal('Quantity less than minimal 50'),
  );
  const amount = parseAmount('9', 'funds');
  await addFunds(panel.app, staff, { customerId, amount, reference: 'later' });
  assert.match(await panel.callText(big), /^\{"order":/);
  assert.equal(await panel.callText(order), reused);
  assert.equal(await balanceOf(panel, order.key), '1.00');
});

test('a request_id belongs to its customer', async () => {
  const { order } = await makeRequest();
  const stranger = await makeCustomer(panel);
  const first = await panel.callText(order);
  const other = await panel.callText({ ...order, key: stranger.key });
  assert.match(other, /^\{"order":/);
  assert.notEqual(other, first);
  assert.equal(await panel.callText({ ...order, key: stranger.key }), other);
});

test('without a request_id the same order twice is two orders', async () => {
  const { order, customerId } = await makeRequest();
  const plain = { ...order, request_id: '' };
  assert.notEqual(await panel.callText(plain), await panel.callText(plain));
  assert.equal(await countOrders(panel, customerId), 2);
});

test('a request_id is 1 to 128 printable ASCII characters', async () => {
  const { order } = await makeRequest();
  for (const request_id of ['x'.repeat(129), 'é', 'a\u0001', 'a\nb', '名', 'a\u007fb']) {
    const text = await panel.callText({ ...order, request_id });
    assert.equal(text, refusal('Incorrect request_id'), JSON.stringify(request_id));
  }
  for (const request_id of ['x'.repeat(128), '~', 'a b', `!"'%;--`, '0']) {
    assert.match(await panel.callText({ ...order, request_id }), /^\{"order":/);
  }
});

test('the Idempotency-Key header is a request_id', async () => {
  const { order, customerId } = await makeRequest();
  const { request_id: _, ...plain } = order;
  const ask = (key: string, fields: Fields = plain) =>
    send(panel, { headers: { 'Idempotency-Key': key }, body: form(fields) });
  const { text: first } = await ask('h-1');
  assert.match(first, /^\{"order":/);
  assert.equal((await ask('h-1')).text, first);
  assert.equal(await panel.callText({ ...plain, request_id: 'h-1' }), first);
  assert.equal((await ask('h-1', { ...plain, quantity: 99 })).text, reused);
  assert.equal((await ask('x'.repeat(129))).text, refusal('Incorrect request_id'));
  assert.equal(await countOrders(panel, customerId), 1);
  // The field goes before the header.
  const { text: second } = await ask('h-1', { ...plain, request_id: 'f-1' });
  assert.notEqual(second, first);
  assert.equal(await panel.callText({ ...plain, request_id: 'f-1' }), second);
});

test('an Idempotency-Key that says nothing is none, as a field that does', async () => {
  const { order, customerId } = await makeRequest();
  const { request_id: _, ...plain } = order;
  for (const key of ['undefined', 'null', ' ']) {
    const request = { headers: { 'Idempotency-Key': key }, body: form(plain) };
    const [one, other] = [await send(panel, request), await send(panel, request)];
    assert.match(one.text, /^\{"order":/);
    assert.notEqual(one.text, other.text);
  }
  assert.equal(await countOrders(panel, customerId), 6);
});

test('a drip-feed or a subscription is replayed too', async () => {
  const { key } = await makeCustomer(panel);
  const dripFeed = await makeService(panel, { dripfeed: true });
  const subscription = await makeService(panel, { type: 'Subscriptions' });
  const orders: Fields[] = [
    { service: dripFeed, link, quantity: 100, runs: 3, interval: 10 },
    { service: subscription, username: 'anna', min: 50, max: 60, delay: 5 },
  ];
  for (const [index, fields] of orders.entries()) {
    const order = { key, action: 'add', request_id: `p-${index}`, ...fields };
    const first = await panel.callText(order);
    assert.match(first, /^\{"order":/);
    assert.equal(await panel.callText(order), first);
    assert.equal(await panel.callText({ ...order, interval: 11, delay: 10 }), reused);
  }
  assert.equal(await balanceOf(panel, key), '99.73');
  await panel.verify();
});
