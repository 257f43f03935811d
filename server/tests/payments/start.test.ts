import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { createLog, dayMs, hourMs, parseAmount, setFailpoint } from '../../src/base/index.ts';
import { updateSettings } from '../../src/catalog/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import {
  createGateways,
  expirePayments,
  listPayments,
  readInstructions,
  readPanelId,
  readPayment,
  reportPaid,
  startPayment,
  updateMethod,
} from '../../src/payments/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel, testSecret } from '../harness.ts';
import { type FakeStripe, startFakeStripe } from './fake-stripe.ts';
import {
  balanceOf,
  customerActor,
  gatewaySecrets,
  makeMethod,
  refusal,
  returnUrl,
  sendStripe,
  sessionEvent,
  start,
  stateOf,
  stripeSecrets,
  withStripe,
} from './steps.ts';

let panel: TestPanel;
let stripe: FakeStripe;
const logged: string[] = [];
const log = createLog('debug', { write: (line) => logged.push(line) });

before(async () => {
  panel = await openTestPanel({ log });
  stripe = await startFakeStripe();
});
after(async () => {
  await stripe.stop();
  await panel.close();
});
afterEach(async () => {
  stripe.setFault('none');
  setFailpoint('payment.after_session');
  await panel.verify();
});

const amount = (text: string) => parseAmount(text, 'amount');

async function makePayer() {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  return { customerId, actor: customerActor(customerId) };
}

test('a payment by hand tells how to pay, and its price is fixed when it is started', async () => {
  const { customerId, actor } = await makePayer();
  const methodId = await makeMethod(panel, {
    kind: 'manual',
    feeBasisPoints: 290,
    feeFixed: amount('0.3'),
    bonusTiers: [{ from: amount('50'), basisPoints: 500 }],
  });
  const ask = { methodId, amount: amount('50'), returnUrl };
  const started = await startPayment(panel.app, actor, ask);
  const { paymentId, next } = started;
  const expected = { amount: '50', fee: '1.75', bonus: '2.5', credit: '50.75' };
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(Reflect.get(started, name), amount(value), name);
  }
  const text = `Send 50.00 with the number ${paymentId}.`;
  assert.deepEqual(next, { kind: 'instructions', text });
  assert.equal(await readInstructions(panel.app.db, { customerId, paymentId }), text);
  const other = await makePayer();
  const foreign = { customerId: other.customerId, paymentId };
  await refusal(readInstructions(panel.app.db, foreign), 'not_found');

  await updateMethod(panel.app, staff, { methodId, changes: { feeBasisPoints: 5_000 } });
  assert.equal((await readPayment(panel.app.db, paymentId)).fee, amount('1.75'));
  assert.equal(await balanceOf(panel, customerId), '0.00');
});

test('a customer says once that a payment by hand is made; nobody else can', async () => {
  const { customerId, actor } = await makePayer();
  const methodId = await makeMethod(panel, { kind: 'manual' });
  const paymentId = await start(panel.app, { customerId, methodId });
  const other = await makePayer();
  await refusal(reportPaid(panel.app, other.actor, { paymentId }), 'not_found');
  await refusal(reportPaid(panel.app, staff, { paymentId }), 'not_allowed');
  await reportPaid(panel.app, actor, { paymentId, note: ' from\naccount 12 ' });
  await reportPaid(panel.app, actor, { paymentId, note: 'again' });
  const details = await readPayment(panel.app.db, paymentId);
  assert.equal(details.state, 'waiting');
  assert.equal(details.note, 'from account 12');
  assert.equal(details.events.length, 2);
  const gateway = await makeMethod(panel);
  const online = await start(panel.app, { customerId, methodId: gateway });
  await refusal(reportPaid(panel.app, actor, { paymentId: online }), 'conflict');
});

test('a payment at a gateway leads to its signed address', async () => {
  const { actor } = await makePayer();
  const methodId = await makeMethod(panel);
  const ask = { methodId, amount: amount('12.5'), returnUrl: `${returnUrl}?tab=1` };
  const { paymentId, next } = await startPayment(panel.app, actor, ask);
  assert(next.kind === 'redirect');
  const [, signed = '', signature] = /\?(.*)&signature=(.*)$/.exec(next.url) ?? [];
  const expected = createHmac('sha256', gatewaySecrets.secret).update(signed).digest('hex');
  assert.equal(signature, expected);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(signed)), {
    payment: String(paymentId),
    amount: '12.50',
    currency: 'USD',
    return_url: `${returnUrl}?tab=1&payment=${paymentId}`,
    timestamp: String(panel.clock.now().getTime() / 1_000),
  });
});

