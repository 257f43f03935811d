import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { makeCustomer, makeService } from '../../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../../tests/harness.ts';
import { dayMs, type OrderId } from '../../base/index.ts';
import type { ServiceType } from '../../catalog/index.ts';
import { orderTypes, settleOrder } from '../../orders/index.ts';
import { type ActionName, actionCalls, documentedLimits } from '../api-v2/definition.ts';
import { curlCommand, exampleOrder, keyPlaceholder } from './examples.ts';

const staff = { kind: 'staff', name: 'test', access: 'full' } as const;

const execute = promisify(execFile);

let panel: TestPanel;
let key: string;
before(async () => {
  panel = await openTestPanel();
  key = (await makeCustomer(panel, { funds: '1000' })).key;
});
after(() => panel.close());

function call(action: ActionName, fields: Record<string, string | number> = {}): Promise<unknown> {
  return panel.call({ key, action, ...fields });
}

async function placeDefault(fields: Record<string, string | number> = {}): Promise<OrderId> {
  const service = await makeService(panel, { refill: true, cancel: true, dripfeed: true });
  return place({ service, ...exampleOrder('Default'), ...fields });
}

async function place(fields: Record<string, string | number>): Promise<OrderId> {
  const reply = await call('add', fields);
  assert.deepEqual(shapesOf(reply), shapesOf(actionCalls.add[0].replies[0].body));
  return BigInt((reply as { order: number }).order) as OrderId; // its shape was just compared
}

/** The kinds of objects in a reply: their keys in order, each with the kind of its value. */
function shapesOf(value: unknown): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap(shapesOf))].sort();
  if (typeof value !== 'object' || value === null) return [kindOf(value)];
  const entries = Object.entries(value);
  const isKeyedByIds = entries.every(([name]) => /^[0-9]+$/.test(name));
  if (isKeyedByIds) return shapesOf(entries.map(([, item]) => item));
  return [`{${entries.map(([name, item]) => `${name}:${shapesOf(item)}`).join()}}`];
}

/** A start count is a string once it is known. */
function kindOf(value: unknown): string {
  return value === null ? 'string' : typeof value;
}

for (const type of Object.keys(orderTypes) as ServiceType[]) {
  test(`the server takes the page's example order: ${type}`, async () => {
    const isList = orderTypes[type].quantity.from !== 'quantity';
    const service = await makeService(panel, { type, min: isList ? 1 : 50 });
    await place({ service, ...exampleOrder(type) });
  });
}

const hasCurl = await execute('curl', ['--version']).then(Boolean, () => false);

test('a copied curl command works in a shell, lines of comments included', {
  skip: hasCurl ? false : 'curl is not installed',
}, async () => {
  const service = await makeService(panel, { type: 'Custom Comments', min: 2, max: 2 });
  const order = { ...exampleOrder('Custom Comments'), service: String(service) };
  const command = curlCommand(`${panel.url}/api/v2`, 'add', { ...order, request_id: "it's one" });
  const { stdout } = await execute('sh', ['-c', command.replace(keyPlaceholder, key)]);
  const again = await call('add', { ...order, request_id: "it's one" });
  assert.equal(stdout, JSON.stringify(again));
  assert.match(stdout, /^\{"order":[0-9]+\}$/);
});

test('the server takes the drip-feed of the page, and answers it as the page says', async () => {
  const order = await placeDefault(exampleOrder('Default', ['runs', 'interval']));
  const reply = await call('status', { order: String(order) });
  const expected = actionCalls.status[0].replies.find(({ of }) => of === 'drip_feed');
  // No run has begun: the list of orders is empty, as `orders:`.
  assert.deepEqual(shapesOf(reply), withoutOrders(expected?.body));
});

test('a subscription is answered as the page says', async () => {
  const service = await makeService(panel, { type: 'Subscriptions' });
  const order = await place({ service, ...exampleOrder('Subscriptions') });
  const reply = await call('status', { order: String(order) });
  const expected = actionCalls.status[0].replies.find(({ of }) => of === 'subscription');
  assert.deepEqual(shapesOf(reply), withoutOrders(expected?.body));
});

function withoutOrders(body: unknown): string[] {
  assert(typeof body === 'object' && body !== null && 'orders' in body);
  return shapesOf({ ...body, orders: [] });
}

test('every reply has the keys of its example, in the same order', async () => {
  const [first, second] = [await placeDefault(), await placeDefault()];
  const open = await placeDefault();
  for (const orderId of [first, second]) {
    await settleOrder(panel.app, staff, { orderId, status: 'Completed' });
  }
  panel.clock.advance(2 * dayMs);
  const compare = (reply: unknown, example: unknown) =>
    assert.deepEqual(shapesOf(reply), shapesOf(example));
  const one = { order: String(first) };
  const unknown = '999999999';

  compare(await call('services'), actionCalls.services[0].replies[0].body);
  compare(await call('status', one), actionCalls.status[0].replies[0].body);
  const several = await call('status', { orders: `${first},${unknown}` });
  compare(several, actionCalls.status[1].replies[0].body);
  compare(await call('refill', one), actionCalls.refill[0].replies[0].body);
  const refills = await call('refill', { orders: `${second},${unknown}` });
  compare(refills, actionCalls.refill[1].replies[0].body);
  compare(
    await call('refill_status', { refill: '1' }),
    actionCalls.refill_status[0].replies[0].body,
  );
  const statuses = await call('refill_status', { refills: `1,${unknown}` });
  compare(statuses, actionCalls.refill_status[1].replies[0].body);
  const cancels = await call('cancel', { orders: `${unknown},${open}` });
  compare(cancels, actionCalls.cancel[0].replies[0].body);
  compare(await call('balance'), actionCalls.balance[0].replies[0].body);
});

test('the limits on the page are the limits of the server', async () => {
  const { ids, linkLength, requestIdLength } = documentedLimits;
  const idsOf = (count: number) => Array.from({ length: count }, (_, index) => index + 1).join();
  assert(!('error' in Object(await call('status', { orders: idsOf(ids) }))));
  const refused = await call('status', { orders: idsOf(ids + 1) });
  assert.deepEqual(refused, { error: `Maximum ${ids} orders` });

  const link = 'https://example.com/'.padEnd(linkLength, 'x');
  await placeDefault({ link });
  const service = await makeService(panel);
  const order = { service, ...exampleOrder('Default') };
  assert.deepEqual(await call('add', { ...order, link: `${link}x` }), { error: 'Bad link' });

  const requestId = 'r'.repeat(requestIdLength);
  await place({ ...order, request_id: requestId });
  const tooLong = await call('add', { ...order, request_id: `${requestId}r` });
  assert.deepEqual(tooLong, { error: 'Incorrect request_id' });
});
