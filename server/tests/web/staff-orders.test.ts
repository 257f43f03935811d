import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CustomerId, OrderId, ServiceId } from '../../src/base/index.ts';
import { listStaffOrders } from '../../src/fulfilment/index.ts';
import { createDueRuns, listOrders, settleOrder } from '../../src/orders/index.ts';
import { openUpstream, place, type Upstream } from '../delivery/upstream.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { refusalOf } from './customers.ts';
import { type Member, openMember } from './members.ts';

let panel: SignInPanel;
let member: Member;
let upstream: Upstream;
let service: ServiceId;
let manual: ServiceId;
let customerId: CustomerId;
let key: string;
let otherKey: string;

before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel);
  upstream = await openUpstream(panel, { name: 'Upstream of orders' });
  service = await upstream.sell();
  manual = await makeService(panel, { dripfeed: true, cancel: true, refill: true });
  ({ customerId, key } = await makeCustomer(panel, { funds: '1000' }));
  ({ key: otherKey } = await makeCustomer(panel, { funds: '1000' }));
});
after(async () => {
  await upstream.close();
  await panel.verify();
  await panel.close();
});

let links = 0;
async function order(more: Record<string, string | number> = {}): Promise<OrderId> {
  links += 1;
  const link = `https://example.com/o/${links}`;
  return place(panel, { key, service: manual, link, quantity: 100, ...more });
}

