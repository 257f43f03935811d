import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { PaymentId } from '../../src/base/index.ts';
import { parseAmount } from '../../src/base/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { confirmPayment, rejectPayment, updateMethod } from '../../src/payments/index.ts';
import { staff } from '../factories.ts';
import { gatewaySecrets, makeMethod, sendGateway, succeeded } from '../payments/steps.ts';
import { createVisitor, openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { makeWebCustomer, refusalOf, type WebCustomer } from './customers.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(async () => {
  await panel.verify();
  await panel.close();
});

type Funds = { balance: string; creditLimit: string; owed: string; methods: { id: number }[] };
type Payment = Record<string, unknown> & { id: number; state: string };
type Started = {
  payment: number;
  credit: string;
  next: { kind: string; url?: string; text?: string };
};

const pay = (who: WebCustomer, method: number, amount: string) =>
  who.tell<Started>('/funds/payments', { method, amount });
const detailOf = (body: Record<string, unknown>) => (body.error as { detail: string }).detail;

test('funds tell the balance, the credit limit and the methods that are offered', async () => {
  const who = await makeWebCustomer(panel, '12.5');
  const { customerId } = who;
  const changes = { creditLimit: parseAmount('5', 'limit') };
  await updateCustomer(panel.app, staff, { customerId, changes });
  const feeFixed = parseAmount('0.3', 'fee');
  const tier = { from: parseAmount('100', 'from'), basisPoints: 500 };
  const offered = await makeMethod(panel, { feeBasisPoints: 290, feeFixed, bonusTiers: [tier] });
  const withoutKeys = await makeMethod(panel, { kind: 'stripe', secrets: {} });
  const off = await makeMethod(panel, { enabled: false });
  const silent = await makeMethod(panel, { kind: 'manual', instructions: '' });
  const funds = await who.ask<Funds>('/funds');
  assert.deepEqual([funds.balance, funds.creditLimit, funds.owed], ['12.50', '5.00', '0.00']);
  const ids = funds.methods.map(({ id }) => id);
  assert(ids.includes(offered));
  for (const method of [withoutKeys, off, silent]) assert(!ids.includes(method));
  const { name, ...shown } = funds.methods.find(({ id }) => id === offered) as Payment;
  assert.equal(typeof name, 'string');
  assert.deepEqual(shown, {
    id: offered,
    kind: 'webhook',
    feeBasisPoints: 290,
    min: '1.00',
    max: '1000.00',
    feeFixed: '0.30',
    bonusTiers: [{ from: '100.00', basisPoints: 500 }],
  });
});

test('a quote is what a payment then brings, and is refused where a payment would be', async () => {
  const who = await makeWebCustomer(panel, '0');
  const feeFixed = parseAmount('0.5', 'fee');
  const bonusTiers = [{ from: parseAmount('100', 'from'), basisPoints: 500 }];
  const terms = { feeBasisPoints: 290, feeFixed, bonusTiers };
  const method = await makeMethod(panel, terms);
  const quote = await who.ask(`/funds/quote?method=${method}&amount=100`);
  assert.deepEqual(quote, { amount: '100.00', fee: '3.40', bonus: '5.00', credit: '101.60' });
  const { payment, next, ...pricing } = await pay(who, method, '100');
  assert.deepEqual(pricing, quote);
  const off = await makeMethod(panel, { enabled: false });
  for (const [given, amount, status, detail] of [
    [method, '0.99', 400, 'min'],
    [method, '1000.01', 400, 'max'],
    [method, '-5', 400, ''],
    [method, 'ten', 400, ''],
    [off, '10', 404, ''],
    [99_999, '10', 404, ''],
  ] as const) {
    const quoted = await who.visitor.get(
      `/api/customer/funds/quote?method=${given}&amount=${amount}`,
    );
    const body = { method: given, amount };
    const started = await who.visitor.post('/api/customer/funds/payments', body);
    for (const answer of [quoted, started]) {
      assert.equal(answer.status, status, `${given} ${amount}`);
      assert.equal(detailOf(answer.body), detail, `${given} ${amount}`);
    }
  }
});

