import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { CustomerId, PaymentId } from '../../src/base/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { dismissPayment, type PaymentsCtx, resumePayment } from '../../src/payments/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { type FakeStripe, startFakeStripe } from './fake-stripe.ts';
import {
  balanceOf,
  customerActor,
  makeMethod,
  refusal,
  returnUrl,
  sendGateway,
  sendStripe,
  sessionEvent,
  start,
  stateOf,
  succeeded,
  withStripe,
} from './steps.ts';

let panel: TestPanel;
let stripe: FakeStripe;
let ctx: PaymentsCtx;
before(async () => {
  panel = await openTestPanel();
  stripe = await startFakeStripe();
  ctx = withStripe(panel, stripe.url);
});
after(async () => {
  await stripe.stop();
  await panel.close();
});
afterEach(async () => {
  stripe.setFault('none');
  await panel.verify();
});

type Kind = 'manual' | 'stripe' | 'webhook';

async function begin(kind: Kind) {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const methodId = await makeMethod(panel, { kind });
  const paymentId = await start(ctx, { customerId, methodId });
  return { customerId, methodId, paymentId };
}

const resume = (customerId: CustomerId, paymentId: PaymentId) =>
  resumePayment(ctx, customerActor(customerId), { paymentId, returnUrl });
const dismiss = (customerId: CustomerId, paymentId: PaymentId) =>
  dismissPayment(ctx, customerActor(customerId), { paymentId });

test('a payment at Stripe goes on in its own session as long as that is open', async () => {
  const { customerId, methodId, paymentId } = await begin('stripe');
  const begun = stripe.requests.length;
  const url = `${stripe.url}/pay/cs_test_${paymentId}`;
  assert.deepEqual(await resume(customerId, paymentId), { kind: 'redirect', url });
  const asked = stripe.requests.slice(begun).map(({ path }) => path);
  assert.deepEqual(asked, [`/v1/checkout/sessions/cs_test_${paymentId}`], 'none is begun');
  stripe.setFault('error');
  await refusal(resume(customerId, paymentId), 'gateway_unavailable');
  assert.equal(await stateOf(panel, paymentId), 'started', 'it can go on later');
  stripe.setFault('none');
  stripe.setStatus(`cs_test_${paymentId}`, 'complete');
  assert.equal((await refusal(resume(customerId, paymentId), 'conflict')).detail, 'over');
  assert.equal(await sendStripe(panel, methodId, sessionEvent('completed', { paymentId })), 200);
  await refusal(resume(customerId, paymentId), 'conflict');
  assert.equal(await balanceOf(panel, customerId), '10.00');
});

test('a payment at another gateway goes on by the same number', async () => {
  const { customerId, paymentId } = await begin('webhook');
  const next = await resume(customerId, paymentId);
  assert(next.kind === 'redirect');
  assert.equal(new URL(next.url).searchParams.get('payment'), String(paymentId));
});

test('only its customer, while not suspended, goes on with a payment or ends it', async () => {
  const { customerId, paymentId } = await begin('webhook');
  const other = await begin('webhook');
  await refusal(resume(other.customerId, paymentId), 'not_found');
  await refusal(dismiss(other.customerId, paymentId), 'not_found');
  await refusal(resumePayment(ctx, staff, { paymentId, returnUrl }), 'not_allowed');
  await refusal(dismissPayment(ctx, staff, { paymentId }), 'not_allowed');
  const byHand = await begin('manual');
  assert.equal((await resume(byHand.customerId, byHand.paymentId)).kind, 'instructions');
  await updateCustomer(panel.app, staff, { customerId, changes: { status: 'suspended' } });
  await refusal(resume(customerId, paymentId), 'customer_suspended');
  assert.equal(await stateOf(panel, paymentId), 'started');
});

for (const kind of ['manual', 'stripe', 'webhook'] as const) {
  test(`a payment (${kind}) does not go on once balances are in another currency`, async () => {
    const { customerId, paymentId } = await begin(kind);
    const asked = stripe.requests.length;
    await panel.owner.sql`update settings set currency = 'JPY'`;
    try {
      assert.equal((await refusal(resume(customerId, paymentId), 'conflict')).detail, 'currency');
      assert.equal(stripe.requests.length, asked);
      await dismiss(customerId, paymentId);
      assert.equal(await stateOf(panel, paymentId), 'expired');
    } finally {
      await panel.owner.sql`update settings set currency = 'USD'`;
    }
  });

  test(`a payment (${kind}) that its customer ends is over, once`, async () => {
    const { customerId, paymentId } = await begin(kind);
    await dismiss(customerId, paymentId);
    assert.equal(await stateOf(panel, paymentId), 'expired');
    await refusal(dismiss(customerId, paymentId), 'conflict');
    await refusal(resume(customerId, paymentId), 'conflict');
    const expired = stripe.requests.some(({ path }) => path.endsWith(`_${paymentId}/expire`));
    assert.equal(expired, kind === 'stripe', 'at Stripe nobody can pay it any more');
  });
}

test('a payment is ended, too, when Stripe’s own word of that comes first', async () => {
  const { customerId, methodId, paymentId } = await begin('stripe');
  const endCheckout: PaymentsCtx['gateways']['endCheckout'] = async (...session) => {
    const isOver = await ctx.gateways.endCheckout(...session);
    assert.equal(await sendStripe(panel, methodId, sessionEvent('expired', { paymentId })), 200);
    return isOver;
  };
  const early = { ...ctx, gateways: { ...ctx.gateways, endCheckout } };
  await dismissPayment(early, customerActor(customerId), { paymentId });
  assert.equal(await stateOf(panel, paymentId), 'expired');
});

test('what is paid meanwhile is not ended, and what is paid all the same is credited', async () => {
  const paid = await begin('stripe');
  stripe.setStatus(`cs_test_${paid.paymentId}`, 'complete');
  const ended = dismiss(paid.customerId, paid.paymentId);
  assert.equal((await refusal(ended, 'conflict')).detail, 'paid');
  assert.equal(await stateOf(panel, paid.paymentId), 'started');
  const silent = await begin('stripe');
  stripe.setFault('error');
  await refusal(dismiss(silent.customerId, silent.paymentId), 'gateway_unavailable');
  assert.equal(await stateOf(panel, silent.paymentId), 'started');
  const late = await begin('webhook');
  await dismiss(late.customerId, late.paymentId);
  assert.equal(await sendGateway(panel, late.methodId, succeeded(late.paymentId)), 200);
  assert.equal(await balanceOf(panel, late.customerId), '10.00');
});
