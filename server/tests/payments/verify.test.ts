import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseAmount } from '../../src/base/index.ts';
import { adjustBalance, paymentChecks } from '../../src/payments/index.ts';
import { verify } from '../../src/system/index.ts';
import { type DamageLab, openDamageLab } from '../damage.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { makeMethod, sendGateway, start, succeeded } from './steps.ts';

// A check that can't fail is worth nothing: every one is shown damage that it alone reports.

let panel: TestPanel;
let lab: DamageLab;
let checked: Record<string, number>;
/** Payments by what became of them; all of one customer but the disputed one. */
let ids: Record<'credited' | 'started' | 'lost' | 'disputed', bigint>;

before(async () => {
  panel = await openTestPanel();
  const methodId = await makeMethod(panel, {
    feeBasisPoints: 100,
    bonusTiers: [{ from: parseAmount('1', 'from'), basisPoints: 500 }],
  });
  const { customerId } = await makeCustomer(panel);
  const other = await makeCustomer(panel, { funds: '0' });
  const pay = async (payer: typeof customerId) => {
    const paymentId = await start(panel.app, { customerId: payer, methodId });
    await sendGateway(panel, methodId, succeeded(paymentId));
    return paymentId;
  };
  const [started, credited] = [
    await start(panel.app, { customerId, methodId }),
    await pay(customerId),
  ];
  const [lost, disputed] = [await pay(customerId), await pay(other.customerId)];
  ids = { started, credited, lost, disputed };
  const dispute = (paymentId: bigint, type: string) =>
    sendGateway(panel, methodId, {
      id: `dispute-${paymentId}`,
      type: `dispute.${type}`,
      payment: String(paymentId),
      dispute: `d-${paymentId}`,
      amount: '5.00',
      created: 1,
    });
  await dispute(lost, 'lost');
  await dispute(disputed, 'opened');
  const input = { customerId, amount: parseAmount('1', 'amount'), reason: 'a gift' };
  await adjustBalance(panel.app, staff, input);
  const report = await verify(panel.app.db);
  assert.deepEqual(report.broken, []);
  ({ checked } = report);
  lab = await openDamageLab(panel);
});
after(async () => {
  // What was not opened, since `before` failed, keeps nothing open either.
  await lab?.close();
  await panel?.close();
});

test('every check of payments looks at something', () => {
  for (const { name } of paymentChecks) assert((checked[name] ?? 0) > 0, name);
});

test('a payment that is credited without its transfer, or twice, is found', async () => {
  const name = 'a_payment_is_credited_once_and_exactly';
  const other = 'no_deposit_without_its_cause';
  const { credited, started } = ids;
  const rename = (part: string) => `update transfers set reference = 'adjustments:x',
    debit = 'adjustments' where reference = 'payment:${credited}:${part}'`;
  assert.deepEqual(await lab.withDamage(rename('deposit')), [name]);
  assert.deepEqual(await lab.withDamage(rename('bonus')), [name]);
  const less = `update payments set fee = fee + 1, credit = credit - 1 where id = ${credited}`;
  assert.deepEqual(await lab.withDamage(less), [name]);
  const early = `update transfers set reference = 'payment:${started}:deposit', debit = 'deposits'
    where reference like 'adjustments:%'`;
  assert.deepEqual(await lab.withDamage(early), [name]);
  const nobodys = `update transfers set reference = 'payment:999:deposit'
    where reference like 'adjustments:%'`;
  assert.deepEqual(await lab.withDamage(nobodys), [other]);
  const strange = `update transfers set debit = 'deposits' where reference like 'adjustments:%'`;
  assert.deepEqual(await lab.withDamage(strange), [other]);
});

test('a return that is not whole is found', async () => {
  const name = 'what_is_returned_is_taken_owed_or_waived';
  const { lost, credited } = ids;
  for (const damage of [
    `update payments set taken = taken - 1 where id = ${lost}`,
    `update payments set owed = owed + 1 where id = ${lost}`,
    `update payments set waived = 1 where id = ${credited}`,
    `update payments set refunded = 1 where id = ${credited}`,
    `update transfers set reference = 'adjustments:y' where reference like '%:return:%'`,
  ]) {
    assert.deepEqual(await lab.withDamage(damage), [name], damage);
  }
});

test('a state that does not follow from what is known is found', async () => {
  const { lost, disputed, started } = ids;
  const [known, told] = [
    'a_payment_is_what_is_known_of_it',
    'a_payment_is_what_its_last_event_says',
  ];
  const credited = `update payments set state = 'credited' where id = ${lost}`;
  assert.deepEqual(await lab.withDamage(credited), [known, told]);
  const expired = `update payments set state = 'expired' where id = ${started}`;
  assert.deepEqual(await lab.withDamage(expired), [told]);
  const won = `update payment_disputes set state = 'won' where payment_id = ${disputed}`;
  assert.deepEqual(await lab.withDamage(won), [known, 'a_dispute_keeps_its_customer_frozen']);
});
