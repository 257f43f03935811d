import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { type CustomerId, type PaymentId, parseAmount } from '../../src/base/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import {
  addFunds,
  adjustBalance,
  applyReport,
  clearFlag,
  confirmPayment,
  listPayments,
  listStrays,
  readPayment,
  readStripeEvent,
  waiveOwed,
} from '../../src/payments/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { type FakeStripe, startFakeStripe } from './fake-stripe.ts';
import {
  balanceOf,
  disputeEvent,
  makeMethod,
  makeStaff,
  refundEvent,
  refusal,
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
before(async () => {
  panel = await openTestPanel();
  stripe = await startFakeStripe();
});
after(async () => {
  await stripe.stop();
  await panel.close();
});
afterEach(() => panel.verify());

const amount = (text: string) => parseAmount(text, 'amount');

/** A payment of 10.00 at Stripe, paid unless it is said otherwise. */
async function begin(options: { isPaid?: boolean; funds?: string; fields?: object } = {}) {
  const { isPaid = true, funds = '0', fields = {} } = options;
  const { customerId, key } = await makeCustomer(panel, { funds });
  const methodId = await makeMethod(panel, { kind: 'stripe', ...fields });
  const paymentId = await start(withStripe(panel, stripe.url), { customerId, methodId });
  const send = async (event: object) => {
    assert.equal(await sendStripe(panel, methodId, event), 200);
  };
  if (isPaid) await send(sessionEvent('completed', { paymentId }));
  return {
    customerId,
    key,
    methodId,
    paymentId,
    send,
    balance: () => balanceOf(panel, customerId),
    dispute: (type: string, status: string, created: number) =>
      send(disputeEvent(type, { paymentId, status, created })),
  };
}

/** Takes so much of a wallet, as orders would. */
async function spend(customerId: CustomerId, text: string): Promise<void> {
  const taken = amount(text);
  const input = { customerId, amount: -taken as typeof taken, reason: 'spent' };
  await adjustBalance(panel.app, staff, input);
}

async function statusOf(customerId: CustomerId): Promise<string> {
  const [row] = await panel.owner.sql<{ status: string; by: string | null }[]>`
    select status, suspended_by as by from customers where id = ${customerId}`;
  return [row?.status, row?.by ?? []].flat().join(' by ');
}

async function owedOf(paymentId: PaymentId): Promise<[taken: bigint, owed: bigint]> {
  const { taken, owed } = await readPayment(panel.app.db, paymentId);
  return [taken, owed];
}

test('a dispute freezes the customer at once; one that is won undoes only that', async () => {
  const { customerId, key, paymentId, dispute, balance } = await begin();
  assert.deepEqual(await panel.call({ key, action: 'balance' }), {
    balance: '10.00',
    currency: 'USD',
  });
  await dispute('created', 'needs_response', 100);
  assert.equal(await stateOf(panel, paymentId), 'disputed');
  assert.equal(await statusOf(customerId), 'suspended by dispute');
  assert.deepEqual(await panel.call({ key, action: 'balance' }), {
    error: 'Your account has been suspended.',
  });
  const { payments } = await listPayments(panel.app.db, {
    attentionAt: panel.clock.now(),
    limit: 1,
  });
  assert.equal(payments[0]?.id, paymentId);
  await dispute('closed', 'won', 200);
  assert.equal(await stateOf(panel, paymentId), 'credited');
  assert.equal(await statusOf(customerId), 'active');
  assert.equal(await balance(), '10.00');
  const audit = await panel.owner.sql<{ action: string; actor: string }[]>`
    select action, actor from audit where customer_id = ${customerId}
      and action like 'customer.%freeze' order by id`;
  assert.deepEqual(
    audit.map(({ action, actor }) => `${action} ${actor}`),
    ['customer.freeze system:stripe', 'customer.unfreeze system:stripe'],
  );
});

test('what staff suspended stays suspended, before and during the dispute', async () => {
  const before = await begin();
  const suspended = { status: 'suspended' } as const;
  const { customerId } = before;
  await updateCustomer(panel.app, staff, { customerId, changes: suspended });
  await before.dispute('created', 'needs_response', 100);
  await before.dispute('closed', 'won', 200);
  assert.equal(await statusOf(customerId), 'suspended by staff');
  const during = await begin();
  await during.dispute('created', 'needs_response', 100);
  const input = { customerId: during.customerId, changes: suspended };
  await updateCustomer(panel.app, staff, input);
  await during.dispute('closed', 'won', 200);
  assert.equal(await statusOf(during.customerId), 'suspended by staff');
});

test('of two disputes the last one that ends lifts the freeze', async () => {
  const first = await begin();
  const { customerId, methodId } = first;
  const second = await start(withStripe(panel, stripe.url), { customerId, methodId });
  await first.send(sessionEvent('completed', { paymentId: second }));
  await first.dispute('created', 'needs_response', 100);
  const other = (type: string, status: string, created: number) =>
    first.send(disputeEvent(type, { paymentId: second, status, created }));
  await other('created', 'needs_response', 110);
  await first.dispute('closed', 'won', 200);
  assert.equal(await statusOf(customerId), 'suspended by dispute');
  await other('closed', 'warning_closed', 210);
  assert.equal(await statusOf(customerId), 'active');
});

test('a lost dispute takes what is there; the rest is owed, from the next deposits', async () => {
  const { customerId, paymentId, methodId, dispute, balance } = await begin();
  await spend(customerId, '7');
  await dispute('created', 'needs_response', 100);
  assert.equal(await balance(), '3.00');
  await dispute('closed', 'lost', 200);
  assert.equal(await balance(), '0.00');
  assert.equal(await stateOf(panel, paymentId), 'lost');
  assert.deepEqual(await owedOf(paymentId), [amount('3'), amount('7')]);
  assert.equal(await statusOf(customerId), 'suspended by dispute');
  // Replayed, it takes nothing more.
  await dispute('closed', 'lost', 200);
  assert.deepEqual(await owedOf(paymentId), [amount('3'), amount('7')]);

  const deposit = { customerId, amount: amount('2'), reference: 'cash-1' };
  await addFunds(panel.app, staff, deposit);
  assert.equal(await balance(), '0.00');
  assert.deepEqual(await owedOf(paymentId), [amount('5'), amount('5')]);
  await updateCustomer(panel.app, staff, { customerId, changes: { status: 'active' } });
  const next = await start(withStripe(panel, stripe.url), { customerId, methodId });
  await sendStripe(panel, methodId, sessionEvent('completed', { paymentId: next }));
  assert.equal(await balance(), '5.00');
  assert.deepEqual(await owedOf(paymentId), [amount('10'), 0n]);
  assert.equal(await stateOf(panel, next), 'credited');
});

test('a wallet with credit gives back down to its limit', async () => {
  const { customerId, paymentId, dispute, balance } = await begin();
  const changes = { creditLimit: amount('4') };
  await updateCustomer(panel.app, staff, { customerId, changes });
  await spend(customerId, '10');
  await dispute('closed', 'lost', 200);
  assert.equal(await balance(), '-4.00');
  assert.deepEqual(await owedOf(paymentId), [amount('4'), amount('6')]);
});

test('a dispute lost and won on appeal gives back what was taken', async () => {
  const { customerId, paymentId, dispute, balance } = await begin();
  await spend(customerId, '6');
  await dispute('closed', 'lost', 200);
  assert.equal(await balance(), '0.00');
  await dispute('updated', 'appeal_under_review', 250);
  assert.equal(await stateOf(panel, paymentId), 'disputed');
  await dispute('closed', 'won', 300);
  assert.equal(await balance(), '4.00');
  assert.deepEqual(await owedOf(paymentId), [0n, 0n]);
  assert.equal(await statusOf(customerId), 'active');
  // Sent again late, the old verdict is not believed.
  await dispute('closed', 'lost', 200);
  assert.equal(await stateOf(panel, paymentId), 'credited');
});

test('a dispute that is heard of before its payment counts once that is paid', async () => {
  const { customerId, paymentId, methodId, send, dispute, balance } = await begin({
    isPaid: false,
  });
  await dispute('closed', 'lost', 200);
  await dispute('created', 'needs_response', 100);
  assert.equal(await statusOf(customerId), 'active');
  const waiting = await listStrays(panel.app.db, 10);
  assert.equal(waiting.filter((stray) => stray.methodId === methodId).length, 2);
  await send(sessionEvent('completed', { paymentId }));
  assert.equal(await stateOf(panel, paymentId), 'lost');
  assert.equal(await balance(), '0.00');
  assert.equal(await statusOf(customerId), 'suspended by dispute');
  const left = await listStrays(panel.app.db, 10);
  assert.equal(left.filter((stray) => stray.methodId === methodId).length, 0);
});

test('a refund takes the same share of what was credited, whole for the whole', async () => {
  const { paymentId, send, balance } = await begin({
    fields: {
      feeBasisPoints: 1_000,
      bonusTiers: [{ from: amount('1'), basisPoints: 2_000 }],
    },
  });
  assert.equal(await balance(), '11.00');
  await send(refundEvent(paymentId, 333));
  assert.equal(await balance(), '7.337');
  assert.equal(await stateOf(panel, paymentId), 'credited');
  await send(refundEvent(paymentId, 1_000));
  await send(refundEvent(paymentId, 333));
  await send(refundEvent(paymentId, 1_000));
  assert.equal(await balance(), '0.00');
  assert.equal(await stateOf(panel, paymentId), 'refunded');
});

test('a refund that is heard of before the payment takes it back at once', async () => {
  const { paymentId, send, balance } = await begin({ isPaid: false });
  await send(refundEvent(paymentId, 400));
  assert.equal(await stateOf(panel, paymentId), 'started');
  await send(sessionEvent('completed', { paymentId }));
  assert.equal(await balance(), '6.00');
});

test('refund and lost dispute together never take more than was credited', async () => {
  const { paymentId, send, dispute, balance } = await begin({ funds: '50' });
  await send(refundEvent(paymentId, 600));
  await dispute('closed', 'lost', 200);
  assert.equal(await balance(), '50.00');
  assert.deepEqual(await owedOf(paymentId), [amount('10'), 0n]);
});

test('disputes of a webhook gateway freeze and take alike', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const methodId = await makeMethod(panel);
  const paymentId = await start(panel.app, { customerId, methodId });
  await sendGateway(panel, methodId, succeeded(paymentId));
  const dispute = (type: string, created: number) =>
    sendGateway(panel, methodId, {
      id: `dispute-${type}`,
      type: `dispute.${type}`,
      payment: String(paymentId),
      dispute: 'd-1',
      amount: '4.00',
      created,
    });
  await dispute('opened', 100);
  assert.equal(await statusOf(customerId), 'suspended by dispute');
  await dispute('lost', 200);
  assert.equal(await balanceOf(panel, customerId), '6.00');
  const refund = { id: 'refund-1', type: 'payment.refunded', payment: String(paymentId) };
  await sendGateway(panel, methodId, { ...refund, amount: '1.00' });
  assert.equal(await balanceOf(panel, customerId), '5.00');
});

