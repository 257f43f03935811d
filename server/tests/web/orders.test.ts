import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OrderId } from '../../src/base/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { createDueRuns, type Report, readOrder, settleOrder } from '../../src/orders/index.ts';
import { makeService, staff } from '../factories.ts';
import { createVisitor, openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { makeWebCustomer, refusalOf, type WebCustomer } from './customers.ts';
import { openMember } from './members.ts';

type Row = {
  id: number;
  kind: string;
  status: string;
  quantity: number;
  remains: number;
  startCount: number | null;
  charge: string;
  refunded: string;
  parent: number | null;
  run: number | null;
  parts: { done: number; total: number | null } | null;
  canPause: boolean;
  refillRefusal: { code: string } | null;
  cancelRefusal: { code: string } | null;
};
type Page = { rows: Row[]; next: string | null };

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(async () => {
  await panel.verify();
  await panel.close();
});

const list = (who: WebCustomer, query = '') => who.ask<Page>(`/orders?${query}`);
const idsOf = ({ rows }: Page) => rows.map(({ id }) => id);

async function order(
  who: WebCustomer,
  service: number,
  fields: Record<string, string> = {},
): Promise<number> {
  const given = { link: 'https://example.com/x', quantity: '100', ...fields };
  const { id } = await who.tell<{ id: number }>('/orders', { service, fields: given });
  return id;
}

const settle = (id: number, report: Report) =>
  settleOrder(panel.app, staff, { orderId: BigInt(id) as OrderId, ...report });

test('pages hold every order once, newest first', async () => {
  const who = await makeWebCustomer(panel);
  const service = await makeService(panel);
  const placed: number[] = [];
  for (let count = 0; count < 7; count += 1) placed.unshift(await order(who, service));
  const first = await list(who, 'limit=3');
  const second = await list(who, `limit=3&cursor=${first.next}`);
  const third = await list(who, `limit=3&cursor=${second.next}`);
  assert.deepEqual([first, second, third].flatMap(idsOf), placed);
  assert.equal(third.next, null);
  const bad = await who.visitor.get('/api/customer/orders?limit=101');
  assert.deepEqual(refusalOf(bad), { status: 400, code: 'invalid_input' });
});

test('a row says how far the order is and what came back of its charge', async () => {
  const who = await makeWebCustomer(panel);
  const service = await makeService(panel, { rate: '2' });
  const id = await order(who, service, { quantity: '500' });
  await settle(id, { status: 'Partial', startCount: 40n, remains: 200n });
  const [row] = (await list(who)).rows;
  assert.deepEqual(
    [row?.status, row?.quantity, row?.remains, row?.startCount, row?.charge, row?.refunded],
    ['Partial', 500, 200, 40, '1.00', '0.40'],
  );
});

test('orders are filtered by status, kind and service, also together', async () => {
  const who = await makeWebCustomer(panel);
  const plain = await makeService(panel);
  const other = await makeService(panel, { dripfeed: true });
  const one = await order(who, plain);
  const two = await order(who, plain);
  const three = await order(who, other);
  const drip = await order(who, other, { runs: '3', interval: '60' });
  await settle(two, { status: 'Completed' });
  assert.deepEqual(idsOf(await list(who, 'status=Completed')), [two]);
  assert.deepEqual(idsOf(await list(who, 'status=Pending')), [three, one]);
  assert.deepEqual(idsOf(await list(who, `service=${other}`)), [drip, three]);
  assert.deepEqual(idsOf(await list(who, 'kind=drip_feed')), [drip]);
  assert.deepEqual(idsOf(await list(who, 'kind=subscription')), []);
  assert.deepEqual(idsOf(await list(who, `service=${plain}&status=Pending`)), [one]);
  const bad = await who.visitor.get('/api/customer/orders?status=Lost');
  assert.equal(bad.status, 400);
});

test('an order is found by its number, and by its link however it is written', async () => {
  const who = await makeWebCustomer(panel);
  const service = await makeService(panel);
  const id = await order(who, service, { link: 'https://www.Instagram.com/p/AbC/?igsh=x1' });
  const other = await order(who, service, { link: 'https://instagram.com/p/other' });
  assert.deepEqual(idsOf(await list(who, `search=${id}`)), [id]);
  assert.deepEqual(idsOf(await list(who, `search=${encodeURIComponent(`#${other}`)}`)), [other]);
  for (const link of [
    'https://www.Instagram.com/p/AbC/?igsh=x1',
    'http://instagram.com/p/abc',
    'instagram.com/p/abc/',
    ' www.instagram.com/p/abc?utm_source=share#top ',
  ]) {
    const search = encodeURIComponent(link);
    assert.deepEqual(idsOf(await list(who, `search=${search}`)), [id], link);
  }
  assert.deepEqual(idsOf(await list(who, 'search=instagram.com/p/nothing')), []);
});

test('runs are listed with their parent, which says how many there are', async () => {
  const who = await makeWebCustomer(panel);
  const service = await makeService(panel, { dripfeed: true });
  const parent = await order(who, service, { runs: '3', interval: '60' });
  await createDueRuns(panel.app);
  const { rows } = await list(who, `parent=${parent}`);
  assert.deepEqual(
    rows.map(({ parent: of, run }) => [of, run]),
    [[parent, 1]],
  );
  const [row] = (await list(who, 'kind=drip_feed')).rows;
  assert.deepEqual(row?.parts, { done: 1, total: 3 });
  assert.equal(row?.canPause, true);
  assert.equal(row?.refillRefusal?.code, 'refill_disabled');
});

test('a row says what may be asked for, and why not', async () => {
  const who = await makeWebCustomer(panel);
  const poor = await makeService(panel);
  const rich = await makeService(panel, { refill: true, refillDays: 30, cancel: true });
  await order(who, poor);
  const fresh = await order(who, rich);
  const asked = await order(who, rich);
  const done = await order(who, rich);
  await settle(done, { status: 'Completed' });
  await who.tell('/orders/cancel', { orders: [asked] });
  const codes = (await list(who)).rows.map(({ id, refillRefusal, cancelRefusal }) => [
    id,
    refillRefusal?.code ?? null,
    cancelRefusal?.code ?? null,
  ]);
  assert.deepEqual(codes.slice(0, 3), [
    [done, 'refill_too_early', 'order_already_final'],
    [asked, 'order_not_completed', 'cancel_already_requested'],
    [fresh, 'order_not_completed', null],
  ]);
  assert.deepEqual(codes[3]?.slice(1), ['refill_disabled', 'cancel_disabled']);
});

test('many are refilled and cancelled at once, each with an answer of its own', async () => {
  const [who, other] = [await makeWebCustomer(panel), await makeWebCustomer(panel)];
  const service = await makeService(panel, { refill: true, cancel: true });
  const [done, running] = [await order(who, service), await order(who, service)];
  const foreign = await order(other, service);
  await settle(done, { status: 'Completed' });
  panel.clock.advance(25 * 3_600_000);
  const orders = [done, running, foreign, done];
  type Results = { results: { refill?: number | null; refusal: { code: string } | null }[] };
  const refills = await who.tell<Results>('/orders/refill', { orders });
  assert.deepEqual(
    refills.results.map(({ refusal }) => refusal?.code ?? null),
    [null, 'order_not_completed', 'incorrect_order', 'refill_too_early'],
  );
  const cancels = await who.tell<Results>('/orders/cancel', { orders: orders.slice(0, 3) });
  assert.deepEqual(
    cancels.results.map(({ refusal }) => refusal?.code ?? null),
    ['order_already_final', null, 'incorrect_order'],
  );
  const listed = await who.ask<{ rows: { order: number; status: string }[] }>('/refills');
  assert.deepEqual(
    listed.rows.map(({ order: of, status }) => [of, status]),
    [[done, 'Pending']],
  );
  assert.equal((await list(other, 'status=Pending')).rows[0]?.cancelRefusal, null);
  const many = Array.from({ length: 101 }, (_, index) => index + 1);
  for (const path of ['/orders/refill', '/orders/cancel']) {
    const answer = await who.visitor.post(`/api/customer${path}`, { orders: many });
    assert.deepEqual(refusalOf(answer), { status: 400, code: 'invalid_input' });
  }
});

test('one order is shown with its history, and a drip-feed is paused and goes on', async () => {
  const who = await makeWebCustomer(panel);
  const service = await makeService(panel, { dripfeed: true });
  const id = await order(who, service, { runs: '3', interval: '60' });
  const pause = (isPaused: boolean) =>
    who.visitor.send(`/api/customer/orders/${id}/paused`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ isPaused }),
    });
  assert.equal((await pause(true)).status, 204);
  type Answer = { order: { status: string }; timeline: { status: string }[] };
  const read = () => who.ask<Answer>(`/orders/${id}`);
  assert.equal((await read()).order.status, 'Paused');
  assert.equal((await pause(false)).status, 204);
  const { timeline } = await read();
  assert.deepEqual(
    timeline.map(({ status }) => status),
    ['Active', 'Paused', 'Active'],
  );
});

test('nobody sees orders of another customer, by any way', async () => {
  const [who, other] = [await makeWebCustomer(panel), await makeWebCustomer(panel)];
  const service = await makeService(panel, { dripfeed: true });
  const link = 'https://example.com/private';
  const foreign = await order(other, service, { link, runs: '2', interval: '60' });
  const search = encodeURIComponent(link);
  for (const query of ['', `search=${foreign}`, `search=${search}`, `parent=${foreign}`]) {
    assert.deepEqual(idsOf(await list(who, query)), [], query);
  }
  const file = await who.visitor.send(`/api/customer/orders.csv?search=${search}`, {});
  assert.equal(file.status, 200);
  const one = await who.visitor.get(`/api/customer/orders/${foreign}`);
  assert.deepEqual(refusalOf(one), { status: 404, code: 'incorrect_order' });
  for (const path of ['/orders', '/orders.csv', '/refills', `/orders/${foreign}`]) {
    const nobody = await createVisitor(panel).get(`/api/customer${path}`);
    assert.deepEqual(refusalOf(nobody), { status: 401, code: 'not_signed_in' });
    const { visitor } = await openMember(panel);
    assert.equal((await visitor.get(`/api/customer${path}`)).status, 403);
  }
});

test('the suspended look at their orders and change none', async () => {
  const who = await makeWebCustomer(panel);
  const service = await makeService(panel, { cancel: true });
  const id = await order(who, service);
  const changes = { status: 'suspended' as const };
  await updateCustomer(panel.app, staff, { customerId: who.customerId, changes });
  assert.deepEqual(idsOf(await list(who)), [id]);
  for (const path of ['/orders/refill', '/orders/cancel']) {
    const answer = await who.visitor.post(`/api/customer${path}`, { orders: [id] });
    assert.deepEqual(refusalOf(answer), { status: 403, code: 'customer_suspended' });
  }
});

test('the page of an order is its own customer’s alone', async () => {
  const [who, other] = [await makeWebCustomer(panel), await makeWebCustomer(panel)];
  const id = await order(who, await makeService(panel));
  assert.equal((await who.visitor.get(`/api/customer/orders/${id}`)).status, 200);
  const foreign = await other.visitor.get(`/api/customer/orders/${id}`);
  assert.deepEqual(refusalOf(foreign), { status: 404, code: 'incorrect_order' });
  const orderId = BigInt(id) as OrderId; // as the API named it
  const byItself = readOrder(panel.app.db, { customerId: other.customerId, orderId });
  await assert.rejects(byItself, { code: 'incorrect_order' });
});
