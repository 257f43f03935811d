import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { blockLink } from '../../src/catalog/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { massLinesMax } from '../../src/orders/index.ts';
import { makeService, staff } from '../factories.ts';
import { createVisitor, openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { makeWebCustomer, refusalOf, type WebCustomer } from './customers.ts';

type Refusal = { code: string; detail: string } | null;
type Checked = {
  lines: {
    order: { service: number; quantity: number; charge: string } | null;
    refusal: Refusal;
  }[];
  total: string;
};
type Placed = { lines: { outcome: string; id: number | null; refusal: Refusal }[] };

let panel: SignInPanel;
let customer: WebCustomer;
before(async () => {
  panel = await openSignInPanel();
});
after(async () => {
  await panel.verify();
  await panel.close();
});

const check = (who: WebCustomer, lines: string[]) =>
  who.tell<Checked>('/mass-orders/check', { lines });

const place = (who: WebCustomer, lines: { text: string; requestId: string }[]) =>
  who.tell<Placed>('/mass-orders', { lines });

async function countOrders({ customerId }: WebCustomer): Promise<number> {
  const rows = await panel.app.db
    .selectFrom('orders')
    .select('id')
    .where('customer_id', '=', customerId)
    .execute();
  return rows.length;
}

async function balanceOf(who: WebCustomer): Promise<string> {
  const { signedIn } = await who.ask<{ signedIn: { customer: { balance: string } } }>('/session');
  return signedIn.customer.balance;
}

test('each line is checked by itself, good ones are summed, nothing is charged', async () => {
  customer = await makeWebCustomer(panel, '10');
  const service = await makeService(panel, { rate: '2', min: 100, max: 1_000 });
  const pack = await makeService(panel, { type: 'Package', rate: '3', min: 1, max: 1 });
  const comments = await makeService(panel, { type: 'Custom Comments' });
  const gone = await makeService(panel, { enabled: false });
  const hidden = await makeService(panel, { hidden: true });
  await blockLink(panel.app, staff, 'blocked.example');
  await panel.app.catalog.refresh();
  const { lines, total } = await check(customer, [
    `${service} | 500 | https://example.com/a`,
    `${pack}||https://example.com/b?x=1|2`,
    `${service} | 99 | https://example.com/c`,
    `${service} | 1001 | https://example.com/d`,
    `${service} | many | https://example.com/e`,
    `${service} | 500 |`,
    `${service} | 500 | https://blocked.example/f`,
    '999999 | 500 | https://example.com/g',
    'no order at all',
    `${service}`,
    'followers | 500 | https://example.com/g',
    '| 500 | https://example.com/g',
    `${gone} | 500 | https://example.com/g`,
    `${hidden} | 500 | https://example.com/g`,
    `${comments} | 500 | https://example.com/h`,
  ]);
  assert.deepEqual(
    lines.map(({ refusal }) => refusal && [refusal.code, refusal.detail]),
    [
      null,
      null,
      ['quantity_below_min', '100'],
      ['quantity_above_max', '1000'],
      ['incorrect_quantity', ''],
      ['bad_link', ''],
      ['bad_link', ''],
      ['unknown_service', '999999'],
      ['incorrect_line', ''],
      ['incorrect_line', ''],
      ['incorrect_line', ''],
      ['incorrect_line', ''],
      ['incorrect_service', ''],
      ['unknown_service', String(hidden)],
      ['incorrect_field', 'comments'],
    ],
  );
  assert.deepEqual(lines[0]?.order, { service, quantity: 500, charge: '1.00' });
  assert.deepEqual(lines[1]?.order, { service: pack, quantity: 1, charge: '3.00' });
  assert.equal(lines[2]?.order, null);
  assert.equal(total, '4.00');
  assert.equal(await countOrders(customer), 0);
  assert.equal(await balanceOf(customer), '10.00');
});

test('the lines that the balance does not cover are known before, and summed too', async () => {
  const poor = await makeWebCustomer(panel, '1.5');
  const service = await makeService(panel, { rate: '1', min: 1 });
  const line = (name: string) => `${service} | 1000 | https://example.com/${name}`;
  const texts = [line('one'), line('two'), `${service} | 500 | https://example.com/three`];
  const { lines, total } = await check(poor, texts);
  const codes = lines.map(({ refusal }) => refusal?.code ?? null);
  assert.deepEqual(codes, [null, 'insufficient_funds', null]);
  assert.equal(total, '2.50');
  const placed = await place(
    poor,
    texts.map((text, index) => ({ text, requestId: `poor-${index}` })),
  );
  assert.deepEqual(
    placed.lines.map(({ outcome, refusal }) => refusal?.code ?? outcome),
    ['placed', 'insufficient_funds', 'placed'],
  );
  assert.equal(await balanceOf(poor), '0.00');
});

test('a second line on a link that takes one order only is refused at the check', async () => {
  const service = await makeService(panel, { denyDuplicates: true });
  const text = `${service} | 100 | https://example.com/once`;
  const { lines } = await check(customer, [text, text]);
  assert.deepEqual(
    lines.map(({ refusal }) => refusal?.code ?? null),
    [null, 'active_order_with_link'],
  );
});

test('a repeat places nothing twice, also at once, and answers the same orders', async () => {
  const who = await makeWebCustomer(panel, '50');
  const service = await makeService(panel);
  const lines = Array.from({ length: 40 }, (_, index) => ({
    text: `${service} | 100 | https://example.com/${index}`,
    requestId: `mass-${index}`,
  }));
  const answers = await Promise.all([place(who, lines), place(who, lines), place(who, lines)]);
  const again = await place(who, lines);
  for (const answer of answers) assert.deepEqual(answer, again);
  assert(again.lines.every(({ outcome }) => outcome === 'placed'));
  assert.equal(new Set(again.lines.map(({ id }) => id)).size, lines.length);
  assert.equal(await countOrders(who), lines.length);
});

test('the same line twice is two orders, and no request id is for two', async () => {
  const who = await makeWebCustomer(panel);
  const service = await makeService(panel);
  const text = `${service} | 100 | https://example.com/same`;
  const { lines } = await place(who, [
    { text, requestId: 'one' },
    { text, requestId: 'two' },
    { text: `${service} | 200 | https://example.com/same`, requestId: 'one' },
  ]);
  assert.deepEqual(
    lines.map(({ outcome, refusal }) => refusal?.code ?? outcome),
    ['placed', 'placed', 'request_id_reused'],
  );
  assert.equal(await countOrders(who), 2);
});

test('a request id of one customer says nothing to another', async () => {
  const [one, two] = [await makeWebCustomer(panel), await makeWebCustomer(panel)];
  const service = await makeService(panel);
  const lines = [{ text: `${service} | 100 | https://example.com/x`, requestId: 'shared' }];
  const [first, second] = [await place(one, lines), await place(two, lines)];
  assert.notEqual(first.lines[0]?.id, second.lines[0]?.id);
  assert.equal(await countOrders(two), 1);
});

test('too many lines, a suspended customer and nobody are refused', async () => {
  const who = await makeWebCustomer(panel);
  const lines = Array.from({ length: massLinesMax + 1 }, () => '1 | 1 | x');
  const many = await who.visitor.post('/api/customer/mass-orders/check', { lines });
  assert.deepEqual(refusalOf(many), { status: 400, code: 'invalid_input' });
  const nobody = await createVisitor(panel).post('/api/customer/mass-orders/check', { lines: [] });
  assert.deepEqual(refusalOf(nobody), { status: 401, code: 'not_signed_in' });
  const changes = { status: 'suspended' as const };
  await updateCustomer(panel.app, staff, { customerId: who.customerId, changes });
  for (const path of ['/mass-orders/check', '/mass-orders']) {
    const answer = await who.visitor.post(`/api/customer${path}`, { lines: [] });
    assert.equal(refusalOf(answer).status, 403);
  }
});