type Row = {
  id: number;
  parentId: number | null;
  delivery: { state: string; externalId: string } | null;
};
async function list(query: string): Promise<{ ids: number[]; rows: Row[]; next: string | null }> {
  const { status, body } = await member.get(`/orders?${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  const rows = body.rows as Row[];
  return { ids: rows.map(({ id }) => id), rows, next: body.next as string | null };
}

test('orders of all customers are listed, newest first, page by page, each once', async () => {
  const made = [await order(), await order({ key: otherKey }), await order()].map(Number);
  const first = await list('limit=2');
  assert.deepEqual(first.ids, [made[2], made[1]]);
  const second = await list(`limit=1&cursor=${first.next}`);
  assert.deepEqual(second.ids, [made[0]]);
  assert.equal((await member.get('/orders?cursor=x')).status, 400);
});

test('each filter keeps what it names, and filters add up', async () => {
  const own = Number(await order());
  const foreign = Number(await order({ key: otherKey }));
  const sent = Number(await order({ service }));
  const drip = Number(await order({ runs: 2, interval: 60 }));
  const done = await order();
  await settleOrder(panel.app, staff, { orderId: done, status: 'Completed' });

  const mine = await list(`customer=${customerId}&limit=100`);
  assert(mine.ids.includes(own) && !mine.ids.includes(foreign));
  const completed = await list('status=Completed');
  assert.deepEqual(completed.ids, [Number(done)]);
  assert.deepEqual((await list(`service=${service}`)).ids, [sent]);
  assert.deepEqual((await list('kind=drip_feed')).ids, [drip]);
  assert.deepEqual((await list(`provider=${upstream.providerId}`)).ids, [sent]);
  assert.deepEqual((await list('delivery=due')).ids, [sent]);
  assert(!(await list('delivery=none&limit=100')).ids.includes(sent));
  assert.deepEqual((await list(`status=Completed&service=${service}`)).ids, []);
  assert.deepEqual(
    (await list(`status=Pending&customer=${customerId}&provider=${upstream.providerId}`)).ids,
    [sent],
  );
  assert.equal((await member.get('/orders?status=Lost')).status, 400);
});

test('an order is found by its number here, its number there, and its link', async () => {
  const link = 'https://example.com/found-by-link';
  const orderId = await order({ service, link });
  await upstream.forward();
  const [row] = (await list(`search=${orderId}`)).rows;
  assert.equal(row?.delivery?.state, 'following');
  const externalId = row?.delivery?.externalId ?? '';
  assert((await list(`search=${externalId}`)).ids.includes(Number(orderId)));
  assert.deepEqual((await list(`search=${encodeURIComponent(link)}`)).ids, [Number(orderId)]);
  assert.deepEqual((await list('search=https://example.com/never')).ids, []);
  assert.deepEqual((await list('search=99999999999999999999')).ids, []);
});

test('held and unknown orders are found by the state of their delivery', async () => {
  upstream.sandbox.script({ kind: 'refuse', error: 'Bad link', on: { action: 'add' } });
  const held = Number(await order({ service }));
  await upstream.forward();
  upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add' } });
  const unknown = Number(await order({ service }));
  await upstream.forward();
  assert.deepEqual((await list('delivery=held')).ids, [held]);
  assert.deepEqual((await list('delivery=unknown')).ids, [unknown]);
  for (const id of [held, unknown]) {
    await settleOrder(panel.app, staff, { orderId: BigInt(id) as OrderId, status: 'Canceled' });
  }
});

test('a page that found little in what it looked through says where to go on', async () => {
  const old = await order({ link: 'https://example.com/old-one' });
  await panel.owner.sql`insert into orders
    select customer_id, nextval('order_ids'), service_id, type, kind, 'Completed', link, quantity,
      0, 0, null, 0, '{}', null, null, null, null, 0, created_at, created_at, created_at
    from orders, generate_series(1, 4000) where id = ${old.toString()}`;
  const query = { provider: upstream.providerId };
  const first = await listStaffOrders(panel.app.db, { providerId: query.provider, limit: 50 });
  assert.deepEqual(first.orders, []);
  assert.equal(first.next, old + 1n);
  const again = { providerId: query.provider, limit: 50, before: (old + 1n) as OrderId };
  const { orders, next } = await listStaffOrders(panel.app.db, again);
  assert(orders.length > 0);
  assert.equal(next, null);
  await panel.owner.sql`delete from orders where id > ${old.toString()}`;
});

test('an order is read with its customer, money, delivery, attempts and timeline', async () => {
  const { providerId } = upstream;
  await panel.owner.sql`insert into provider_services (provider_id, external_id, position, name,
      category, type, is_type_known, cost, min, max, refill, cancel, dripfeed, seen_at)
    values (${providerId}, '1', 1, 'Plain', 'First', 'Default', true, 90000000, 10, 10000,
      false, false, false, now())`;
  await panel.owner.sql`update providers set exchange_rate = 200000000 where id = ${providerId}`;
  const orderId = await order({ service });
  await upstream.forward();
  await settleOrder(panel.app, staff, { orderId, status: 'Partial', remains: 40n, note: 'seen' });
  const { status, body } = await member.get(`/orders/${orderId}`);
  assert.equal(status, 200, JSON.stringify(body));
  const { order: read, customer, money, delivery, attempts, timeline, routes } = Object(body);
  assert.deepEqual([read.status, read.remains, customer.id], ['Partial', 40, customerId]);
  // 100 at 5 per 1000, 40 of them given back; 100 at 0.90 there, of which 60 were delivered.
  assert.deepEqual(money, { charge: '0.50', refunded: '0.20', cost: '0.108', margin: '0.192' });
  assert.deepEqual(
    [delivery.provider, delivery.state, delivery.externalId],
    ['Upstream of orders', 'following', attempts[0].externalId],
  );
  assert.equal(attempts[0].cost, '0.18');
  assert.deepEqual(
    timeline.map((entry: { kind: string }) => entry.kind),
    ['sent', 'accepted', 'settled'],
  );
  assert.deepEqual([timeline[2].note, timeline[2].refund], ['seen', '0.20']);
  assert.deepEqual(routes, [
    { position: 1, providerId, provider: 'Upstream of orders', externalServiceId: '1', isOn: true },
  ]);
  assert.equal(body.cancel, null);
  assert.deepEqual(Object(body.refillRefusal).code, 'refill_disabled');
});

test('runs are listed under their parent', async () => {
  const parent = await order({ runs: 3, interval: 60 });
  await createDueRuns(panel.app);
  const { ids } = await list(`parent=${parent}`);
  assert.equal(ids.length, 1);
  assert.equal((await list(`search=${ids[0]}`)).rows[0]?.parentId, Number(parent));
});

test('services and providers are named to filter by', async () => {
  const { body } = await member.get('/orders/choices');
  const [services, providers] = [body.services, body.providers] as { id: number }[][];
  assert(services?.some(({ id }) => id === service));
  assert(providers?.some(({ id }) => id === upstream.providerId));
});

test('an unknown order is no order', async () => {
  assert.deepEqual(refusalOf(await member.get('/orders/999999999')), {
    status: 404,
    code: 'incorrect_order',
  });
  assert.equal((await member.get('/orders/x')).status, 400);
});

test('without the permission nothing is read', async () => {
  const orderId = await order();
  const other = await openMember(panel, ['services', 'customers']);
  for (const path of ['/orders', '/orders/choices', `/orders/${orderId}`, '/orders?search=1']) {
    assert.deepEqual(refusalOf(await other.get(path)), { status: 403, code: 'not_allowed' });
  }
});

test('a link is found in each million of numbers, newest first, page by page', async () => {
  const link = 'https://example.com/for-years';
  const made = [await order({ link })];
  for (const last of [999_999, 2_999_999]) {
    await panel.owner.sql`select setval('order_ids', ${last})`;
    made.push(await order({ link }), await order({ link, key: otherKey }));
  }
  const newest = made.map(Number).reverse();
  const search = `search=${encodeURIComponent(link)}`;
  const first = await list(`${search}&limit=2`);
  const second = await list(`${search}&limit=2&cursor=${first.next}`);
  const third = await list(`${search}&limit=2&cursor=${second.next}`);
  assert.deepEqual([...first.ids, ...second.ids, ...third.ids], newest);
  assert.equal(third.next, null);
  const { db } = panel.app;
  const idsOf = async (filter: Omit<Parameters<typeof listOrders>[1], 'link' | 'limit'>) =>
    (await listOrders(db, { link, limit: 3, ...filter })).map(({ id }) => Number(id));
  assert.deepEqual(await idsOf({}), newest.slice(0, 3));
  assert.deepEqual(await idsOf({ customerId }), [newest[1], newest[3], newest[4]]);
  assert.deepEqual(await idsOf({ before: made[2] }), [newest[3], newest[4]]);
  assert.deepEqual(await idsOf({ status: 'Completed' }), []);
});
