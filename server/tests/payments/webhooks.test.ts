import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import Stripe from 'stripe';
import {
  formatAmount,
  hourMs,
  type PaymentId,
  parseAmount,
  setFailpoint,
} from '../../src/base/index.ts';
import {
  confirmPayment,
  dismissStray,
  expirePayments,
  listPayments,
  listStrays,
  readPayment,
  updateMethod,
} from '../../src/payments/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { type FakeStripe, startFakeStripe } from './fake-stripe.ts';
import {
  balanceOf,
  gatewaySecrets,
  makeMethod,
  post,
  refundEvent,
  refusal,
  sendGateway,
  sendStripe,
  sessionEvent,
  start,
  stateOf,
  stripeEvent,
  stripeSecrets,
  succeeded,
  withStripe,
} from './steps.ts';

let panel: TestPanel;
let stripe: FakeStripe;
before(async () => {
  panel = await openTestPanel();
  stripe = await startFakeStripe();
});
after(async () => {
  await stripe.stop();
  await panel.close();
});
afterEach(async () => {
  setFailpoint('payment.before_commit');
  await panel.verify();
});

/** A started payment of 10.00 by a gateway of this kind. */
async function begin(kind: 'stripe' | 'webhook', fields: object = {}) {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const methodId = await makeMethod(panel, { kind, ...fields });
  const paymentId = await start(withStripe(panel, stripe.url), { customerId, methodId });
  const balance = () => balanceOf(panel, customerId);
  return { customerId, methodId, paymentId, balance };
}

test('a payment at Stripe is credited, with fee and bonus, when Stripe says so', async () => {
  const { paymentId, methodId, balance } = await begin('stripe', {
    feeBasisPoints: 290,
    feeFixed: parseAmount('0.3', 'fee'),
    bonusTiers: [{ from: parseAmount('10', 'from'), basisPoints: 1_000 }],
  });
  assert.equal(await sendStripe(panel, methodId, sessionEvent('completed', { paymentId })), 200);
  assert.equal(await balance(), '10.41');
  const details = await readPayment(panel.app.db, paymentId);
  assert.equal(details.state, 'credited');
  assert.equal(details.chargeId, `pi_${paymentId}`);
  const [credited] = details.events;
  assert.equal(credited?.actor, 'system:stripe');
  assert.match(credited?.eventId ?? '', /^evt_/);
});

test('replays, and other events that say the same, credit nothing more', async () => {
  const { paymentId, methodId, balance } = await begin('stripe');
  const first = sessionEvent('completed', { paymentId });
  for (const event of [first, first, sessionEvent('completed', { paymentId })]) {
    assert.equal(await sendStripe(panel, methodId, event), 200);
  }
  assert.equal(await balance(), '10.00');
  const { events } = await readPayment(panel.app.db, paymentId);
  assert.equal(events.filter(({ kind }) => kind === 'paid').length, 1);
});

test('events of a slow payment may come in any order', async () => {
  const orders = [
    ['completed', 'async_payment_succeeded', 'expired'],
    ['async_payment_succeeded', 'completed', 'expired'],
    ['expired', 'async_payment_succeeded', 'completed'],
    ['expired', 'completed', 'async_payment_succeeded'],
  ];
  for (const order of orders) {
    const { paymentId, methodId, balance } = await begin('stripe');
    for (const type of order) {
      const status = type === 'async_payment_succeeded' ? 'paid' : 'unpaid';
      const event = sessionEvent(type, { paymentId, status });
      assert.equal(await sendStripe(panel, methodId, event), 200);
    }
    assert.equal(await stateOf(panel, paymentId), 'credited', order.join());
    assert.equal(await balance(), '10.00');
  }
});