test('Stripe is asked for exactly the amount, under the number of the payment', async () => {
  const { customerId } = await makePayer();
  const ctx = withStripe(panel, stripe.url);
  const methodId = await makeMethod(panel, { kind: 'stripe' });
  const ask = { methodId, amount: amount('12.34'), returnUrl };
  const { paymentId, next } = await startPayment(ctx, customerActor(customerId), ask);
  assert.deepEqual(next, {
    kind: 'redirect',
    url: `${stripe.url}/pay/cs_test_${paymentId}`,
  });
  const request = stripe.requests.at(-1);
  assert(request !== undefined);
  assert.equal(request.path, '/v1/checkout/sessions');
  const panelId = await readPanelId(panel.app.db);
  assert.equal(request.idempotencyKey, `panelwright-${panelId}-payment-${paymentId}`);
  assert.equal(request.key, `Bearer ${stripeSecrets.secretKey}`);
  const fields = Object.fromEntries(request.fields);
  assert.partialDeepStrictEqual(fields, {
    mode: 'payment',
    'line_items[0][quantity]': '1',
    'line_items[0][price_data][currency]': 'usd',
    'line_items[0][price_data][unit_amount_decimal]': '1234',
    'adaptive_pricing[enabled]': 'false',
    client_reference_id: String(paymentId),
    'metadata[panelwright_payment]': String(paymentId),
    'metadata[panelwright_panel]': panelId,
    'payment_intent_data[metadata][panelwright_payment]': String(paymentId),
    'payment_intent_data[metadata][panelwright_panel]': panelId,
    success_url: `${returnUrl}?payment=${paymentId}&result=paid`,
    cancel_url: `${returnUrl}?payment=${paymentId}&result=canceled`,
  });
  const details = await readPayment(panel.app.db, paymentId);
  assert.equal(details.externalId, `cs_test_${paymentId}`);
  const tooFine = { methodId, amount: amount('12.345'), returnUrl };
  await refusal(startPayment(ctx, customerActor(customerId), tooFine), 'invalid_input');
});

for (const fault of ['error', 'refused', 'hang', 'reset', 'html', 'redirect'] as const) {
  test(`Stripe that answers with "${fault}" fails the payment and credits nothing`, async () => {
    const { customerId, actor } = await makePayer();
    const gateways = createGateways({
      secret: testSecret,
      stripeApi: new URL(stripe.url),
      timeoutMs: 300,
    });
    const methodId = await makeMethod(panel, { kind: 'stripe' });
    stripe.setFault(fault);
    const before = stripe.requests.length;
    const ask = { methodId, amount: amount('10'), returnUrl };
    const work = startPayment({ ...panel.app, gateways }, actor, ask);
    const error = await refusal(work, 'gateway_unavailable');
    assert.equal(error.message, 'the payment service could not start the payment');
    const { payments } = await listPayments(panel.app.db, { customerId, limit: 10 });
    assert.deepEqual(
      payments.map(({ state }) => state),
      ['failed'],
    );
    assert.equal(await balanceOf(panel, customerId), '0.00');
    const keys = stripe.requests.slice(before).map(({ idempotencyKey }) => idempotencyKey);
    const panelId = await readPanelId(panel.app.db);
    assert.deepEqual([...new Set(keys)], [`panelwright-${panelId}-payment-${payments[0]?.id}`]);
    const { events } = await readPayment(panel.app.db, payments[0]?.id ?? assert.fail());
    const told = JSON.stringify([events.map(({ note }) => note), error.message, logged]);
    assert(told.includes('could not be started'));
    assert(!told.includes(stripeSecrets.secretKey), told);
  });
}

test('a payment whose start was cut off can still be paid', async () => {
  const { customerId } = await makePayer();
  const ctx = withStripe(panel, stripe.url);
  const methodId = await makeMethod(panel, { kind: 'stripe' });
  setFailpoint('payment.after_session', () => {
    throw new Error('the process died');
  });
  await assert.rejects(start(ctx, { customerId, methodId }), /the process died/);
  const { payments } = await listPayments(panel.app.db, { customerId, limit: 1 });
  const paymentId = payments[0]?.id ?? assert.fail();
  assert.equal(await stateOf(panel, paymentId), 'started');
  assert.equal(await sendStripe(panel, methodId, sessionEvent('completed', { paymentId })), 200);
  assert.equal(await balanceOf(panel, customerId), '10.00');
});

