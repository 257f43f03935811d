import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { PaymentMethodId } from '../../src/base/index.ts';
import {
  confirmPayment,
  listPayments,
  listStrays,
  readPanelId,
  readPayment,
} from '../../src/payments/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { type FakeStripe, startFakeStripe } from './fake-stripe.ts';
import {
  balanceOf,
  makeMethod,
  refundEvent,
  refusal,
  sendStripe,
  sessionEvent,
  start,
  stateOf,
  stripeEvent,
  withStripe,
} from './steps.ts';

// Two panels with one account of Stripe hear of each other's payments, and number theirs alike.

let panel: TestPanel;
let stripe: FakeStripe;
let panelId: string;
before(async () => {
  panel = await openTestPanel();
  stripe = await startFakeStripe();
  panelId = await readPanelId(panel.app.db);
  await panel.owner.sql`update migrations set applied_at = ${panel.clock.now()}
    where name = '0050_panel_identity.sql'`;
});
after(async () => {
  await stripe.stop();
  await panel.close();
});
afterEach(() => panel.verify());

const another = { panelId: '00000000-0000-4000-8000-000000000000' };
const elsewhere = { sessionId: 'cs_test_elsewhere', chargeId: 'pi_elsewhere' };

/** A started payment of 10.00. */
async function begin() {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const methodId = await makeMethod(panel, { kind: 'stripe' });
  const paymentId = await start(withStripe(panel, stripe.url), { customerId, methodId });
  const send = async (event: object) => {
    assert.equal(await sendStripe(panel, methodId, event), 200);
  };
  const balance = () => balanceOf(panel, customerId);
  return { methodId, paymentId, send, balance };
}

/** What is kept of a method's reports for staff, by what they say. */
async function straysOf(methodId: PaymentMethodId): Promise<unknown[]> {
  const strays = await listStrays(panel.app.db, 100);
  const own = strays.filter((stray) => stray.methodId === methodId);
  return own.map(({ report }) => report.kind);
}

test('the name of a panel is a random one', () => {
  assert.match(panelId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test('what is paid at, or given back by, another panel is none of a payment here', async () => {
  const { methodId, paymentId, send, balance } = await begin();
  await send(sessionEvent('completed', { paymentId, ...another, ...elsewhere }));
  await send(sessionEvent('expired', { paymentId, ...another, ...elsewhere }));
  assert.equal(await stateOf(panel, paymentId), 'started');
  await send(refundEvent(paymentId, 1_000, { ...another, ...elsewhere }));
  await send(sessionEvent('completed', { paymentId, panelId }));
  await send(refundEvent(paymentId, 1_000, { ...another, ...elsewhere }));
  assert.equal(await stateOf(panel, paymentId), 'credited');
  assert.equal(await balance(), '10.00');
  assert.deepEqual(await straysOf(methodId), []);
  await send(refundEvent(paymentId, 400, { panelId }));
  assert.equal(await balance(), '6.00');
});

test('a payment that was begun before panels had names is known by its number', async () => {
  const { paymentId, send, balance } = await begin();
  await send(sessionEvent('completed', { paymentId }));
  await send(refundEvent(paymentId, 400));
  assert.equal(await balance(), '6.00');
});

test('a number alone is believed only of payments from before panels had names', async () => {
  stripe.setFault('error');
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const methodId = await makeMethod(panel, { kind: 'stripe' });
  // Stripe did not answer, so no session is known that could differ.
  await refusal(
    start(withStripe(panel, stripe.url), { customerId, methodId }),
    'gateway_unavailable',
  );
  stripe.setFault('none');
  const { payments } = await listPayments(panel.app.db, { customerId, limit: 1 });
  const paymentId = payments[0]?.id;
  assert(paymentId !== undefined);
  const paid = (at: object) =>
    sendStripe(panel, methodId, sessionEvent('completed', { paymentId, ...at }));
  await paid(elsewhere);
  await sendStripe(panel, methodId, refundEvent(paymentId, 1_000, elsewhere));
  assert.equal(await stateOf(panel, paymentId), 'failed');
  assert.deepEqual(await straysOf(methodId), ['paid', 'refunded']);
  const past = new Date(panel.clock.now().getTime() - 1);
  await panel.owner.sql`update payments set created_at = ${past} where id = ${paymentId}`;
  await paid({});
  assert.equal(await balanceOf(panel, customerId), '10.00');
});

test('another session than that of the payment is kept for staff, whatever it says', async () => {
  const { methodId, paymentId, send, balance } = await begin();
  const event = { paymentId, ...elsewhere };
  const paid = sessionEvent('completed', event);
  for (const _ of [1, 2]) await send(paid);
  await send(sessionEvent('completed', { ...event, status: 'unpaid' }));
  await send(sessionEvent('async_payment_failed', event));
  await send(sessionEvent('expired', event));
  assert.equal(await stateOf(panel, paymentId), 'started');
  assert.equal(await balance(), '0.00');
  const { externalId } = await readPayment(panel.app.db, paymentId);
  assert.equal(externalId, `cs_test_${paymentId}`);
  assert.deepEqual(await straysOf(methodId), ['paid', 'processing', 'failed', 'expired']);
  await send(sessionEvent('completed', { paymentId }));
  await send(sessionEvent('completed', { paymentId, sessionId: elsewhere.sessionId }));
  assert.equal(await stateOf(panel, paymentId), 'credited');
  assert.equal(await balance(), '10.00');
});

test('what else the account sells, in a currency of no panel, changes nothing', async () => {
  const { methodId, send } = await begin();
  const sold = { payment_intent: 'pi_sold', currency: 'ugx' };
  await send(stripeEvent('charge.refunded', { ...sold, amount_refunded: 5_000, metadata: {} }));
  const dispute = { id: 'dp_sold', status: 'lost', amount: 5_000 };
  await send(stripeEvent('charge.dispute.closed', { ...sold, ...dispute }));
  assert.deepEqual(await straysOf(methodId), []);
});

test('a refund of another charge takes nothing, and is kept for staff', async () => {
  const { methodId, paymentId, send, balance } = await begin();
  await send(sessionEvent('completed', { paymentId }));
  await send(refundEvent(paymentId, 1_000, elsewhere));
  assert.equal(await stateOf(panel, paymentId), 'credited');
  assert.equal(await balance(), '10.00');
  assert.deepEqual(await straysOf(methodId), ['refunded']);
});

test('what is kept counts for the charge it names, not for a session that is another', async () => {
  const { methodId, paymentId, send, balance } = await begin();
  const chargeId = 'pi_of_both';
  await send(sessionEvent('completed', { paymentId, sessionId: 'cs_test_elsewhere', chargeId }));
  const lost = { id: 'dp_1', status: 'lost', amount: 1_000, currency: 'usd' };
  await send(stripeEvent('charge.dispute.closed', { ...lost, payment_intent: chargeId }));
  await confirmPayment(panel.app, staff, { paymentId });
  assert.equal(await balance(), '10.00');
  await send(sessionEvent('completed', { paymentId, chargeId }));
  assert.equal(await stateOf(panel, paymentId), 'lost');
  assert.equal(await balance(), '0.00');
  assert.deepEqual(await straysOf(methodId), ['paid']);
});
