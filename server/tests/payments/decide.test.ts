import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { type Amount, dayMs, hourMs, parseAmount } from '../../src/base/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { readStatement, readStatementPages } from '../../src/ledger/index.ts';
import {
  addFunds,
  adjustBalance,
  clearFlag,
  confirmPayment,
  countAttention,
  dismissStray,
  readPayment,
  rejectPayment,
  reportPaid,
  waiveOwed,
} from '../../src/payments/index.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';
import {
  balanceOf,
  customerActor,
  makeMethod,
  makeStaff,
  refusal,
  start,
  stateOf,
} from './steps.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());
afterEach(() => panel.verify());

const amount = (text: string) => parseAmount(text, 'amount');
const less = (text: string) => -amount(text) as Amount; // an amount's negative is one

/** A payment by hand that the customer says is made. */
async function begin(options: { amount?: string; fields?: object } = {}) {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const methodId = await makeMethod(panel, { kind: 'manual', ...options.fields });
  const asked = options.amount === undefined ? {} : { amount: options.amount };
  const paymentId = await start(panel.app, { customerId, methodId, ...asked });
  await reportPaid(panel.app, customerActor(customerId), { paymentId });
  return { customerId, paymentId, balance: () => balanceOf(panel, customerId) };
}

test('staff confirm a payment by hand once, with fee and bonus, and it says by whom', async () => {
  const { paymentId, balance } = await begin({
    fields: {
      feeBasisPoints: 100,
      bonusTiers: [{ from: amount('10'), basisPoints: 500 }],
    },
  });
  const waiting = await countAttention(panel.app.db, panel.clock.now());
  assert.equal(waiting.payments, 1);
  const note = 'on the account';
  assert.equal(await confirmPayment(panel.app, staff, { paymentId, note }), true);
  assert.equal(await confirmPayment(panel.app, staff, { paymentId, note }), false);
  assert.equal(await balance(), '10.40');
  assert.equal((await countAttention(panel.app.db, panel.clock.now())).payments, 0);
  const { events, state } = await readPayment(panel.app.db, paymentId);
  assert.equal(state, 'credited');
  assert.deepEqual(
    events.map(({ kind, actor }) => [kind, actor.split(':')[0]]),
    [
      ['confirm', 'staff'],
      ['reported', 'customer'],
      ['started', 'customer'],
    ],
  );
  const [audit] = await panel.owner.sql<{ before: object; after: object }[]>`
    select before, after from audit where subject = ${`payment:${paymentId}`}`;
  assert.partialDeepStrictEqual(audit?.before, { state: 'waiting' });
  assert.partialDeepStrictEqual(audit?.after, { state: 'credited', credit: '10.40', note });
});

test('a rejected payment credits nothing, until staff think better of it', async () => {
  const { paymentId, balance } = await begin();
  assert.equal(await rejectPayment(panel.app, staff, { paymentId, note: 'nothing came' }), true);
  assert.equal(await rejectPayment(panel.app, staff, { paymentId }), false);
  assert.equal(await stateOf(panel, paymentId), 'failed');
  assert.equal(await balance(), '0.00');
  await confirmPayment(panel.app, staff, { paymentId, note: 'it did come' });
  assert.equal(await balance(), '10.00');
  await refusal(rejectPayment(panel.app, staff, { paymentId }), 'conflict');
});

test('another amount that came is priced anew, within the method', async () => {
  const fields = { bonusTiers: [{ from: amount('10'), basisPoints: 500 }] };
  const { paymentId, balance } = await begin({ fields });
  for (const wrong of ['0', '1000.01']) {
    const input = { paymentId, amount: amount(wrong) };
    await refusal(confirmPayment(panel.app, staff, input), 'invalid_input');
  }
  await confirmPayment(panel.app, staff, { paymentId, amount: amount('9.99') });
  assert.equal(await balance(), '9.99');
});

test('money is for staff of the area payments alone', async () => {
  const { customerId, paymentId } = await begin();
  const reason = 'because';
  const note = reason;
  const other = await makeStaff(panel, { areas: ['orders', 'customers', 'settings'] });
  for (const actor of [other, customerActor(customerId)]) {
    const works = [
      confirmPayment(panel.app, actor, { paymentId }),
      rejectPayment(panel.app, actor, { paymentId }),
      clearFlag(panel.app, actor, { paymentId, note }),
      waiveOwed(panel.app, actor, { paymentId, note }),
      dismissStray(panel.app, actor, 1n),
      adjustBalance(panel.app, actor, { customerId, amount: amount('1'), reason }),
    ];
    for (const work of works) await refusal(work, 'not_allowed');
  }
  assert.equal(await stateOf(panel, paymentId), 'waiting');
});