test('staff let go of what is owed, within what they may give a day', async () => {
  const { customerId, paymentId, dispute, balance } = await begin();
  await spend(customerId, '10');
  await dispute('closed', 'lost', 200);
  const clerk = await makeStaff(panel, { areas: ['payments'], dailyLimit: '9.99' });
  const input = { paymentId, note: 'paid in cash' };
  await refusal(waiveOwed(panel.app, clerk, input), 'not_allowed');
  await refusal(waiveOwed(panel.app, staff, { paymentId, note: ' ' }), 'invalid_input');
  assert.equal(await waiveOwed(panel.app, staff, input), true);
  assert.equal(await waiveOwed(panel.app, staff, input), false);
  assert.deepEqual(await owedOf(paymentId), [0n, 0n]);
  const deposit = { customerId, amount: amount('5'), reference: `after-${customerId}` };
  await addFunds(panel.app, staff, deposit);
  assert.equal(await balance(), '5.00');
});

test('staff take the mark off a payment they have looked into, with a note', async () => {
  const { paymentId, send } = await begin({ isPaid: false });
  await send(sessionEvent('completed', { paymentId, total: 1 }));
  await refusal(clearFlag(panel.app, staff, { paymentId, note: '' }), 'invalid_input');
  assert.equal(await clearFlag(panel.app, staff, { paymentId, note: 'a test' }), true);
  assert.equal(await clearFlag(panel.app, staff, { paymentId, note: 'a test' }), false);
  assert.equal(await stateOf(panel, paymentId), 'started');
});

