import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLog, hourMs, minuteMs, type OrderId, type ServiceId } from '../../src/base/index.ts';
import { forwardCancels } from '../../src/cancels/index.ts';
import { readCustomerTimeline, readStaffTimeline } from '../../src/fulfilment/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { forwardRefills } from '../../src/refills/index.ts';
import { addUser } from '../../src/sign-in/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { createVisitor, password } from '../sign-in/visitor.ts';
import { deliveryOf, openUpstream, place, type Upstream } from './upstream.ts';

// A panel whose provider's name, address, key, order numbers and words are canaries: whatever of
// them reaches a customer names who delivers, and for how much.

const canaries = {
  name: 'canary-name-5d1',
  words: 'canary-words-7c2 at canary-host-9e4.example',
  status: 'canary-status-3b8',
  firstOrderId: 771_234_000,
};
const orderIds = /77123[0-9]{4}/;

const logged: string[] = [];
let panel: TestPanel;
let upstream: Upstream;
let service: ServiceId;
let customerId: Awaited<ReturnType<typeof makeCustomer>>['customerId'];
let key: string;
/** All that a customer, or anybody, has read. */
const read: string[] = [];
before(async () => {
  const log = createLog('debug', { write: (line) => logged.push(line) });
  panel = await openTestPanel({ log, start: new Date() });
  const { name, firstOrderId } = canaries;
  upstream = await openUpstream(panel, { name, firstOrderId });
  service = await upstream.sell({ refill: true, refillDays: 30 });
  ({ customerId, key } = await makeCustomer(panel, { funds: '1000' }));
});
after(async () => {
  await upstream.close();
  await panel.close();
});

type Fields = Record<string, string | number>;

async function ask(fields: Fields): Promise<void> {
  read.push(await panel.callText({ key, ...fields }));
}

async function look(path: string, headers: Record<string, string> = {}): Promise<void> {
  const response = await fetch(`${panel.url}${path}`, { headers });
  read.push([...response.headers].join('\n'), await response.text());
}

async function order(link: string): Promise<OrderId> {
  return place(panel, { key, service, link: `https://example.com/s/${link}`, quantity: 100 });
}