test('an adjustment gives or takes, for a reason, and the same again does nothing', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '10' });
  const give = { customerId, amount: amount('2.5'), reason: ' sorry\nfor the wait ' };
  const first = { ...give, reference: 'sorry-1' };
  assert.deepEqual(await adjustBalance(panel.app, staff, first), {
    adjusted: true,
    balance: amount('12.5'),
  });
  assert.equal((await adjustBalance(panel.app, staff, first)).adjusted, false);
  const changed = { ...first, amount: less('2.5') };
  await refusal(adjustBalance(panel.app, staff, changed), 'conflict');
  const take = { customerId, amount: less('12.5'), reason: 'given by mistake' };
  assert.deepEqual(await adjustBalance(panel.app, staff, take), {
    adjusted: true,
    balance: amount('0'),
  });
  const audit = await panel.owner.sql<{ after: { reason?: string; amount?: string } }[]>`
    select after from audit where action = 'balance.adjust' and customer_id = ${customerId}
    order by id`;
  assert.deepEqual(
    audit.map(({ after: { reason, amount: moved } }) => [reason, moved]),
    [
      ['sorry for the wait', '2.50'],
      ['given by mistake', '-12.50'],
    ],
  );
  await refusal(adjustBalance(panel.app, staff, { ...give, reason: ' ' }), 'invalid_input');
  await refusal(adjustBalance(panel.app, staff, { ...give, amount: amount('0') }), 'invalid_input');
  const nobody = 99_999 as typeof customerId;
  await refusal(adjustBalance(panel.app, staff, { ...give, customerId: nobody }), 'not_found');
});

test('an adjustment takes no more than balance and credit allow, and says how much', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '10' });
  const changes = { creditLimit: amount('5') };
  await updateCustomer(panel.app, staff, { customerId, changes });
  const take = (text: string) =>
    adjustBalance(panel.app, staff, { customerId, amount: less(text), reason: 'taken' });
  const error = await refusal(take('15.00000001'), 'insufficient_funds');
  assert.equal(error.detail, '15.00');
  assert.equal(await balanceOf(panel, customerId), '10.00');
  await take('15');
  assert.equal(await balanceOf(panel, customerId), '-5.00');
  assert.equal((await refusal(take('0.01'), 'insufficient_funds')).detail, '0.00');
});

test('a day gives staff their limit, and says what is left; the next day all again', async () => {
  const clerk = await makeStaff(panel, { areas: ['payments'], dailyLimit: '25' });
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const give = (text: string) =>
    adjustBalance(panel.app, clerk, { customerId, amount: amount(text), reason: 'a gift' });
  await give('10');
  const { paymentId } = await begin({
    fields: { bonusTiers: [{ from: amount('1'), basisPoints: 2_000 }] },
  });
  await confirmPayment(panel.app, clerk, { paymentId });
  const error = await refusal(give('3.00000001'), 'not_allowed');
  assert.match(error.message, /may give customers 25\.00 a day, and has 3\.00 left today/);
  assert.equal(error.detail, '25.00 3.00');
  // What is taken, or added before, frees nothing and counts nothing.
  const taken = { customerId, amount: less('5'), reason: 'back' };
  await adjustBalance(panel.app, clerk, taken);
  const funds = { customerId, amount: amount('3'), reference: `limit-${customerId}` };
  assert.equal(await addFunds(panel.app, clerk, funds), true);
  assert.equal(await addFunds(panel.app, clerk, funds), false);
  await refusal(give('0.00000001'), 'not_allowed');
  const second = await begin();
  await refusal(confirmPayment(panel.app, clerk, { paymentId: second.paymentId }), 'not_allowed');
  assert.equal(await stateOf(panel, second.paymentId), 'waiting');
  assert.equal(await second.balance(), '0.00');
  // From noon to the last moment of the day (UTC), and over it.
  panel.clock.advance(12 * hourMs - 1);
  await refusal(give('0.00000001'), 'not_allowed');
  panel.clock.advance(1);
  await give('25');
});

