import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type Actor,
  AppError,
  dayMs,
  minuteMs,
  type OrderId,
  parseAmount,
} from '../../src/base/index.ts';
import { blockLink, updateService } from '../../src/catalog/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import {
  announcePost,
  createDuePosts,
  expireSubscriptions,
  listOrders,
  setPaused,
} from '../../src/orders/index.ts';
import { addFunds } from '../../src/payments/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addOrder, balanceOf, link, refusal, settle } from './wire.ts';

// Each post is an order of 100 pieces at 1.00 per 1000: 0.10, five minutes after it was announced.
let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

async function subscribe(input: { funds?: string; fields?: Record<string, string | number> } = {}) {
  const { key, customerId } = await makeCustomer(panel, { funds: input.funds ?? '1' });
  const service = await makeService(panel, {
    type: 'Subscriptions',
    rate: '1',
    cancel: true,
    refill: true,
  });
  const fields = { username: 'anna', min: 100, max: 100, delay: 5, ...input.fields };
  const parent = await addOrder(panel, { key, service, ...fields });
  return { key, customerId, service, parent };
}

function announce(orderId: OrderId, path: string): Promise<boolean> {
  return announcePost(panel.app, staff, { orderId, link: `${link}/${path}` });
}

function statusText(key: string, order: OrderId): Promise<string> {
  return panel.callText({ key, action: 'status', order: String(order) });
}

/** The parent's status line, of which nothing but these changes. */
function parentText(parts: {
  status?: string;
  expiry?: string;
  posts?: number;
  orders?: bigint[];
}) {
  const { status = 'Active', expiry, posts = 0, orders = [] } = parts;
  return (
    `{"charge":"0.00","start_count":null,"status":"${status}","remains":"0","currency":"USD",` +
    `"expiry":${expiry === undefined ? 'null' : `"${expiry}"`},"posts":${posts},` +
    `"orders":[${orders.join(',')}]}`
  );
}

async function orderDuePosts(): Promise<number> {
  panel.clock.advance(5 * minuteMs);
  return createDuePosts(panel.app);
}