test('a slow payment waits for its money, and fails when that does not come', async () => {
  const { paymentId, methodId, balance } = await begin('stripe');
  const said = sessionEvent('completed', { paymentId, status: 'unpaid' });
  await sendStripe(panel, methodId, said);
  assert.equal(await stateOf(panel, paymentId), 'waiting');
  panel.clock.advance(100 * hourMs);
  await expirePayments(panel.app);
  assert.equal(await stateOf(panel, paymentId), 'waiting');
  const failed = sessionEvent('async_payment_failed', { paymentId, status: 'unpaid' });
  await sendStripe(panel, methodId, failed);
  assert.equal(await stateOf(panel, paymentId), 'failed');
  assert.equal(await balance(), '0.00');
});

test('a payment that expired here is credited when it was paid after all', async () => {
  const { paymentId, methodId, balance } = await begin('webhook');
  panel.clock.advance(27 * hourMs);
  await expirePayments(panel.app);
  assert.equal(await stateOf(panel, paymentId), 'expired');
  assert.equal(await sendGateway(panel, methodId, succeeded(paymentId)), 200);
  assert.equal(await balance(), '10.00');
});

test('fifty copies of an event at once credit once', async () => {
  for (const kind of ['stripe', 'webhook'] as const) {
    const { paymentId, methodId, balance } = await begin(kind);
    const statuses = await Promise.all(
      Array.from({ length: 50 }, () =>
        kind === 'stripe'
          ? sendStripe(panel, methodId, sessionEvent('completed', { paymentId }))
          : sendGateway(panel, methodId, succeeded(paymentId)),
      ),
    );
    assert.deepEqual([...new Set(statuses)], [200]);
    assert.equal(await balance(), '10.00');
  }
});

test('an event cut off before its commit counts when it is sent again', async () => {
  const { paymentId, methodId, balance } = await begin('webhook');
  const event = succeeded(paymentId);
  setFailpoint('payment.before_commit', () => {
    throw new Error('the process died');
  });
  assert.equal(await sendGateway(panel, methodId, event), 500);
  assert.equal(await balance(), '0.00');
  // The database's own end of the connection, in the middle of the transaction.
  setFailpoint('payment.before_commit', async () => {
    await panel.owner.sql`select pg_terminate_backend(pid, 10000) from pg_stat_activity
      where datname = current_database() and state = 'idle in transaction'`;
  });
  assert.equal(await sendGateway(panel, methodId, event), 500);
  assert.equal(await balance(), '0.00');
  setFailpoint('payment.before_commit');
  assert.equal(await sendGateway(panel, methodId, event), 200);
  assert.equal(await balance(), '10.00');
});

test('another amount or currency than was started is marked for staff, not credited', async () => {
  const wrong = [{ total: 999 }, { total: 1_001 }, { currency: 'eur' }];
  for (const fields of wrong) {
    const { paymentId, methodId, balance } = await begin('stripe');
    const event = sessionEvent('completed', { paymentId, ...fields });
    for (const _ of [1, 2]) assert.equal(await sendStripe(panel, methodId, event), 200);
    assert.equal(await stateOf(panel, paymentId), 'started, amount_differs');
    assert.equal(await balance(), '0.00');
    const now = { attentionAt: panel.clock.now(), limit: 1 };
    const { payments } = await listPayments(panel.app.db, now);
    assert.equal(payments[0]?.id, paymentId);
    const { events } = await readPayment(panel.app.db, paymentId);
    assert.match(events[0]?.note ?? '', /^(9\.99|10\.01|10\.00) (USD|EUR)$/);
  }
});

test('staff credit what really came, and a replay adds nothing to it', async () => {
  const { paymentId, methodId, balance } = await begin('webhook');
  const event = succeeded(paymentId, { amount: '7.00' });
  await sendGateway(panel, methodId, event);
  const amount = parseAmount('7', 'amount');
  assert.equal(await confirmPayment(panel.app, staff, { paymentId, amount, note: 'seen' }), true);
  assert.equal(await balance(), '7.00');
  assert.equal(await sendGateway(panel, methodId, event), 200);
  assert.equal(await sendGateway(panel, methodId, succeeded(paymentId)), 200);
  assert.equal(await stateOf(panel, paymentId), 'credited');
  assert.equal(await balance(), '7.00');
});

