import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseAmount } from '../../src/base/index.ts';
import { listKeys, stopMoney } from '../../src/customers/index.ts';
import { inTransaction } from '../../src/db/index.ts';
import { makeCustomer } from '../factories.ts';
import { makeMethod, start } from '../payments/steps.ts';
import { openSignInPanel, password, type SignInPanel } from '../sign-in/visitor.ts';
import { refusalOf } from './customers.ts';
import { type Member, openMember } from './members.ts';
import { ageSessions } from './staff-steps.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(async () => {
  await panel.verify();
  await panel.close();
});

type Method = Parameters<Member['ask']>[0];
let references = 0;
function change(amount: string, reason = 'goodwill') {
  references += 1;
  return { amount, reason, reference: `change-${references}` };
}

test('a balance is adjusted both ways, for a reason, once per reference', async () => {
  const member = await openMember(panel, ['payments', 'customers']);
  const { customerId } = await makeCustomer(panel, { funds: '10' });
  const path = `/customers/${customerId}/adjustments`;
  const gift = change('2.5', 'late delivery');
  const given = await member.ask('POST', path, gift);
  assert.deepEqual(given.body, { changed: true, balance: '12.50' });
  const again = await member.ask('POST', path, gift);
  assert.deepEqual(again.body, { changed: false, balance: '12.50' });
  const other = await member.ask('POST', path, { ...gift, amount: '3' });
  assert.deepEqual(refusalOf(other), { status: 409, code: 'conflict' });
  const taken = await member.ask('POST', path, change('-0.00000001', 'a test'));
  assert.equal(taken.body.balance, '12.49999999');
  const most = await member.ask('POST', path, change('-12.5'));
  assert.deepEqual(refusalOf(most), { status: 409, code: 'insufficient_funds' });
  for (const bad of [change('0'), change('1', ' '), change('x'), change('+1'), change('--1')]) {
    assert.equal(refusalOf(await member.ask('POST', path, bad)).code, 'invalid_input');
  }
  const nobody = await member.ask('POST', '/customers/999999/adjustments', change('1'));
  assert.equal(nobody.status, 404);
  const { rows } = (await member.get(`/customers/${customerId}/statement`)).body as {
    rows: { account: string; change: string; balanceAfter: string }[];
  };
  assert.deepEqual(
    rows.map((line) => [line.account, line.change, line.balanceAfter]),
    [
      ['adjustments', '-0.00000001', '12.49999999'],
      ['adjustments', '2.50', '12.50'],
      ['deposits', '10.00', '10.00'],
    ],
  );
});

test('funds are added as a deposit or a bonus, once per reference', async () => {
  const member = await openMember(panel, ['payments', 'customers']);
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const path = `/customers/${customerId}/funds`;
  const deposit = { amount: '7', reference: 'bank-1' };
  const first = await member.ask('POST', path, deposit);
  assert.deepEqual(first.body, { changed: true, balance: '7.00' });
  const again = await member.ask('POST', path, deposit);
  assert.deepEqual(again.body, { changed: false, balance: '7.00' });
  const bonus = { amount: '1', source: 'bonuses', reference: 'bank-1' };
  assert.equal((await member.ask('POST', path, bonus)).body.balance, '8.00');
  const wrong = [
    { ...deposit, amount: '0' },
    { ...deposit, amount: '-1' },
    { ...deposit, reference: 'two words' },
    { ...deposit, source: 'adjustments' },
  ];
  for (const bad of wrong) {
    assert.equal(refusalOf(await member.ask('POST', path, bad)).code, 'invalid_input');
  }
  assert.equal((await member.ask('POST', path, { ...deposit, amount: '8' })).status, 409);
  assert.equal((await member.ask('POST', '/customers/999999/funds', deposit)).status, 404);
});

test('a statement is read page after page, and is of this customer alone', async () => {
  const member = await openMember(panel, ['payments', 'customers']);
  const { customerId } = await makeCustomer(panel, { funds: '5' });
  await makeCustomer(panel, { funds: '6' });
  for (const amount of ['1', '2', '3']) {
    await member.ask('POST', `/customers/${customerId}/adjustments`, change(amount));
  }
  const path = `/customers/${customerId}/statement?limit=3`;
  const first = (await member.get(path)).body as { rows: { number: number }[]; next: string };
  const second = (await member.get(`${path}&cursor=${first.next}`)).body as typeof first;
  const numbers = [...first.rows, ...second.rows].map(({ number }) => number);
  assert.deepEqual([numbers, second.next], [[4, 3, 2, 1], null]);
  assert.equal((await member.get(`${path}&cursor=x`)).status, 400);
  assert.equal((await member.get('/customers/999999/statement')).status, 404);
});

test('what staff give stays within their day, and takes do not count', async () => {
  const limit = parseAmount('10', 'limit');
  const member = await openMember(panel, ['payments', 'customers'], limit);
  const { customerId } = await makeCustomer(panel, { funds: '50' });
  const path = `/customers/${customerId}`;
  const status = async (at: string, body: object) =>
    (await member.ask('POST', `${path}/${at}`, body)).status;
  assert.equal(await status('adjustments', change('6')), 200);
  assert.equal(await status('adjustments', change('-6')), 200);
  assert.equal(await status('funds', { amount: '3', reference: 'a' }), 200);
  const over = await member.ask('POST', `${path}/adjustments`, change('1.01'));
  assert.deepEqual(refusalOf(over), { status: 403, code: 'not_allowed' });
  assert.equal((over.body.error as { detail: string }).detail, '10.00 1.00');
  assert.equal(await status('funds', { amount: '1.01', reference: 'b' }), 403);
  assert.equal(await status('adjustments', change('1')), 200);
  const credit = await member.ask('PATCH', path, { creditLimit: '5' });
  assert.deepEqual(refusalOf(credit), { status: 403, code: 'not_allowed' });
  assert.equal((await member.get(path)).body.balance, '54.00');
});