test('what Stripe cannot take exactly is refused before anything is started', async () => {
  const who = await makeWebCustomer(panel, '0');
  const method = await makeMethod(panel, { kind: 'stripe' });
  const quoted = await who.visitor.get(`/api/customer/funds/quote?method=${method}&amount=10.005`);
  assert.deepEqual([quoted.status, detailOf(quoted.body)], [400, 'amount']);
});

test('a payment by hand has instructions, is said to be paid, and confirmed', async () => {
  const who = await makeWebCustomer(panel, '0');
  const method = await makeMethod(panel, { kind: 'manual' });
  const { payment, next } = await pay(who, method, '10');
  assert.deepEqual(next, {
    kind: 'instructions',
    text: `Send 10.00 with the number ${payment}.`,
  });
  const path = `/funds/payments/${payment}`;
  const started = await who.ask<Payment>(path);
  assert.deepEqual([started.state, started.instructions], ['started', next.text]);
  const say = (note: string) => who.visitor.post(`/api/customer${path}/paid`, { note });
  assert.equal((await say('transfer 7781')).status, 204);
  assert.equal((await say('again')).status, 204);
  const waiting = await who.ask<Payment>(path);
  assert.deepEqual([waiting.state, waiting.note], ['waiting', 'transfer 7781']);
  const paymentId = BigInt(payment) as PaymentId;
  await confirmPayment(panel.app, staff, { paymentId, note: 'seen, beware of this one' });
  const credited = await who.ask<Payment>(path);
  assert.deepEqual([credited.state, credited.note], ['credited', '']);
  assert(!JSON.stringify(credited).includes('beware'), 'notes of staff are not for customers');
  assert.equal((await who.ask<Funds>('/funds')).balance, '10.00');
  assert.deepEqual(refusalOf(await say('late')), { status: 409, code: 'conflict' });
});

test('a rejected payment is shown as failed, without what staff noted', async () => {
  const who = await makeWebCustomer(panel, '0');
  const { payment } = await pay(who, await makeMethod(panel, { kind: 'manual' }), '10');
  const paymentId = BigInt(payment) as PaymentId;
  await rejectPayment(panel.app, staff, { paymentId, note: 'secret doubt' });
  const shown = await who.ask<Payment>(`/funds/payments/${payment}`);
  assert.deepEqual([shown.state, shown.note], ['failed', '']);
});

test('a gateway is gone to with the page to come back to, and its word is seen', async () => {
  const who = await makeWebCustomer(panel, '0');
  const method = await makeMethod(panel);
  const { payment, next } = await pay(who, method, '10');
  assert.equal(next.kind, 'redirect');
  const url = new URL(String(next.url));
  assert.equal(url.origin + url.pathname, gatewaySecrets.payUrl);
  const back = url.searchParams.get('return_url');
  assert.equal(back, `${panel.url}/funds?payment=${payment}`);
  const said = await who.visitor.post(`/api/customer/funds/payments/${payment}/paid`);
  assert.deepEqual(refusalOf(said), { status: 409, code: 'conflict' });
  await sendGateway(panel, method, succeeded(BigInt(payment) as PaymentId));
  const paid = await who.ask<Payment>(`/funds/payments/${payment}`);
  assert.deepEqual([paid.state, paid.instructions], ['credited', '']);
  for (const hidden of ['externalId', 'chargeId', 'flag', 'customerName', 'events']) {
    assert(!(hidden in paid), hidden);
  }
});