test('disputes, refunds and deposits of a customer at once leave the books right', async () => {
  const { customerId, paymentId, methodId, balance } = await begin({ funds: '20' });
  const others: PaymentId[] = [];
  for (const _ of [1, 2, 3]) {
    others.push(await start(withStripe(panel, stripe.url), { customerId, methodId }));
  }
  const deposits = Array.from({ length: 8 }, (_, at) =>
    addFunds(panel.app, staff, {
      customerId,
      amount: amount('1'),
      reference: `race-${customerId}-${at}`,
    }),
  );
  await Promise.all([
    ...deposits,
    ...[...others, ...others].map((id) =>
      sendStripe(panel, methodId, sessionEvent('completed', { paymentId: id })),
    ),
    ...others.map((id) =>
      sendStripe(
        panel,
        methodId,
        disputeEvent('closed', { paymentId: id, status: 'lost', created: 9 }),
      ),
    ),
    ...[200, 1_000, 500].map((total) => sendStripe(panel, methodId, refundEvent(paymentId, total))),
    updateCustomer(panel.app, staff, { customerId, changes: { creditLimit: amount('2') } }),
    confirmPayment(panel.app, staff, { paymentId: others[0] ?? paymentId }),
  ]);
  // 20 at first, 8 deposits; all that was paid was given back.
  assert.equal(await balance(), '28.00');
  for (const id of others) assert.equal(await stateOf(panel, id), 'lost');
});

test('an event is applied the same without HTTP', async () => {
  const { paymentId, methodId } = await begin({ isPaid: false });
  await assert.rejects(
    readStripeEvent(
      { body: Buffer.from('{}'), signature: 't=1', secret: 's', panelId: 'p' },
      new Date(),
    ),
    /the signature is not right/,
  );
  const actor = { kind: 'system', name: 'test' } as const;
  const about = { eventId: 'e', paymentId, sessionId: null, chargeId: null };
  const report = { ...about, kind: 'failed' } as const;
  assert.equal(await applyReport(panel.app, actor, { methodId, report }), 'changed');
  assert.equal(await applyReport(panel.app, actor, { methodId, report }), 'unchanged');
});