test('one payment at the gateway credits one payment here', async () => {
  const { customerId, paymentId, methodId, balance } = await begin('webhook');
  const second = await start(panel.app, { customerId, methodId });
  const transaction = 'the-same';
  await sendGateway(panel, methodId, succeeded(paymentId, { transaction }));
  assert.equal(await sendGateway(panel, methodId, succeeded(second, { transaction })), 200);
  assert.equal(await stateOf(panel, second), 'started, reference_used');
  assert.equal(await balance(), '10.00');
  await sendGateway(panel, methodId, succeeded(paymentId, { transaction: 'another' }));
  assert.equal(await stateOf(panel, paymentId), 'credited, paid_twice');
  assert.equal(await balance(), '10.00');
});

test('a method reports of its own payments alone', async () => {
  const one = await begin('webhook');
  const other = await begin('webhook');
  assert.equal(await sendGateway(panel, one.methodId, succeeded(other.paymentId)), 200);
  assert.equal(await other.balance(), '0.00');
  const strays = await listStrays(panel.app.db, 100);
  const stray = strays.find(({ methodId }) => methodId === one.methodId);
  assert.equal(stray?.report.paymentId, String(other.paymentId));
  await dismissStray(panel.app, staff, stray?.id ?? assert.fail());
  await refusal(dismissStray(panel.app, staff, stray.id), 'not_found');
});

test('a report of an unknown payment is kept once for staff, the gateway content', async () => {
  const { methodId } = await begin('webhook');
  const event = succeeded(999_999n as PaymentId);
  for (const _ of [1, 2, 3]) assert.equal(await sendGateway(panel, methodId, event), 200);
  const strays = await listStrays(panel.app.db, 100);
  assert.equal(strays.filter((stray) => stray.methodId === methodId).length, 1);
});

test("what is none of the panel's is taken and changes nothing", async () => {
  const { paymentId, methodId } = await begin('stripe');
  const before = (await listStrays(panel.app.db, 100)).length;
  for (const event of [
    stripeEvent('customer.created', { id: 'cus_1' }),
    stripeEvent('checkout.session.completed', { ...shopSession, id: 'cs_shop' }),
    stripeEvent('charge.refunded', { id: 'ch', amount_refunded: 1, currency: 'usd' }),
  ]) {
    assert.equal(await sendStripe(panel, methodId, event), 200);
  }
  assert.equal((await listStrays(panel.app.db, 100)).length, before);
  assert.equal(await stateOf(panel, paymentId), 'started');
});

const shopSession = {
  payment_status: 'paid',
  amount_total: 1_000,
  currency: 'usd',
  payment_intent: 'pi_shop',
  metadata: { order: '17' },
};

test('a webhook that is not signed, or by another secret, or late, changes nothing', async () => {
  const { paymentId, methodId, balance } = await begin('webhook');
  const body = JSON.stringify(succeeded(paymentId));
  const url = `${panel.url}/webhooks/gateway/${methodId}`;
  assert.equal(await post(url, body), 400);
  assert.equal(await post(url, body, { 'panelwright-signature': 't=1,v1=00' }), 400);
  assert.equal(await post(url, body, { 'panelwright-signature': 'x'.repeat(5_000) }), 400);
  panel.clock.advance(-hourMs);
  const signed = JSON.stringify(sessionEvent('completed', { paymentId }));
  assert.equal(await sendLater(paymentId), 400);
  for (const path of ['gateway/0', 'gateway/x', 'gateway/99999', `stripe/${methodId}`]) {
    const headers = { 'panelwright-signature': 't=1,v1=00', 'stripe-signature': 't=1,v1=00' };
    assert.equal(await post(`${panel.url}/webhooks/${path}`, signed, headers), 400);
  }
  assert.equal(await post(url, 'x'.repeat(600_000), { 'panelwright-signature': 't=1' }), 413);
  assert.equal(await balance(), '0.00');
});