test('a webhook that is faster than the answer it follows stays', async () => {
  const { customerId } = await makePayer();
  const ctx = withStripe(panel, stripe.url);
  const methodId = await makeMethod(panel, { kind: 'stripe' });
  setFailpoint('payment.after_session', async () => {
    const { payments } = await listPayments(panel.app.db, { customerId, limit: 1 });
    const paymentId = payments[0]?.id ?? assert.fail();
    await sendStripe(panel, methodId, sessionEvent('completed', { paymentId }));
  });
  const paymentId = await start(ctx, { customerId, methodId });
  assert.equal(await stateOf(panel, paymentId), 'credited');
  assert.equal(await balanceOf(panel, customerId), '10.00');
});

test('amounts are within the method, and what is refused leaves no payment', async () => {
  const { customerId, actor } = await makePayer();
  const methodId = await makeMethod(panel, { min: '5', max: '20', feeFixed: amount('4') });
  const tried = async (text: string) => {
    const ask = { methodId, amount: amount(text), returnUrl };
    return (await refusal(startPayment(panel.app, actor, ask), 'invalid_input')).detail;
  };
  assert.equal(await tried('4.99999999'), 'min');
  assert.equal(await tried('20.00000001'), 'max');
  assert.equal(await tried('0'), 'min');
  const ask = { methodId, amount: amount('5'), returnUrl: 'javascript:alert(1)' };
  await refusal(startPayment(panel.app, actor, ask), 'invalid_input');
  const unknown = 9_999 as typeof methodId;
  const lost = { ...ask, returnUrl, methodId: unknown };
  await refusal(startPayment(panel.app, actor, lost), 'not_found');
  await refusal(startPayment(panel.app, staff, { ...ask, returnUrl }), 'not_allowed');
  const { payments } = await listPayments(panel.app.db, { customerId, limit: 10 });
  assert.deepEqual(payments, []);
  await start(panel.app, { customerId, methodId, amount: '5' });
  await start(panel.app, { customerId, methodId, amount: '20' });
});

test('a suspended customer starts no payment', async () => {
  const { customerId } = await makePayer();
  const methodId = await makeMethod(panel);
  const changes = { status: 'suspended' } as const;
  await updateCustomer(panel.app, staff, { customerId, changes });
  await refusal(start(panel.app, { customerId, methodId }), 'customer_suspended');
});

test('a customer has at most 20 unpaid payments, also when all are started at once', async () => {
  const { customerId } = await makePayer();
  const methodId = await makeMethod(panel);
  const all = await Promise.allSettled(
    Array.from({ length: 30 }, () => start(panel.app, { customerId, methodId })),
  );
  assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 20);
  await refusal(start(panel.app, { customerId, methodId }), 'conflict');
});

test('what nobody pays expires: at a gateway after 26 hours, by hand after 14 days', async () => {
  const { customerId, actor } = await makePayer();
  const manual = await makeMethod(panel, { kind: 'manual' });
  const gateway = await makeMethod(panel);
  const byHand = await start(panel.app, { customerId, methodId: manual });
  const said = await start(panel.app, { customerId, methodId: manual });
  await reportPaid(panel.app, actor, { paymentId: said });
  const online = await start(panel.app, { customerId, methodId: gateway });
  const states = () => Promise.all([byHand, said, online].map((id) => stateOf(panel, id)));
  const expire = async () => {
    while ((await expirePayments(panel.app)) > 0);
  };
  panel.clock.advance(26 * hourMs);
  await expire();
  assert.deepEqual(await states(), ['started', 'waiting', 'started']);
  panel.clock.advance(1);
  await expire();
  assert.deepEqual(await states(), ['started', 'waiting', 'expired']);
  panel.clock.advance(14 * dayMs);
  await expire();
  assert.deepEqual(await states(), ['expired', 'waiting', 'expired']);
  await reportPaid(panel.app, actor, { paymentId: byHand });
  assert.equal(await stateOf(panel, byHand), 'waiting');
});

test('in a currency without decimals Stripe is asked for whole ones', async () => {
  const other = await openTestPanel();
  try {
    await updateSettings(other.app, staff, { currency: 'JPY' });
    const { customerId } = await makeCustomer(other, { funds: '0' });
    const methodId = await makeMethod(other, { kind: 'stripe' });
    const ctx = withStripe(other, stripe.url);
    await start(ctx, { customerId, methodId, amount: '500' });
    const sent = stripe.requests.at(-1)?.fields;
    assert.equal(sent?.get('line_items[0][price_data][unit_amount_decimal]'), '500');
    assert.equal(sent?.get('line_items[0][price_data][currency]'), 'jpy');
    await refusal(start(ctx, { customerId, methodId, amount: '500.5' }), 'invalid_input');
  } finally {
    await other.close();
  }
});
