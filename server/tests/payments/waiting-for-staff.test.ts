import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { type CustomerId, createLog, dayMs } from '../../src/base/index.ts';
import { updateSettings } from '../../src/catalog/index.ts';
import { liftMoneyStop, stopMoney } from '../../src/customers/index.ts';
import { inTransaction } from '../../src/db/index.ts';
import { readQueues } from '../../src/figures/index.ts';
import {
  confirmPayment,
  countAttention,
  listPayments,
  readPayment,
  rejectPayment,
} from '../../src/payments/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { balanceOf, makeMethod, refusal, sendGateway, start, stateOf, succeeded } from './steps.ts';

let panel: TestPanel;
const logged: string[] = [];
const log = createLog('warn', { write: (line) => logged.push(line) });
before(async () => {
  panel = await openTestPanel({ log });
});
after(() => panel.close());
afterEach(() => panel.verify());

/** A started payment of 10.00 at a gateway. */
async function begin(on = panel) {
  const { customerId } = await makeCustomer(on, { funds: '0' });
  const methodId = await makeMethod(on);
  const paymentId = await start(on.app, { customerId, methodId });
  const say = (type: string) => {
    const event = { id: `${type}-${paymentId}`, type: `payment.${type}`, transaction: 'tx' };
    return sendGateway(on, methodId, { ...event, payment: String(paymentId) });
  };
  return { customerId, methodId, paymentId, say };
}

function stop(customerId: CustomerId): Promise<unknown> {
  const finding = { invariant: 'I2', check: 'c', subject: 's', detail: 'd' };
  const actor = { kind: 'system', name: 'verify' } as const;
  const stopping = { customerId, findings: [finding], actor, at: panel.clock.now() };
  return inTransaction(panel.app.db, (tx) => stopMoney(tx, stopping));
}

test('what is paid while money is stopped is asked for again, and counts then', async () => {
  const { customerId, methodId, paymentId } = await begin();
  await stop(customerId);
  const event = succeeded(paymentId);
  logged.length = 0;
  assert.equal(await sendGateway(panel, methodId, event), 503);
  assert.match(logged.join(), /"code":"money_stopped"/);
  assert.equal(await stateOf(panel, paymentId), 'started');
  await liftMoneyStop(panel.app, staff, { customerId, reason: 'mended' });
  assert.equal(await sendGateway(panel, methodId, event), 200);
  assert.equal(await balanceOf(panel, customerId), '10.00');
});

test('while the secrets of a method do not open, its gateway is to report again', async () => {
  const { methodId, paymentId } = await begin();
  const sealed = Buffer.alloc(64, 1);
  await panel.owner.sql`
    update payment_methods set secrets_sealed = ${sealed} where id = ${methodId}`;
  logged.length = 0;
  assert.equal(await sendGateway(panel, methodId, succeeded(paymentId)), 503);
  assert.match(logged.join(), /do not open/);
});

test('money on its way that a gateway is silent about waits for staff after 14 days', async () => {
  const { customerId, paymentId, say } = await begin();
  const before = await waiting();
  assert.equal(await say('processing'), 200);
  panel.clock.advance(14 * dayMs);
  assert.deepEqual(await waiting(), before);
  panel.clock.advance(1);
  assert.deepEqual(await waiting(), { listed: [paymentId, ...before.listed], counted: 1 });
  assert.equal(await rejectPayment(panel.app, staff, { paymentId }), true);
  assert.deepEqual(await waiting(), before);
  assert.equal(await balanceOf(panel, customerId), '0.00');
});

/** The payments that wait for staff now, and how many of them each count has. */
async function waiting(): Promise<{ listed: bigint[]; counted: number }> {
  const { db } = panel.app;
  const now = panel.clock.now();
  const { payments } = await listPayments(db, { attentionAt: now, limit: 100 });
  const counts = await countAttention(db, now);
  assert.equal((await readQueues(db, now)).payments, counts.payments + counts.strays);
  return { listed: payments.map(({ id }) => id), counted: counts.payments };
}

test('money on its way that will not come is over, closed by the gateway', async () => {
  const { customerId, methodId, paymentId, say } = await begin();
  await say('processing');
  assert.equal(await stateOf(panel, paymentId), 'waiting');
  assert.equal(await say('expired'), 200);
  assert.equal(await stateOf(panel, paymentId), 'expired');
  assert.equal((await readPayment(panel.app.db, paymentId)).endedBy, 'gateway');
  assert.equal(await sendGateway(panel, methodId, succeeded(paymentId)), 200);
  assert.equal(await balanceOf(panel, customerId), '10.00');
});

test('a payment of before the currency changed is credited to nobody in the new one', async () => {
  const other = await openTestPanel();
  try {
    await updateSettings(other.app, staff, { currency: 'JPY' });
    const { customerId, methodId, paymentId } = await begin(other);
    await updateSettings(other.app, staff, { currency: 'USD' });
    const event = succeeded(paymentId, { currency: 'JPY' });
    for (const _ of [1, 2]) assert.equal(await sendGateway(other, methodId, event), 200);
    assert.equal(await stateOf(other, paymentId), 'started, amount_differs');
    assert.equal(await balanceOf(other, customerId), '0.00');
    const refused = await refusal(confirmPayment(other.app, staff, { paymentId }), 'conflict');
    assert.equal(refused.detail, 'currency');
    await updateSettings(other.app, staff, { currency: 'JPY' });
    assert.equal(await sendGateway(other, methodId, event), 200);
    assert.equal(await stateOf(other, paymentId), 'credited');
    assert.equal(await balanceOf(other, customerId), '10.00');
    await other.verify();
  } finally {
    await other.close();
  }
});
