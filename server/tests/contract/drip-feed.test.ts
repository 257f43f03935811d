import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, minuteMs, type OrderId } from '../../src/base/index.ts';
import { createDueRuns, setPaused } from '../../src/orders/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { addOrder, balanceOf, link, refusal, settle } from './wire.ts';

// Three runs of 100 every 10 minutes at 1.00 per 1000: 0.10 a run, 0.30 in all, out of 1.00.
let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

type Feed = { key: string; parent: OrderId };

async function makeFeed(extra: Record<string, string | number> = {}): Promise<Feed> {
  const { key } = await makeCustomer(panel, { funds: '1' });
  const service = await makeService(panel, {
    rate: '1',
    dripfeed: true,
    cancel: true,
    refill: true,
  });
  const fields = { service, quantity: 100, runs: 3, interval: 10, ...extra };
  return { key, parent: await addOrder(panel, { key, ...fields }) };
}

type Status = { charge: string; status: string; remains: string; runs?: number; orders?: number[] };

async function statusOf(key: string, order: OrderId | number): Promise<Status> {
  const text = await panel.callText({ key, action: 'status', order: String(order) });
  return JSON.parse(text) as Status; // a test below has the exact form
}

async function childrenOf({ key, parent }: Feed): Promise<OrderId[]> {
  const { orders = [] } = await statusOf(key, parent);
  return orders.map((id) => BigInt(id) as OrderId); // ids as the wire has them
}

/** Creates all runs of a feed, each when it is due. */
async function createAllRuns(runs: number): Promise<void> {
  for (let run = 0; run < runs; run += 1) {
    assert.equal(await createDueRuns(panel.app), 1);
    panel.clock.advance(10 * minuteMs);
  }
  assert.equal(await createDueRuns(panel.app), 0);
}

test('a parent shows the five usual keys, then runs and orders', async () => {
  const { key, parent } = await makeFeed();
  const read = () => panel.callText({ key, action: 'status', order: String(parent) });
  const usual = '"start_count":null,"status":"Active","remains":"300","currency":"USD"';
  assert.equal(await read(), `{"charge":"0.30",${usual},"runs":0,"orders":[]}`);
  await createDueRuns(panel.app);
  const child = parent + 1n;
  assert.equal(await read(), `{"charge":"0.30",${usual},"runs":1,"orders":[${child}]}`);
  assert.equal(
    await panel.callText({ key, action: 'status', orders: `${parent},${child}` }),
    `{"${parent}":{"charge":"0.30",${usual},"runs":1,"orders":[${child}]},` +
      `"${child}":{"charge":"0.10","start_count":null,"status":"Pending","remains":"100",` +
      '"currency":"USD"}}',
  );
  await panel.callText({ key, action: 'cancel', order: String(parent) });
});

test('runs are created one per interval, the whole is charged at once', async () => {
  const feed = await makeFeed();
  assert.equal(await balanceOf(panel, feed.key), '0.70');
  for (let run = 1; run <= 3; run += 1) {
    assert.equal(await createDueRuns(panel.app), 1);
    assert.equal(await createDueRuns(panel.app), 0);
    assert.equal((await statusOf(feed.key, feed.parent)).runs, run);
    panel.clock.advance(10 * minuteMs - 1);
    assert.equal(await createDueRuns(panel.app), 0);
    panel.clock.advance(1);
  }
  assert.equal(await createDueRuns(panel.app), 0);
  assert.equal(await balanceOf(panel, feed.key), '0.70');
  assert.equal((await childrenOf(feed)).length, 3);
  await panel.verify();
});

test('two workers at once never create a run twice', async () => {
  const feeds = await Promise.all(Array.from({ length: 5 }, () => makeFeed()));
  const workers = Array.from({ length: 6 }, () => createDueRuns(panel.app));
  const created = (await Promise.all(workers)).reduce((sum, count) => sum + count, 0);
  assert.equal(created, 5);
  for (const feed of feeds) assert.equal((await childrenOf(feed)).length, 1);
  for (const { key, parent } of feeds) {
    await panel.callText({ key, action: 'cancel', order: String(parent) });
  }
});

test('after a long stop the missed runs come one per interval, never at once', async () => {
  const feed = await makeFeed();
  await createDueRuns(panel.app);
  panel.clock.advance(dayMs);
  assert.equal(await createDueRuns(panel.app), 1);
  assert.equal(await createDueRuns(panel.app), 0);
  panel.clock.advance(10 * minuteMs);
  assert.equal(await createDueRuns(panel.app), 1);
  assert.equal((await childrenOf(feed)).length, 3);
});

test('a delivered drip-feed is Completed only when its last run is', async () => {
  const feed = await makeFeed();
  await createAllRuns(3);
  const children = await childrenOf(feed);
  for (const [index, child] of children.entries()) {
    const { status, remains } = await statusOf(feed.key, feed.parent);
    assert.deepEqual([status, remains], ['Active', String(300 - index * 100)]);
    await settle(panel, child, { status: 'Completed' });
  }
  const { status, remains, charge } = await statusOf(feed.key, feed.parent);
  assert.deepEqual([status, remains, charge], ['Completed', '0', '0.30']);
  await panel.verify();
});

test('what a run does not deliver is refunded once, and the parent ends as Partial', async () => {
  const feed = await makeFeed();
  await createAllRuns(3);
  const [first, second, third] = await childrenOf(feed);
  assert(first && second && third);
  await settle(panel, first, { status: 'Partial', remains: 25n });
  assert.equal(await balanceOf(panel, feed.key), '0.725');
  await settle(panel, second, { status: 'Canceled' });
  assert.equal(await balanceOf(panel, feed.key), '0.825');
  await settle(panel, third, { status: 'Completed' });
  const { status, remains, charge } = await statusOf(feed.key, feed.parent);
  assert.deepEqual([status, remains, charge], ['Partial', '125', '0.175']);
  assert.equal(await balanceOf(panel, feed.key), '0.825');
  await panel.verify();
});