/** Asks for all there is about an order, also for what is refused. */
async function askAbout(orderId: OrderId): Promise<void> {
  const id = String(orderId);
  const calls: Fields[] = [
    { action: 'status', order: id },
    { action: 'status', orders: `${id},999999` },
    { action: 'refill', order: id },
    { action: 'refill', orders: id },
    { action: 'refill_status', refill: '1' },
    { action: 'cancel', orders: id },
    { action: 'cancel', order: id },
  ];
  for (const fields of calls) await ask(fields);
  const timeline = await readCustomerTimeline(panel.app.db, { customerId, orderId });
  read.push(
    JSON.stringify(timeline, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
  );
}

/** Reads all that the web app shows a customer, and asks for what it lets them ask. */
async function browse(orders: readonly OrderId[]): Promise<void> {
  const email = 'reader@example.com';
  await addUser(panel.app, staff, { owner: { customerId }, email, password });
  const { post, cookies } = createVisitor(panel);
  assert.equal((await post('/api/auth/sign-in/email', { email, password })).status, 200);
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const ids = orders.map(Number);
  const lists = [
    ...['orders', 'orders.csv', 'refills', 'services', 'services/changes', 'calls'],
    ...['funds/statement', 'funds/statement.csv'],
  ];
  for (const path of [...lists, ...ids.map((id) => `orders/${id}`)]) {
    const response = await fetch(`${panel.url}/api/customer/${path}`, { headers: { cookie } });
    assert.equal(response.status, 200, path);
    read.push(await response.text());
  }
  for (const act of ['refill', 'cancel']) {
    const { body } = await post(`/api/customer/orders/${act}`, { orders: ids });
    read.push(JSON.stringify(body));
  }
}

/** A subscription that the provider keeps, with an order there for a post of it. */
async function subscribe(): Promise<OrderId> {
  const kept = { type: 'Subscriptions', external: '17', isDelegated: true, min: 10 } as const;
  const sold = await upstream.sell(kept);
  const terms = { username: 'somebody', min: 100, max: 100, delay: 0, posts: 2 };
  const orderId = await place(panel, { key, service: sold, ...terms });
  await upstream.forward();
  const { external_id: externalId } = await deliveryOf(panel, orderId);
  upstream.sandbox.announce(Number(externalId), 'https://example.com/p/1');
  panel.clock.advance(10 * minuteMs);
  await upstream.poll();
  return orderId;
}

async function makeHistory(): Promise<
  Record<'refused' | 'unknown' | 'flagged' | 'partial' | 'kept', OrderId>
> {
  const { words, status } = canaries;
  const refused = await order('refused');
  upstream.sandbox.script({ kind: 'refuse', error: words, on: { action: 'add' } });
  await upstream.forward();
  const unknown = await order('unknown');
  upstream.sandbox.script({ kind: 'accept_then_html', on: { action: 'add' } });
  await upstream.forward();
  const flagged = await order('flagged');
  await upstream.forward();
  upstream.sandbox.script({ kind: 'rows_fields', fields: { status }, on: { action: 'status' } });
  panel.clock.advance(minuteMs);
  await upstream.poll();
  const partial = await order('partial');
  await upstream.forward();
  panel.clock.advance(10 * minuteMs);
  await upstream.poll();
  const note = `${words} says so`;
  await settleOrder(panel.app, staff, { orderId: partial, status: 'Partial', remains: 40n, note });
  return { refused, unknown, flagged, partial, kept: await subscribe() };
}

/** Has a refill and a cancellation asked for, which the provider refuses in its own words. */
async function makeRequests(): Promise<Record<'refilled' | 'cancelled', OrderId>> {
  const refilled = await order('refilled');
  await upstream.forward();
  panel.clock.advance(hourMs);
  await upstream.poll();
  panel.clock.advance(25 * hourMs);
  await ask({ action: 'refill', order: String(refilled) });
  const cancelled = await order('cancelled');
  await upstream.forward();
  await ask({ action: 'cancel', orders: String(cancelled) });
  const provider = await upstream.provider();
  for (const action of ['refill', 'cancel']) {
    const error = canaries.words;
    upstream.sandbox.script({ kind: 'refuse', error, on: { action } });
  }
  assert.equal(await forwardRefills(upstream.ctx, provider, 100), 1);
  assert.equal(await forwardCancels(upstream.ctx, provider, 100), 1);
  return { refilled, cancelled };
}

test('who delivers, and what they say, is nowhere that customers or anybody can read', async () => {
  const orders = { ...(await makeHistory()), ...(await makeRequests()) };
  for (const orderId of Object.values(orders)) await askAbout(orderId);
  panel.clock.advance(26 * hourMs);
  for (const orderId of Object.values(orders)) await askAbout(orderId);
  await browse(Object.values(orders));
  const link = 'https://example.com/s/more';
  const wrong: Fields[] = [{}, { quantity: 1 }, { quantity: 99_999 }, { quantity: 100, link: 'x' }];
  for (const fields of wrong) await ask({ action: 'add', service, link, ...fields });
  await ask({ action: 'services' });
  await ask({ action: 'balance' });
  await ask({ action: 'nothing' });
  for (const path of [
    '/api',
    '/api?lang=zh',
    '/readyz',
    '/readyz?verbose',
    '/healthz',
    '/metrics',
  ]) {
    await look(path);
  }
  await panel.owner.sql`alter table orders rename to orders_away`;
  const crash = new URLSearchParams({ key, action: 'status', order: '1' });
  const crashed = await fetch(`${panel.url}/api/v2`, { method: 'POST', body: crash });
  read.push(await crashed.text());
  await panel.owner.sql`alter table orders_away rename to orders`;

  const { host } = new URL(upstream.served.url);
  for (const text of read) {
    assert(!text.includes('canary'), text);
    assert(!text.includes(host), text);
    assert(!text.includes('upstream-key'), text);
    assert.doesNotMatch(text, orderIds);
  }
  const secrets = logged.filter((line) => line.includes('upstream-key'));
  assert.deepEqual(secrets, []);

  // The canaries were there to be found: staff see them all.
  const seen = await Promise.all(
    Object.values(orders).map((orderId) =>
      readStaffTimeline(panel.app.db, { customerId, orderId }),
    ),
  );
  const staffText = JSON.stringify(seen, (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
  assert(staffText.includes(canaries.name));
  assert(staffText.includes(canaries.words));
  assert(staffText.includes(canaries.status));
  assert.match(staffText, orderIds);
  await panel.verify();
});

test('staff read of an order all that happened, in its order, and by whom', async () => {
  const orderId = await order('timeline');
  await upstream.forward();
  panel.clock.advance(20_000);
  await upstream.poll();
  panel.clock.advance(minuteMs);
  await settleOrder(panel.app, staff, { orderId, status: 'Partial', remains: 30n });
  const timeline = await readStaffTimeline(panel.app.db, { customerId, orderId });
  assert.deepEqual(
    timeline.map(({ actor, kind }) => `${actor} ${kind}`),
    [
      'system:forwarder sent',
      'system:forwarder accepted',
      'system:poller settled',
      'staff:test settled',
    ],
  );
  const [sent, accepted, progress, partial] = timeline;
  assert.equal(sent?.after.provider, canaries.name);
  assert.match(String(accepted?.after.externalId), orderIds);
  assert.equal(progress?.before.status, 'Pending');
  assert.equal(progress?.after.status, 'In progress');
  assert.deepEqual([partial?.after.status, partial?.refund], ['Partial', 15_000_000n]);
});

test('a customer reads how the own order stood and what went back, and of no other', async () => {
  const orderId = await order('customer');
  await upstream.forward();
  panel.clock.advance(20_000);
  await upstream.poll();
  await settleOrder(panel.app, staff, { orderId, status: 'Partial', remains: 30n });
  const shown = await readCustomerTimeline(panel.app.db, { customerId, orderId });
  const timeline = shown.entries;
  assert.equal(shown.archived, 0);
  assert.deepEqual(
    timeline.map(({ status, refund }) => [status, refund]),
    [
      ['Pending', 0n],
      ['In progress', 0n],
      ['Partial', 15_000_000n],
    ],
  );
  assert.deepEqual([timeline[0]?.remains, timeline[2]?.remains], [100n, 30n]);
  assert.equal(typeof timeline[1]?.startCount, 'bigint');
  const other = await makeCustomer(panel);
  await assert.rejects(
    readCustomerTimeline(panel.app.db, { customerId: other.customerId, orderId }),
    /no order/,
  );
  const fresh = await order('fresh');
  const { entries } = await readCustomerTimeline(panel.app.db, { customerId, orderId: fresh });
  const [placed, ...rest] = entries;
  assert.deepEqual([placed?.status, placed?.remains, placed?.startCount], ['Pending', 100n, null]);
  assert.deepEqual(rest, []);
});