/** An event of Stripe's that is signed now and arrives six minutes later. */
async function sendLater(paymentId: PaymentId): Promise<number> {
  const methodId = await makeMethod(panel, { kind: 'stripe' });
  const payload = JSON.stringify(sessionEvent('completed', { paymentId }));
  const signature = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret: stripeSecrets.webhookSecret,
    timestamp: panel.clock.now().getTime() / 1_000,
  });
  panel.clock.advance(6 * 60_000);
  const url = `${panel.url}/webhooks/stripe/${methodId}`;
  return post(url, payload, { 'stripe-signature': signature });
}

test('a changed secret holds from the next event on; an idle method still hears', async () => {
  const { paymentId, methodId, balance } = await begin('webhook');
  const secrets = { secret: 'another-secret' };
  await updateMethod(panel.app, staff, { methodId, changes: { secrets } });
  assert.equal(await sendGateway(panel, methodId, succeeded(paymentId)), 400);
  const back = { secret: gatewaySecrets.secret };
  await updateMethod(panel.app, staff, { methodId, changes: { secrets: back, enabled: false } });
  assert.equal(await sendGateway(panel, methodId, succeeded(paymentId)), 200);
  assert.equal(await balance(), '10.00');
});

test('lists are read in pages that neither repeat nor miss a payment', async () => {
  const { customerId, methodId, paymentId } = await begin('webhook');
  const ids = [paymentId];
  for (const _ of [1, 2, 3, 4]) ids.unshift(await start(panel.app, { customerId, methodId }));
  await sendGateway(panel, methodId, succeeded(paymentId));
  const seen: bigint[] = [];
  let before: Parameters<typeof listPayments>[1]['before'];
  do {
    const from = before === undefined ? {} : { before };
    const page = await listPayments(panel.app.db, { customerId, limit: 2, ...from });
    seen.push(...page.payments.map(({ id }) => id));
    before = page.next ?? undefined;
  } while (before !== undefined);
  assert.deepEqual(seen, ids);
  const credited = await listPayments(panel.app.db, { methodId, states: ['credited'], limit: 9 });
  assert.deepEqual(
    credited.payments.map(({ id, credit }) => [id, formatAmount(credit)]),
    [[paymentId, '10.00']],
  );
});

test('a refund that did not arrive is marked for staff', async () => {
  const { paymentId, methodId } = await begin('stripe');
  await sendStripe(panel, methodId, sessionEvent('completed', { paymentId }));
  await sendStripe(panel, methodId, refundEvent(paymentId, 1_000));
  const failed = { id: 're_1', payment_intent: `pi_${paymentId}`, status: 'failed' };
  assert.equal(await sendStripe(panel, methodId, stripeEvent('refund.failed', failed)), 200);
  assert.equal(await stateOf(panel, paymentId), 'refunded, refund_failed');
});

test('an event whose text, time or amount nobody can store is refused', async () => {
  const { paymentId, methodId, balance } = await begin('webhook');
  const odd = { length: [{ toString: null }] };
  for (const fields of [
    { id: odd },
    { id: 'a\u0000' },
    { transaction: '\ud800' },
    { id: '\ud800' },
  ]) {
    assert.equal(await sendGateway(panel, methodId, succeeded(paymentId, fields)), 400);
  }
  assert.equal(await balance(), '0.00');
  const stripe = await begin('stripe');
  const event = sessionEvent('completed', { paymentId: stripe.paymentId });
  const refund = refundEvent(stripe.paymentId, Number.MAX_SAFE_INTEGER);
  assert.equal(await sendStripe(panel, stripe.methodId, refund), 400);
  for (const fields of [{ id: odd }, { id: '\u0000' }, { created: 2 ** 53 - 1 }, { created: -1 }]) {
    assert.equal(await sendStripe(panel, stripe.methodId, { ...event, ...fields }), 400);
  }
  assert.equal(await stripe.balance(), '0.00');
});