test('cancelled half way, the remaining runs are refunded at once, the rest is kept', async () => {
  const feed = await makeFeed();
  const { key, parent } = feed;
  await createDueRuns(panel.app);
  const taken = `[{"order":${parent},"cancel":1}]`;
  assert.equal(await panel.callText({ key, action: 'cancel', order: String(parent) }), taken);
  assert.equal(await balanceOf(panel, key), '0.90');
  panel.clock.advance(dayMs);
  assert.equal(await createDueRuns(panel.app), 0);
  const stopped = await statusOf(key, parent);
  assert.deepEqual([stopped.status, stopped.charge, stopped.runs], ['Active', '0.10', 1]);
  const again = refusal('Order cancellation request has been sent already');
  assert.equal(
    await panel.callText({ key, action: 'cancel', order: String(parent) }),
    `[{"order":${parent},"cancel":${again}}]`,
  );
  const [child] = await childrenOf(feed);
  assert(child);
  await settle(panel, child, { status: 'Completed' });
  const { status, remains, charge } = await statusOf(key, parent);
  assert.deepEqual([status, remains, charge], ['Partial', '200', '0.10']);
  assert.equal(await balanceOf(panel, key), '0.90');
  await panel.verify();
});

test('a paused drip-feed creates no run until it goes on', async () => {
  const { key, parent } = await makeFeed();
  await createDueRuns(panel.app);
  await setPaused(panel.app, staff, { orderId: parent, isPaused: true });
  panel.clock.advance(dayMs);
  assert.equal(await createDueRuns(panel.app), 0);
  assert.equal((await statusOf(key, parent)).status, 'Paused');
  await setPaused(panel.app, staff, { orderId: parent, isPaused: false });
  assert.equal(await createDueRuns(panel.app), 1);
  assert.equal(await createDueRuns(panel.app), 0);
  await setPaused(panel.app, staff, { orderId: parent, isPaused: true });
  await panel.callText({ key, action: 'cancel', orders: String(parent) });
  assert.equal(await balanceOf(panel, key), '0.80');
  await panel.verify();
});

test('cancelling before the first run gives everything back and ends as Canceled', async () => {
  const { key, parent } = await makeFeed();
  await panel.callText({ key, action: 'cancel', orders: String(parent) });
  const { status, remains, charge } = await statusOf(key, parent);
  assert.deepEqual([status, remains, charge], ['Canceled', '300', '0.00']);
  assert.equal(await balanceOf(panel, key), '1.00');
  await panel.verify();
});

test('cancelling while the last runs go on refunds nothing; they end as they end', async () => {
  const feed = await makeFeed();
  await createAllRuns(3);
  await panel.callText({ key: feed.key, action: 'cancel', orders: String(feed.parent) });
  assert.equal(await balanceOf(panel, feed.key), '0.70');
  for (const child of await childrenOf(feed)) await settle(panel, child, { status: 'Completed' });
  assert.equal((await statusOf(feed.key, feed.parent)).status, 'Completed');
  await panel.verify();
});

test('a run is an order of its customer: seen, cancelled and refilled like any other', async () => {
  const feed = await makeFeed();
  const { key } = feed;
  const stranger = await makeCustomer(panel);
  await createAllRuns(3);
  const [first, second] = await childrenOf(feed);
  assert(first && second);
  const foreign = { key: stranger.key, action: 'status', order: String(first) };
  assert.equal(await panel.callText(foreign), refusal('Incorrect order ID'));
  const canceled = await panel.callText({ key, action: 'cancel', order: String(first) });
  assert.equal(canceled, `[{"order":${first},"cancel":1}]`);
  await settle(panel, second, { status: 'Completed' });
  panel.clock.advance(2 * dayMs);
  const refilled = await panel.callText({ key, action: 'refill', order: String(second) });
  assert.match(refilled, /^\{"refill":"[0-9]+"\}$/);
});

test('a finished drip-feed is refilled by its runs alone, so a delivery comes once', async () => {
  const feed = await makeFeed();
  const { key, parent } = feed;
  await createAllRuns(3);
  const children = await childrenOf(feed);
  for (const child of children) await settle(panel, child, { status: 'Completed' });
  assert.equal((await statusOf(key, parent)).status, 'Completed');
  panel.clock.advance(2 * dayMs);
  const refill = (order: unknown) =>
    panel.callText({ key, action: 'refill', order: String(order) });
  assert.equal(await refill(parent), refusal('Refill is disabled for this service'));
  for (const child of children) assert.match(await refill(child), /^\{"refill":"[0-9]+"\}$/);
});

test('a drip-feed of web traffic hands its parameters to every run', async () => {
  const { key } = await makeCustomer(panel, { funds: '1' });
  const service = await makeService(panel, { type: 'Web Traffic', rate: '1', dripfeed: true });
  const details = { country: 'US', device: 5, type_of_traffic: 1, google_keyword: 'shoes' };
  const fields = { service, link, quantity: 100, runs: 2, interval: 10, ...details };
  const parent = await addOrder(panel, { key, ...fields });
  await createAllRuns(2);
  const rows = await panel.owner.sql<{ details: object; quantity: bigint }[]>`
    select details, quantity from orders where parent_id = ${parent}`;
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [1, 2].map(() => ({ details, quantity: 100n })),
  );
  await panel.verify();
});