test('staff without a limit, whole access and the system give what they like', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const free = await makeStaff(panel, { areas: ['payments'] });
  const system = { kind: 'system', name: 'demo' } as const;
  for (const actor of [free, staff, system]) {
    const input = { customerId, amount: amount('1000000'), reason: 'a lot' };
    await adjustBalance(panel.app, actor, input);
  }
  assert.equal(await balanceOf(panel, customerId), '3000000.00');
});

test('gifts at once never go over the limit of a day, whoever they are for', async () => {
  panel.clock.advance(dayMs);
  const clerk = await makeStaff(panel, { areas: ['payments'], dailyLimit: '10' });
  const customers = await Promise.all([1, 2, 3, 4].map(() => makeCustomer(panel, { funds: '0' })));
  const payments = await Promise.all([1, 2, 3, 4].map(() => begin({ amount: '1' })));
  const gifts = customers.flatMap(({ customerId }) =>
    [1, 2, 3, 4].map(() =>
      adjustBalance(panel.app, clerk, { customerId, amount: amount('1'), reason: 'a gift' }),
    ),
  );
  const confirmed = payments.map(({ paymentId }) =>
    confirmPayment(panel.app, clerk, { paymentId }),
  );
  const done = await Promise.allSettled([...gifts, ...confirmed]);
  assert.equal(done.filter(({ status }) => status === 'fulfilled').length, 10);
  const customerIds = [...customers, ...payments].map(({ customerId }) => customerId);
  const [given] = await panel.owner.sql<{ total: string }[]>`
    select sum(balance)::text as total from wallets where customer_id = any(${customerIds})`;
  assert.equal(given?.total, '1000000000');
});

test('twenty confirmations of one payment at once credit it once', async () => {
  const clerk = await makeStaff(panel, { areas: ['payments'], dailyLimit: '15' });
  const { paymentId, balance } = await begin();
  const done = await Promise.all(
    Array.from({ length: 20 }, () => confirmPayment(panel.app, clerk, { paymentId })),
  );
  assert.equal(done.filter(Boolean).length, 1);
  assert.equal(await balance(), '10.00');
});

test('a credited payment is mailed to a customer who wants that, in their language', async () => {
  const { customerId, paymentId } = await begin();
  const other = await begin();
  for (const payer of [customerId, other.customerId]) {
    await panel.owner.sql`
      insert into users (id, name, email, email_confirmed, customer_id, created_at, updated_at)
      values (${`user-${payer}`}, 'Payer', ${`payer-${payer}@example.com`}, true, ${payer},
        ${panel.clock.now()}, ${panel.clock.now()})`;
  }
  await panel.owner.sql`update customers set notifications = '{deposits}', language = 'zh-CN'
    where id = ${customerId}`;
  for (const id of [paymentId, other.paymentId]) {
    await confirmPayment(panel.app, staff, { paymentId: id });
  }
  const mails = await panel.owner.sql`select recipient, language, kind, details from mails`;
  assert.deepEqual(
    mails.map((mail) => ({ ...mail })),
    [
      {
        recipient: `payer-${customerId}@example.com`,
        language: 'zh-CN',
        kind: 'deposit_credited',
        details: { amount: '10.00', balance: '10.00', currency: 'USD' },
      },
    ],
  );
});

test('a whole statement is read in pages that miss nothing', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const count = 1_203;
  await panel.owner.sql`
    insert into transfers (customer_id, number, debit, credit, amount, balance_after, reference,
      created_at)
    select ${customerId}, n, 'adjustments', 'wallet', 1, n, 'adjustments:many-' || n, now()
    from generate_series(1, ${count}) n`;
  await panel.owner.sql`update wallets set balance = ${count}, transfer_count = ${count}
    where customer_id = ${customerId}`;
  const sizes: number[] = [];
  const numbers: bigint[] = [];
  for await (const lines of readStatementPages(panel.app.db, customerId)) {
    sizes.push(lines.length);
    numbers.push(...lines.map(({ number }) => number));
  }
  assert.deepEqual(sizes, [500, 500, 203]);
  assert.deepEqual(
    numbers,
    Array.from({ length: count }, (_, at) => BigInt(count - at)),
  );
  const { lines } = await readStatement(panel.app.db, customerId, { limit: 1 });
  assert.equal(lines[0]?.number, BigInt(count));
});
