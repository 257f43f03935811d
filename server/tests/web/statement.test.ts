import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type OrderId, type PaymentId, parseAmount } from '../../src/base/index.ts';
import { updateProfile } from '../../src/customers/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { addFunds, adjustBalance } from '../../src/payments/index.ts';
import { makeService, staff } from '../factories.ts';
import { makeMethod, sendGateway, succeeded } from '../payments/steps.ts';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { makeWebCustomer, type WebCustomer } from './customers.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

type Line = { number: number; change: string; cause: string; createdAt: string } & Record<
  'order' | 'payment' | 'reason' | 'balanceAfter',
  unknown
>;
type Page = { rows: Line[]; next: string | null };

const read = async (who: WebCustomer, query = '') =>
  (await who.ask<Page>(`/funds/statement?${query}`)).rows;
const amount = (text: string) => parseAmount(text, 'amount');

async function download(who: WebCustomer, query = ''): Promise<string[]> {
  const cookie = [...who.visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(`${panel.url}/api/customer/funds/statement.csv?${query}`, {
    headers: { cookie },
  });
  assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
  return (await response.text()).split('\r\n').filter((line) => line !== '');
}

/** Somebody whose wallet has moved for every reason but a returned payment. */
async function makeBusy() {
  const who = await makeWebCustomer(panel, '100');
  const { customerId } = who;
  const service = await makeService(panel, { rate: '10', min: 10, max: 1_000, cancel: true });
  const fields = { link: 'https://example.com/a', quantity: '100' };
  const { id: order } = await who.tell<{ id: number }>('/orders', { service, fields });
  const orderId = BigInt(order) as OrderId;
  await settleOrder(panel.app, staff, { orderId, status: 'Partial', remains: 40n });
  await settleOrder(panel.app, staff, { orderId, status: 'Partial', remains: 10n });
  const tiers = [{ from: amount('10'), basisPoints: 1_000 }];
  const method = await makeMethod(panel, { bonusTiers: tiers });
  const { payment } = await who.tell<{ payment: number }>('/funds/payments', {
    method,
    amount: '10',
  });
  await sendGateway(panel, method, succeeded(BigInt(payment) as PaymentId));
  const returned = { amount: '4.00', charge: `transaction-${payment}` };
  const event = { id: `back-${payment}`, type: 'payment.refunded', payment: String(payment) };
  await sendGateway(panel, method, { ...event, ...returned });
  const reason = '=1+1, sorry for the delay';
  await adjustBalance(panel.app, staff, { customerId, amount: amount('2.5'), reason });
  await addFunds(panel.app, staff, {
    customerId,
    amount: amount('1'),
    reference: 'gift',
    source: 'bonuses',
  });
  return { who, order, payment };
}

test('every line says what it was for, and which order or payment', async () => {
  const { who, order, payment } = await makeBusy();
  const lines = (await read(who)).toReversed();
  assert.deepEqual(
    lines.map((line) => [line.cause, line.change, line.order, line.payment]),
    [
      ['deposit', '100.00', null, null],
      ['order', '-1.00', order, null],
      ['refund', '0.40', order, null],
      ['refund_taken_back', '-0.30', order, null],
      ['deposit', '10.00', null, payment],
      ['bonus', '1.00', null, payment],
      ['payment_returned', '-4.40', null, payment],
      ['adjustment', '2.50', null, null],
      ['bonus', '1.00', null, null],
    ],
  );
  assert.equal(lines[7]?.reason, '=1+1, sorry for the delay');
  assert.equal(lines.at(-1)?.balanceAfter, '109.20');
  const shown = JSON.stringify(lines);
  assert(!shown.includes('gift') && !shown.includes('start-'), "staff's references are theirs");
});

test('it is narrowed down to one kind of line', async () => {
  const { who } = await makeBusy();
  const kinds = async (kind: string) =>
    (await read(who, `kind=${kind}`)).map(({ cause, change }) => `${cause} ${change}`);
  assert.deepEqual(await kinds('deposits'), ['deposit 10.00', 'deposit 100.00']);
  assert.deepEqual(await kinds('bonuses'), ['bonus 1.00', 'bonus 1.00']);
  assert.deepEqual(await kinds('orders'), ['refund_taken_back -0.30', 'order -1.00']);
  assert.deepEqual(await kinds('refunds'), ['refund 0.40']);
  assert.deepEqual(await kinds('adjustments'), ['adjustment 2.50', 'payment_returned -4.40']);
  const bad = await who.visitor.get('/api/customer/funds/statement?kind=odd');
  assert.equal(bad.status, 400);
});

test('pages neither repeat nor miss a line', async () => {
  const { who } = await makeBusy();
  const numbers: number[] = [];
  let cursor = '';
  for (;;) {
    const page = await who.ask<Page>(`/funds/statement?limit=4${cursor}`);
    numbers.push(...page.rows.map(({ number }) => number));
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  assert.deepEqual(numbers, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
  assert.equal((await who.visitor.get('/api/customer/funds/statement?cursor=x')).status, 400);
});

/** Somebody with a line every hour, whose days are those of Shanghai. */
async function makeLong(count: number) {
  const who = await makeWebCustomer(panel, '0');
  const { customerId } = who;
  const actor = { kind: 'customer' as const, customerId, keyId: null };
  await updateProfile(panel.app, actor, { timeZone: 'Asia/Shanghai' });
  await panel.owner.sql`
    insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
      created_at)
    select ${customerId}::int, n, 'bonuses', 'wallet', 1, n, 'bonuses:' || n,
      '2026-03-01T00:30:00Z'::timestamptz + n * interval '1 hour'
    from generate_series(1, ${count}::int) n`;
  return who;
}

test("days are those of the customer's time zone, the last one whole", async () => {
  const who = await makeLong(100);
  const day = await read(who, 'from=2026-03-03&to=2026-03-03&limit=100');
  // From 16:30 to 15:30 UTC: midnight in Shanghai is 16:00 UTC.
  assert.equal(day.length, 24);
  assert.equal(day.at(-1)?.createdAt, '2026-03-02T16:30:00.000Z');
  assert.equal(day[0]?.createdAt, '2026-03-03T15:30:00.000Z');
  const from = await read(who, 'from=2026-03-05&limit=100');
  assert.equal(from.at(-1)?.createdAt, '2026-03-04T16:30:00.000Z');
  assert.deepEqual(await read(who, 'to=2026-03-01&limit=100').then((rows) => rows.length), 15);
  assert.deepEqual(await read(who, 'from=2026-04-01'), []);
  assert.deepEqual(await read(who, 'to=2026-02-01'), []);
  const paged = await who.ask<Page>('/funds/statement?from=2026-03-03&to=2026-03-03&limit=10');
  const second = await who.ask<Page>(
    `/funds/statement?from=2026-03-03&to=2026-03-03&limit=10&cursor=${paged.next}`,
  );
  assert.equal(second.rows[0]?.number, (paged.rows.at(-1)?.number ?? 0) - 1);
  assert.equal((await who.visitor.get('/api/customer/funds/statement?from=today')).status, 400);
  assert.equal(
    (await who.visitor.get('/api/customer/funds/statement?from=2026-02-31')).status,
    400,
  );
});

test('the file has every line of the filter once, over many batches', async () => {
  const who = await makeLong(1_700);
  const [head, ...lines] = await download(who);
  assert.equal(head, 'number,time,cause,change,balance_after,order,payment,reason');
  const numbers = lines.map((line) => Number(line.split(',')[0]));
  assert.deepEqual(
    numbers,
    Array.from({ length: 1_700 }, (_, index) => 1_700 - index),
  );
  assert.equal(lines.at(-1), '1,2026-03-01T01:30:00.000Z,bonus,0.00000001,0.00000001,,,');
  const day = await download(who, 'kind=bonuses&from=2026-03-03&to=2026-03-03');
  assert.equal(day.length, 1 + 24);
});

test('no cell of it is a formula to the program that opens it', async () => {
  const { who } = await makeBusy();
  const lines = await download(who, 'kind=adjustments');
  assert.match(lines[1] ?? '', /,adjustment,2\.50,[\d.]+,,,"'=1\+1, sorry for the delay"$/);
  assert.match(lines[2] ?? '', /,payment_returned,-4\.40,/);
});

test("nobody reads another customer's lines", async () => {
  const { who } = await makeBusy();
  const other = await makeWebCustomer(panel, '0');
  assert.deepEqual(await read(other), []);
  assert.equal((await download(other)).length, 1);
  assert.equal((await read(who)).length, 9);
});