test('an announced post is ordered after the delay, once, and charged then', async () => {
  const { key, parent } = await subscribe();
  assert.equal(await announce(parent, 'p1'), true);
  assert.equal(await announce(parent, 'p1'), false);
  assert.equal(await balanceOf(panel, key), '1.00');
  panel.clock.advance(5 * minuteMs - 1);
  assert.equal(await createDuePosts(panel.app), 0);
  panel.clock.advance(1);
  const workers = [createDuePosts(panel.app), createDuePosts(panel.app), createDuePosts(panel.app)];
  assert.equal(
    (await Promise.all(workers)).reduce((sum, count) => sum + count, 0),
    1,
  );
  assert.equal(await announce(parent, 'p1'), false);
  assert.equal(await balanceOf(panel, key), '0.90');
  const child = (parent + 1n) as OrderId;
  assert.equal(await statusText(key, parent), parentText({ posts: 1, orders: [child] }));
  assert.match(await statusText(key, child), /^\{"charge":"0.10".*"Pending","remains":"100"/);
  await settle(panel, child, { status: 'Canceled' });
  assert.equal(await balanceOf(panel, key), '1.00');
  await panel.verify();
});

test('the quantity of a post lies between min and max', async () => {
  const { key, customerId, parent } = await subscribe({ fields: { min: 60, max: 62 } });
  for (let post = 0; post < 12; post += 1) await announce(parent, `post-${post}`);
  assert.equal(await orderDuePosts(), 12);
  const rows = await panel.owner.sql<{ quantity: bigint }[]>`
    select quantity from orders where customer_id = ${customerId} and parent_id = ${parent}`;
  assert.equal(rows.length, 12);
  assert(rows.every((row) => row.quantity >= 60n && row.quantity <= 62n));
  const { posts } = JSON.parse(await statusText(key, parent)) as { posts: number };
  assert.equal(posts, 12);
});

test('too little balance pauses the subscription; resumed, its post is ordered', async () => {
  const { key, customerId, parent } = await subscribe({ funds: '0.15' });
  await announce(parent, 'a');
  await announce(parent, 'b');
  await orderDuePosts();
  const child = parent + 1n;
  const one = { posts: 1, orders: [child] };
  assert.equal(await statusText(key, parent), parentText({ ...one, status: 'Paused' }));
  assert.equal(await balanceOf(panel, key), '0.05');
  await announce(parent, 'c');
  assert.equal(await orderDuePosts(), 0);
  const amount = parseAmount('0.15', 'funds');
  await addFunds(panel.app, staff, { customerId, amount, reference: 'more' });
  assert.equal(await createDuePosts(panel.app), 0);
  const owner: Actor = { kind: 'customer', customerId, keyId: null };
  await setPaused(panel.app, owner, { orderId: parent, isPaused: false });
  assert.equal(await createDuePosts(panel.app), 2);
  assert.equal(await balanceOf(panel, key), '0.00');
  assert.match(await statusText(key, parent), /"status":"Active".*"posts":3,/);
  await panel.verify();
});

test('a service taken off sale pauses the subscription until it is back', async () => {
  const { key, parent, service } = await subscribe();
  const setEnabled = async (enabled: boolean) => {
    await updateService(panel.app, staff, { serviceId: service, changes: { enabled } });
    await panel.app.catalog.refresh();
  };
  await setEnabled(false);
  await announce(parent, 'a');
  await orderDuePosts();
  assert.equal(await statusText(key, parent), parentText({ status: 'Paused' }));
  await setEnabled(true);
  await setPaused(panel.app, staff, { orderId: parent, isPaused: false });
  assert.equal(await createDuePosts(panel.app), 1);
  assert.equal(await balanceOf(panel, key), '0.90');
});

test('a service that is no subscription any more pauses it, and no post is charged', async () => {
  const { key, parent, service } = await subscribe();
  const setType = async (type: 'Default' | 'Subscriptions') => {
    await updateService(panel.app, staff, { serviceId: service, changes: { type } });
    await panel.app.catalog.refresh();
  };
  await announce(parent, 'a');
  await setType('Default');
  await orderDuePosts();
  assert.equal(await statusText(key, parent), parentText({ status: 'Paused' }));
  assert.equal(await balanceOf(panel, key), '1.00');
  await setType('Subscriptions');
  await setPaused(panel.app, staff, { orderId: parent, isPaused: false });
  assert.equal(await createDuePosts(panel.app), 1);
  assert.equal(await balanceOf(panel, key), '0.90');
});

test('a suspended customer is charged for no post', async () => {
  const { customerId, key, parent } = await subscribe();
  await announce(parent, 'a');
  await updateCustomer(panel.app, staff, { customerId, changes: { status: 'suspended' } });
  await orderDuePosts();
  await updateCustomer(panel.app, staff, { customerId, changes: { status: 'active' } });
  assert.equal(await statusText(key, parent), parentText({ status: 'Paused' }));
  assert.equal(await balanceOf(panel, key), '1.00');
});

test('existing posts come on top of the new ones', async () => {
  const { key, customerId, parent } = await subscribe({ fields: { posts: 1, old_posts: 2 } });
  for (const path of ['old', 'older']) await announce(parent, path);
  assert.equal(await orderDuePosts(), 2);
  assert.match(await statusText(key, parent), /"status":"Active".*"posts":2,/);
  const [row] = await listOrders(panel.app.db, { customerId, kind: 'subscription', limit: 1 });
  assert.deepEqual([row?.partsDone, row?.parts], [2, 3]);
  await announce(parent, 'new');
  const known = (error: unknown) => error instanceof AppError && error.code === 'conflict';
  await assert.rejects(announce(parent, 'newer'), known);
  assert.equal(await orderDuePosts(), 1);
  assert.match(await statusText(key, parent), /"status":"Completed".*"posts":3,/);
  await panel.verify();
});

test('the last of a limited number of posts completes the subscription', async () => {
  const { key, parent } = await subscribe({ fields: { posts: 2 } });
  await announce(parent, 'a');
  await announce(parent, 'b');
  assert.equal(await announce(parent, 'a'), false);
  const known = (error: unknown) => error instanceof AppError && error.code === 'conflict';
  await assert.rejects(announce(parent, 'c'), known);
  assert.equal(await orderDuePosts(), 2);
  const orders = [parent + 1n, parent + 2n];
  assert.equal(
    await statusText(key, parent),
    parentText({ status: 'Completed', posts: 2, orders }),
  );
  const over = (error: unknown) => error instanceof AppError && error.code === 'incorrect_order';
  await assert.rejects(announce(parent, 'd'), over);
  assert.equal(await balanceOf(panel, key), '0.80');
  await panel.verify();
});

test('a subscription expires when its last day ends, and orders nothing after', async () => {
  const { key, parent } = await subscribe({ fields: { expiry: '02/04/2026' } });
  const expiry = '02/04/2026';
  await expireSubscriptions(panel.app);
  assert.equal(await statusText(key, parent), parentText({ expiry }));
  panel.clock.advance(new Date('2026-04-02T23:59:59.999Z').getTime() - panel.clock.now().getTime());
  await announce(parent, 'late');
  assert.equal(await expireSubscriptions(panel.app), 0);
  panel.clock.advance(1);
  assert.equal(await expireSubscriptions(panel.app), 1);
  assert.equal(await expireSubscriptions(panel.app), 0);
  assert.equal(await statusText(key, parent), parentText({ expiry, status: 'Expired' }));
  panel.clock.advance(dayMs);
  assert.equal(await createDuePosts(panel.app), 0);
  assert.equal(await balanceOf(panel, key), '1.00');
  const late = refusal('The order can not send request for cancellation, please raise ticket');
  const canceled = await panel.callText({ key, action: 'cancel', order: String(parent) });
  assert.equal(canceled, `[{"order":${parent},"cancel":${late}}]`);
  await panel.verify();
});

test('cancelling ends a subscription at once; its running orders go on', async () => {
  const { key, parent } = await subscribe();
  await announce(parent, 'a');
  await orderDuePosts();
  await announce(parent, 'b');
  const canceled = await panel.callText({ key, action: 'cancel', orders: String(parent) });
  assert.equal(canceled, `[{"order":${parent},"cancel":1}]`);
  const child = (parent + 1n) as OrderId;
  const ended = parentText({ status: 'Canceled', posts: 1, orders: [child] });
  assert.equal(await statusText(key, parent), ended);
  assert.equal(await orderDuePosts(), 0);
  assert.equal(await balanceOf(panel, key), '0.90');
  assert.match(await statusText(key, child), /"status":"Pending"/);
  await settle(panel, child, { status: 'Completed' });
  assert.equal(await statusText(key, parent), ended);
  await panel.verify();
});

test('a subscription itself is never refilled', async () => {
  const { key, parent } = await subscribe();
  const text = await panel.callText({ key, action: 'refill', order: String(parent) });
  assert.equal(text, refusal('Refill is disabled for this service'));
});

test('a user or post on the block list is a bad link', async () => {
  const { key, service, parent } = await subscribe();
  await blockLink(panel.app, staff, 'spam');
  await panel.app.catalog.refresh();
  const fields = { service, username: 'SpamKing', min: 100, max: 100, delay: 5 };
  assert.equal(await panel.callText({ key, action: 'add', ...fields }), refusal('Bad link'));
  const isBadLink = (error: unknown) => error instanceof AppError && error.code === 'bad_link';
  await assert.rejects(announce(parent, 'SPAM'), isBadLink);
});

test('the link of a post keeps to the rules of a link', async () => {
  const { parent } = await subscribe();
  for (const bad of ['', '  ', 'x'.repeat(2049), 'a\u0000b', 'a\nb', '\ud800']) {
    const announced = announcePost(panel.app, staff, { orderId: parent, link: bad });
    const isBadLink = (error: unknown) => error instanceof AppError && error.code === 'bad_link';
    await assert.rejects(announced, isBadLink, JSON.stringify(bad.slice(0, 5)));
  }
});