test('without the permission for payments no balance moves', async () => {
  const member = await openMember(panel, ['customers', 'orders', 'settings']);
  const { customerId } = await makeCustomer(panel, { funds: '5' });
  const path = `/customers/${customerId}`;
  const funds = { amount: '1', reference: 'mine' };
  for (const answer of [
    await member.ask('POST', `${path}/adjustments`, change('1')),
    await member.ask('POST', `${path}/funds`, funds),
  ]) {
    assert.deepEqual(refusalOf(answer), { status: 403, code: 'not_allowed' });
  }
  assert.equal((await member.get(path)).body.balance, '5.00');
});

test('what moves money or hands out a way in needs a fresh sign-in', async () => {
  const member = await openMember(panel);
  const { customerId } = await makeCustomer(panel, { funds: '5' });
  const [key] = await listKeys(panel.app.db, customerId);
  const methodId = await makeMethod(panel, { kind: 'manual' });
  const paymentId = await start(panel.app, { customerId, methodId });
  const path = `/customers/${customerId}`;
  const method = { kind: 'manual', name: 'Cash', min: '1', max: '10' };
  const asks: [Method, string, object][] = [
    ['POST', `${path}/adjustments`, change('1')],
    ['POST', `${path}/funds`, { amount: '1', reference: 'fresh' }],
    ['PATCH', path, { creditLimit: '1' }],
    ['POST', `/payments/${paymentId}/confirm`, {}],
    ['POST', `/payments/${paymentId}/waive`, { note: 'gift' }],
    ['POST', '/customers', { name: 'New', email: 'fresh-1@example.com' }],
    ['POST', `${path}/login`, { email: 'fresh-2@example.com' }],
    ['POST', `${path}/password-link`, {}],
    ['POST', `${path}/keys`, { name: 'fresh' }],
    ['POST', `${path}/keys/${key?.id}/rotate`, {}],
    ['POST', '/payment-methods', method],
    ['PATCH', `/payment-methods/${methodId}`, { enabled: false }],
    ['POST', `${path}/act-as`, {}],
  ];
  await ageSessions(panel);
  for (const [verb, at, body] of asks) {
    const answer = await member.ask(verb, at, body);
    assert.deepEqual(refusalOf(answer), { status: 403, code: 'confirm_first' }, `${verb} ${at}`);
    assert.equal((answer.body.error as { detail: string }).detail, 'password');
  }
  assert.equal((await member.get(path)).body.balance, '5.00');
  // What moves none goes on.
  assert.equal((await member.ask('PATCH', path, { name: 'Renamed' })).status, 204);
  assert.equal((await member.ask('POST', '/customers', { name: 'No login' })).status, 200);
  const confirmed = await member.visitor.post('/api/account/confirm', { password });
  assert.equal(confirmed.status, 204);
  for (const [verb, at, body] of asks) {
    const answer = await member.ask(verb, at, body);
    assert([200, 204].includes(answer.status), `${verb} ${at}: ${JSON.stringify(answer.body)}`);
  }
});

test('stopped money does not move until staff of payments lift that, for a reason', async () => {
  const member = await openMember(panel, ['payments', 'customers']);
  const { customerId } = await makeCustomer(panel, { funds: '10' });
  const detail = () => member.get(`/customers/${customerId}`);
  assert.equal((await detail()).body.moneyStop, null);
  const finding = { invariant: 'I2', check: 'c', subject: 's', detail: 'd' };
  const at = panel.clock.now();
  const actor = { kind: 'system' as const, name: 'verify' };
  await inTransaction(panel.app.db, (tx) =>
    stopMoney(tx, { customerId, findings: [finding], actor, at }),
  );
  const stop = {
    stoppedAt: at.toISOString(),
    findings: [{ check: 'c', subject: 's', detail: 'd' }],
  };
  assert.deepEqual((await detail()).body.moneyStop, stop);
  const { state } = (await (await openMember(panel, ['system'])).get('/system')).body as {
    state: { moneyStops: number[]; state: string };
  };
  assert.deepEqual([state.moneyStops, state.state], [[customerId], 'red']);
  const adjusted = await member.ask('POST', `/customers/${customerId}/adjustments`, change('1'));
  assert.deepEqual(refusalOf(adjusted), { status: 409, code: 'money_stopped' });

  const path = `/customers/${customerId}/lift-stop`;
  assert.equal(refusalOf(await member.ask('POST', path, { reason: ' ' })).code, 'invalid_input');
  const stranger = await openMember(panel, ['customers']);
  const refused = await stranger.ask('POST', path, { reason: 'mine' });
  assert.deepEqual(refusalOf(refused), { status: 403, code: 'not_allowed' });
  assert.equal((await member.ask('POST', path, { reason: 'mended' })).status, 204);
  assert.equal((await detail()).body.moneyStop, null);
  const again = await member.ask('POST', path, { reason: 'mended' });
  assert.deepEqual(refusalOf(again), { status: 409, code: 'conflict' });
  const given = await member.ask('POST', `/customers/${customerId}/adjustments`, change('1'));
  assert.equal(given.status, 200);
});