test('payments are listed newest first in pages, and the open ones alone', async () => {
  const who = await makeWebCustomer(panel, '0');
  const other = await makeWebCustomer(panel, '0');
  const method = await makeMethod(panel);
  const ids: number[] = [];
  for (const amount of ['10', '20', '30']) ids.unshift((await pay(who, method, amount)).payment);
  await pay(other, method, '10');
  await sendGateway(panel, method, succeeded(BigInt(ids[2] ?? 0) as PaymentId));
  type Page = { rows: Payment[]; next: string | null };
  const list = async (query: string) => {
    const page = await who.ask<Page>(`/funds/payments?${query}`);
    return { ids: page.rows.map(({ id }) => id), next: page.next };
  };
  const first = await list('limit=2');
  assert.deepEqual(first, { ids: ids.slice(0, 2), next: String(ids[1]) });
  assert.deepEqual(await list(`limit=2&cursor=${first.next}`), { ids: ids.slice(2), next: null });
  assert.deepEqual((await list('open=true')).ids, ids.slice(0, 2));
});

test("another customer's payment is not found, and cannot be said to be paid", async () => {
  const who = await makeWebCustomer(panel, '0');
  const other = await makeWebCustomer(panel, '0');
  const { payment } = await pay(who, await makeMethod(panel, { kind: 'manual' }), '10');
  const path = `/api/customer/funds/payments/${payment}`;
  const missing = { status: 404, code: 'not_found' };
  assert.deepEqual(refusalOf(await other.visitor.get(path)), missing);
  assert.deepEqual(refusalOf(await other.visitor.post(`${path}/paid`)), missing);
  assert.equal((await who.ask<Payment>(`/funds/payments/${payment}`)).state, 'started');
});

test('the suspended see their money and start no payment', async () => {
  const who = await makeWebCustomer(panel, '7');
  const method = await makeMethod(panel, { kind: 'manual' });
  const { payment } = await pay(who, method, '10');
  const { customerId } = who;
  const changes = { status: 'suspended' as const };
  await updateCustomer(panel.app, staff, { customerId, changes });
  assert.equal((await who.ask<Funds>('/funds')).balance, '7.00');
  assert.equal((await who.ask<Payment>(`/funds/payments/${payment}`)).state, 'started');
  const answer = await who.visitor.post('/api/customer/funds/payments', { method, amount: '10' });
  assert.deepEqual(refusalOf(answer), { status: 403, code: 'customer_suspended' });
});

test('a method that is turned off takes no new payment', async () => {
  const who = await makeWebCustomer(panel, '0');
  const method = await makeMethod(panel);
  await updateMethod(panel.app, staff, { methodId: method, changes: { enabled: false } });
  const answer = await who.visitor.post('/api/customer/funds/payments', { method, amount: '10' });
  assert.deepEqual(refusalOf(answer), { status: 404, code: 'not_found' });
});

test('nobody else is let in', async () => {
  const nobody = createVisitor(panel);
  for (const path of ['', '/quote?method=1&amount=1', '/payments', '/payments/1', '/statement']) {
    const answer = await nobody.get(`/api/customer/funds${path}`);
    assert.deepEqual(refusalOf(answer), { status: 401, code: 'not_signed_in' }, path);
  }
});

test('a payment that was left goes on at the gateway until its customer dismisses it', async () => {
  const who = await makeWebCustomer(panel, '0');
  const method = await makeMethod(panel);
  const { payment } = await pay(who, method, '10');
  const { next } = await who.tell<Started>(`/funds/payments/${payment}/resume`, {});
  assert.equal(next.kind, 'redirect');
  assert.equal(new URL(next.url ?? '').searchParams.get('payment'), String(payment));
  const dismiss = () => who.visitor.post(`/api/customer/funds/payments/${payment}/dismiss`);
  assert.equal((await dismiss()).status, 204);
  assert.deepEqual(refusalOf(await dismiss()), { status: 409, code: 'conflict' });
  const { rows } = await who.ask<{ rows: Payment[] }>('/funds/payments?open=true');
  assert.deepEqual(rows, []);
  const { state } = await who.ask<Payment>(`/funds/payments/${payment}`);
  assert.equal(state, 'expired');
});
