import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  dayMs,
  hourMs,
  type OrderId,
  type RefillId,
  type ServiceId,
} from '../../src/base/index.ts';
import { blockLink } from '../../src/catalog/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { decideRefill } from '../../src/refills/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addOrder, balanceOf, countOrders, link, refusal, settle } from './wire.ts';

let panel: TestPanel;
let customer: Awaited<ReturnType<typeof makeCustomer>>;
let services: Record<'plain' | 'disabled' | 'hidden' | 'alone' | 'bare', ServiceId>;

before(async () => {
  panel = await openTestPanel();
  customer = await makeCustomer(panel, { funds: '1' });
  services = {
    plain: await makeService(panel, { min: 200, max: 1000, refill: true, refillDays: 30 }),
    disabled: await makeService(panel, { enabled: false }),
    hidden: await makeService(panel, { hidden: true }),
    alone: await makeService(panel, { rate: '0.01', denyDuplicates: true, cancel: true }),
    bare: await makeService(panel, { rate: '0.01' }),
  };
  await blockLink(panel.app, staff, 'Forbidden.example');
  await panel.app.catalog.refresh();
  await addOrder(panel, { key: customer.key, service: services.alone, quantity: 50 });
});
after(() => panel.close());

type Fields = Record<string, string | number>;
type Case = { name: string; text: string; fields: () => Fields };

const add = (fields: Fields): Fields => ({
  action: 'add',
  service: services.plain,
  link,
  quantity: 200,
  ...fields,
});

const cases: Case[] = [
  { name: 'no key', text: 'Invalid API key', fields: () => ({ key: '', action: 'balance' }) },
  { name: 'a wrong key', text: 'Invalid API key', fields: () => ({ key: 'x', action: 'balance' }) },
  { name: 'no action', text: 'Incorrect request', fields: () => ({}) },
  { name: 'an unknown action', text: 'Incorrect request', fields: () => ({ action: 'toString' }) },
  { name: 'no order', text: 'Incorrect request', fields: () => ({ action: 'status' }) },
  { name: 'no refill', text: 'Incorrect request', fields: () => ({ action: 'refill_status' }) },
  { name: 'no order to refill', text: 'Incorrect request', fields: () => ({ action: 'refill' }) },
  { name: 'no order to cancel', text: 'Incorrect request', fields: () => ({ action: 'cancel' }) },
  {
    name: 'a list of commas only',
    text: 'Incorrect request',
    fields: () => ({ action: 'status', orders: ' , ,' }),
  },
  ...['', 'x', '999999', '2147483648', '-1', '1.0'].map((service) => ({
    name: `the service "${service}"`,
    text: 'Incorrect service ID',
    fields: () => add({ service }),
  })),
  {
    name: 'a disabled service',
    text: 'Incorrect service ID',
    fields: () => add({ service: services.disabled }),
  },
  {
    name: 'a hidden service',
    text: 'Incorrect service ID',
    fields: () => add({ service: services.hidden }),
  },
  ...['', ' ', 'a\nb', 'a\u0000b', 'a\u0085b', 'a\u2028b', 'x'.repeat(2049)].map((bad) => ({
    name: `the link ${JSON.stringify(bad.slice(0, 5))} of ${bad.length} letters`,
    text: 'Bad link',
    fields: () => add({ link: bad }),
  })),
  {
    name: 'a link on the block list, in any case',
    text: 'Bad link',
    fields: () => add({ link: 'https://FORBIDDEN.example/a' }),
  },
  ...['', 'many', '1.5', '-200', '２００'].map((quantity) => ({
    name: `the quantity "${quantity}"`,
    text: 'Incorrect quantity',
    fields: () => add({ quantity }),
  })),
  {
    name: 'too little',
    text: 'Quantity less than minimal 200',
    fields: () => add({ quantity: 199 }),
  },
  {
    name: 'too much',
    text: 'Quantity more than maximum 1000',
    fields: () => add({ quantity: 1001 }),
  },
  {
    name: 'runs where the service has no drip-feed',
    text: 'Incorrect runs',
    fields: () => add({ runs: 2, interval: 1 }),
  },
  {
    name: 'a request_id that is no printable ASCII',
    text: 'Incorrect request_id',
    fields: () => add({ request_id: 'é' }),
  },
  {
    name: 'a second running order on the link',
    text: 'You have active order with this link. Please wait until order being completed.',
    fields: () => add({ service: services.alone, quantity: 50 }),
  },
  {
    name: 'a balance too low',
    text: 'Not enough funds on balance',
    fields: () => add({ service: services.bare, quantity: 10_000, link: 'a'.repeat(2048) }),
  },
  {
    name: 'an unknown order',
    text: 'Incorrect order ID',
    fields: () => ({ action: 'status', order: 999_999 }),
  },
  {
    name: 'an unknown order to refill',
    text: 'Incorrect order ID',
    fields: () => ({ action: 'refill', order: 999_999 }),
  },
  {
    name: 'an unknown refill',
    text: 'Refill not found',
    fields: () => ({ action: 'refill_status', refill: 999_999 }),
  },
];

test('every refusal of a single call has its exact text and stores nothing', async (t) => {
  const poor = await makeCustomer(panel, { funds: '0.05' });
  const orders = await countOrders(panel, poor.customerId);
  await addOrder(panel, { key: poor.key, service: services.alone, quantity: 50 });
  for (const { name, text, fields } of cases) {
    await t.test(name, async () => {
      assert.equal(await panel.callText({ key: poor.key, ...fields() }), refusal(text));
    });
  }
  assert.equal(await countOrders(panel, poor.customerId), orders + 1);
  assert.equal(await balanceOf(panel, poor.key), '0.0495');
});

test('of twenty orders at once on a link one is taken, the next when it is done', async () => {
  const { key } = await makeCustomer(panel);
  const fields = { key, action: 'add', service: services.alone, link, quantity: 50 };
  const replies = await Promise.all(Array.from({ length: 20 }, () => panel.callText(fields)));
  const taken = replies.filter((text) => text.startsWith('{"order":'));
  assert.equal(taken.length, 1);
  assert.equal(new Set(replies).size, 2);
  const elsewhere = await panel.callText({ ...fields, service: services.bare });
  assert.match(elsewhere, /^\{"order":/);
  await settle(panel, BigInt(/[0-9]+/.exec(taken[0] ?? '')?.[0] ?? '') as OrderId, {
    status: 'Completed',
  });
  assert.match(await panel.callText(fields), /^\{"order":/);
});

test('a suspended customer is refused whatever is asked', async () => {
  const { key, customerId } = await makeCustomer(panel);
  await updateCustomer(panel.app, staff, { customerId, changes: { status: 'suspended' } });
  const text = refusal('Your account has been suspended.');
  for (const action of ['services', 'add', 'status', 'balance', 'nonsense']) {
    assert.equal(await panel.callText({ key, action }), text);
  }
});

async function refillText(orderId: OrderId): Promise<string> {
  return panel.callText({ key: customer.key, action: 'refill', order: String(orderId) });
}

test('a refill where the service has none is refused', async () => {
  const { key } = customer;
  const order = await addOrder(panel, { key, service: services.bare, quantity: 50 });
  await settle(panel, order, { status: 'Completed' });
  panel.clock.advance(2 * dayMs);
  assert.equal(await refillText(order), refusal('Refill is disabled for this service'));
});

test('each refusal of a refill comes in the course of an order', async () => {
  const { key } = customer;
  const tooEarly = 'The order was completed or refill was requested less than 24 hours ago';
  const order = await addOrder(panel, { key, service: services.plain, quantity: 200 });
  assert.equal(await refillText(order), refusal('The order is not completed'));
  await settle(panel, order, { status: 'Completed' });
  panel.clock.advance(24 * hourMs - 1);
  assert.equal(await refillText(order), refusal(tooEarly));
  panel.clock.advance(1);
  const made = await refillText(order);
  const refillId = BigInt(/^\{"refill":"([0-9]+)"\}$/.exec(made)?.[1] ?? made) as RefillId;
  panel.clock.advance(24 * hourMs - 1);
  assert.equal(await refillText(order), refusal(tooEarly));
  panel.clock.advance(1);
  assert.equal(await refillText(order), refusal('The refill task is not completed for this order'));
  await decideRefill(panel.app, staff, { refillId, status: 'Completed' });
  panel.clock.advance(28 * dayMs);
  assert.match(await refillText(order), /^\{"refill":"[0-9]+"\}$/);
  const other = await addOrder(panel, { key, service: services.plain, quantity: 200 });
  await settle(panel, other, { status: 'Completed' });
  panel.clock.advance(30 * dayMs + 1);
  assert.equal(await refillText(other), refusal('Refill days are over'));
});

test('a completion that staff decide later counts from then, new remains from before', async () => {
  const { key, customerId } = customer;
  const order = await addOrder(panel, { key, service: services.plain, quantity: 200 });
  const readCompletion = async () => {
    const [row] = await panel.owner.sql<{ at: Date | null }[]>`
      select completed_at as at from orders where customer_id = ${customerId} and id = ${order}`;
    return row?.at ?? null;
  };
  await settle(panel, order, { status: 'Partial', remains: 20n });
  const partialAt = panel.clock.now();
  panel.clock.advance(40 * dayMs);
  await settle(panel, order, { status: 'Partial', remains: 30n });
  assert.deepEqual(await readCompletion(), partialAt);
  await settle(panel, order, { status: 'Completed' });
  assert.deepEqual(await readCompletion(), panel.clock.now());
  const tooEarly = 'The order was completed or refill was requested less than 24 hours ago';
  assert.equal(await refillText(order), refusal(tooEarly));
  panel.clock.advance(dayMs);
  assert.match(await refillText(order), /^\{"refill":"[0-9]+"\}$/);
  await settle(panel, order, { status: 'In progress' });
  assert.equal(await readCompletion(), null);
});

test('a partial or canceled order is never refilled', async () => {
  const { key } = customer;
  for (const status of ['Partial', 'Canceled'] as const) {
    const order = await addOrder(panel, { key, service: services.plain, quantity: 200 });
    await settle(panel, order, { status, remains: 20n });
    panel.clock.advance(2 * dayMs);
    assert.equal(await refillText(order), refusal('The order is not completed'));
  }
});

async function cancelText(orderId: OrderId): Promise<string> {
  return panel.callText({ key: customer.key, action: 'cancel', orders: String(orderId) });
}

test('each refusal of a cancel stands inside its row of the list', async () => {
  const { key } = customer;
  const row = (id: OrderId, text: string) => `[{"order":${id},"cancel":${refusal(text)}}]`;
  const bare = await addOrder(panel, { key, service: services.bare, quantity: 50 });
  assert.equal(await cancelText(bare), row(bare, 'Do not allow cancel this order'));
  const place = (path: string) =>
    addOrder(panel, { key, service: services.alone, quantity: 50, link: `${link}/${path}` });
  const open = await place('open');
  assert.equal(await cancelText(open), `[{"order":${open},"cancel":1}]`);
  assert.equal(
    await cancelText(open),
    row(open, 'Order cancellation request has been sent already'),
  );
  await settle(panel, open, { status: 'Partial', remains: 10n });
  assert.equal(
    await cancelText(open),
    row(open, 'Order cancellation request has been sent already'),
  );
  const finished = await place('finished');
  await settle(panel, finished, { status: 'Completed' });
  const late = 'The order can not send request for cancellation, please raise ticket';
  assert.equal(await cancelText(finished), row(finished, late));
  const unknown = 999_999n as OrderId;
  assert.equal(await cancelText(unknown), row(unknown, 'Incorrect order ID'));
});

test('a taken cancel request moves no money', async () => {
  const { key } = customer;
  const before = await balanceOf(panel, key);
  const order = await addOrder(panel, {
    key,
    service: services.alone,
    quantity: 50,
    link: `${link}/kept`,
  });
  const charged = await balanceOf(panel, key);
  assert.notEqual(charged, before);
  await cancelText(order);
  assert.equal(await balanceOf(panel, key), charged);
  await settle(panel, order, { status: 'Canceled' });
  assert.equal(await balanceOf(panel, key), before);
  await panel.verify();
});
