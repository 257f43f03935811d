import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hourMs, type PaymentId, parseAmount } from '../../src/base/index.ts';
import { dismissPayment, expirePayments, reportPaid } from '../../src/payments/index.ts';
import { makeCustomer } from '../factories.ts';
import {
  balanceOf,
  customerActor,
  gatewaySecrets,
  makeMethod,
  sendGateway,
  start,
  stripeSecrets,
  succeeded,
} from '../payments/steps.ts';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { refusalOf } from './customers.ts';
import { type Member, openMember } from './members.ts';

let panel: SignInPanel;
let member: Member;
before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel);
});
after(async () => {
  await panel.verify();
  await panel.close();
});

type Method = Parameters<Member['ask']>[0];

async function done(method: Method, path: string, body: object = {}) {
  const answer = await member.ask(method, path, body);
  assert([200, 204].includes(answer.status), JSON.stringify(answer.body));
  return answer.body;
}
async function read(path: string) {
  const { status, body } = await member.get(path);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
const refused = async (method: Method, path: string, body: object = {}) =>
  refusalOf(await member.ask(method, path, body));
const idsOf = async (query: string) =>
  ((await read(`/payments?${query}`)).rows as { id: number }[]).map(({ id }) => BigInt(id));

/** A payment by hand that its customer says is made. */
async function waiting() {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const methodId = await makeMethod(panel, { kind: 'manual' });
  const paymentId = await start(panel.app, { customerId, methodId });
  await reportPaid(panel.app, customerActor(customerId), { paymentId, note: 'ref 12' });
  return { customerId, methodId, paymentId };
}

/** A payment of a gateway that was credited and then lost to a dispute, its money spent. */
async function owing() {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const methodId = await makeMethod(panel);
  const paymentId = await start(panel.app, { customerId, methodId });
  await sendGateway(panel, methodId, succeeded(paymentId));
  const taking = { amount: '-4', reason: 'spent', reference: `spent-${paymentId}` };
  await done('POST', `/customers/${customerId}/adjustments`, taking);
  await sendGateway(panel, methodId, {
    id: `lost-${paymentId}`,
    type: 'dispute.lost',
    payment: String(paymentId),
    dispute: `d-${paymentId}`,
    amount: '10.00',
    created: 1_772_366_500,
  });
  return { customerId, methodId, paymentId };
}

test('payments are listed by state, method, customer, mark and what waits, in pages', async () => {
  const one = await waiting();
  const two = await owing();
  assert.deepEqual(await idsOf(`customer=${one.customerId}`), [one.paymentId]);
  assert.deepEqual(await idsOf(`method=${two.methodId}&state=lost`), [two.paymentId]);
  assert.deepEqual(await idsOf(`method=${two.methodId}&state=credited`), []);
  assert((await idsOf('wants=attention')).includes(one.paymentId));
  assert.deepEqual(await idsOf('wants=owing'), [two.paymentId]);
  const first = await read('/payments?limit=1');
  const second = await read(`/payments?limit=1&cursor=${first.next}`);
  const rows = [first, second].flatMap((page) => (page.rows as { id: number }[]).map((r) => r.id));
  assert.deepEqual(rows, [Number(two.paymentId), Number(one.paymentId)]);
  const counts = await read('/payments/waiting');
  assert.equal(counts.payments, 2);
  for (const query of ['state=odd', 'flag=odd', 'cursor=x', 'method=0', 'wants=all']) {
    assert.equal((await member.get(`/payments?${query}`)).status, 400, query);
  }
});

test('a payment by hand is confirmed once, also for another amount than was started', async () => {
  const { paymentId, customerId } = await waiting();
  const path = `/payments/${paymentId}`;
  const waits = await read(path);
  assert.deepEqual([waits.state, waits.note, waits.amount], ['waiting', 'ref 12', '10.00']);
  assert.deepEqual(await done('POST', `${path}/confirm`, { amount: '12', note: 'saw it' }), {
    changed: true,
  });
  assert.deepEqual(await done('POST', `${path}/confirm`), { changed: false });
  assert.equal(await balanceOf(panel, customerId), '12.00');
  const after = await read(path);
  assert.deepEqual([after.state, after.credit, after.note], ['credited', '12.00', 'saw it']);
  const events = after.events as { kind: string; actor: string; state: string }[];
  assert.deepEqual(
    events.map(({ kind, state }) => [kind, state]),
    [
      ['confirm', 'credited'],
      ['reported', 'waiting'],
      ['started', 'started'],
    ],
  );
  assert.match(String(events[0]?.actor), /^staff:clerk/);
  assert.deepEqual(await refused('POST', `${path}/reject`), { status: 409, code: 'conflict' });
});

test('a payment that was not made is rejected, and may still be confirmed later', async () => {
  const { paymentId, customerId } = await waiting();
  const path = `/payments/${paymentId}`;
  assert.deepEqual(await done('POST', `${path}/reject`, { note: 'nothing came' }), {
    changed: true,
  });
  assert.deepEqual(await done('POST', `${path}/reject`), { changed: false });
  assert.equal((await read(path)).state, 'failed');
  await done('POST', `${path}/confirm`);
  assert.equal(await balanceOf(panel, customerId), '10.00');
});

test('a mark is cleared with a note', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const methodId = await makeMethod(panel);
  const paymentId = await start(panel.app, { customerId, methodId });
  await sendGateway(panel, methodId, succeeded(paymentId, { amount: '9.00' }));
  const path = `/payments/${paymentId}`;
  assert.equal((await read(path)).flag, 'amount_differs');
  assert.deepEqual(await idsOf('flag=amount_differs'), [paymentId]);
  assert.equal((await refused('POST', `${path}/clear-flag`, { note: ' ' })).code, 'invalid_input');
  assert.equal((await refused('POST', `${path}/clear-flag`)).code, 'invalid_input');
  assert.deepEqual(await done('POST', `${path}/clear-flag`, { note: 'returned' }), {
    changed: true,
  });
  assert.deepEqual(await done('POST', `${path}/clear-flag`, { note: 'again' }), {
    changed: false,
  });
  assert.equal((await read(path)).flag, null);
});

test('what is owed of a lost dispute is shown, and can be let go', async () => {
  const { paymentId, customerId } = await owing();
  const path = `/payments/${paymentId}`;
  const lost = await read(path);
  assert.deepEqual(
    [lost.state, lost.taken, lost.owed, lost.waived],
    ['lost', '6.00', '4.00', '0.00'],
  );
  const [dispute] = lost.disputes as { state: string; amount: string }[];
  assert.deepEqual([dispute?.state, dispute?.amount], ['lost', '10.00']);
  assert.equal((await read(`/customers/${customerId}`)).suspendedBy, 'dispute');
  assert.equal((await refused('POST', `${path}/waive`, {})).code, 'invalid_input');
  assert.deepEqual(await done('POST', `${path}/waive`, { note: 'old friend' }), { changed: true });
  assert.deepEqual(await done('POST', `${path}/waive`, { note: 'again' }), { changed: false });
  const waived = await read(path);
  assert.deepEqual([waived.owed, waived.waived], ['0.00', '4.00']);
});

test('what confirming and waiving give counts to the day of who does it', async () => {
  const limited = await openMember(panel, ['payments'], parseAmount('13', 'limit'));
  const debt = await owing();
  const { paymentId } = await waiting();
  const ask = (path: string, body: object = {}) => limited.ask('POST', path, body);
  const waive = () => ask(`/payments/${debt.paymentId}/waive`, { note: 'gift' });
  assert.equal((await ask(`/payments/${paymentId}/confirm`)).status, 200);
  const over = await waive();
  assert.deepEqual(refusalOf(over), { status: 403, code: 'not_allowed' });
  assert.equal((over.body.error as { detail: string }).detail, '13.00 3.00');
  assert.equal((await read(`/payments/${debt.paymentId}`)).owed, '4.00');
  const next = await waiting();
  assert.equal((await ask(`/payments/${next.paymentId}/confirm`)).status, 403);
  assert.equal(await balanceOf(panel, next.customerId), '0.00');
});

test('reports of payments nobody knows are listed in pages, and dismissed once', async () => {
  const methodId = await makeMethod(panel);
  for (const number of [900_001n, 900_002n]) {
    await sendGateway(panel, methodId, succeeded(number as PaymentId));
  }
  const first = await read('/payment-strays?limit=1');
  const second = await read(`/payment-strays?limit=1&cursor=${first.next}`);
  type Stray = { id: string; kind: string; amount: string; currency: string; methodId: number };
  const strays = [first, second].flatMap(({ rows }) => rows as Stray[]);
  assert.deepEqual(
    strays.map(({ kind, amount, currency }) => [kind, amount, currency]),
    [
      ['paid', '10.00', 'USD'],
      ['paid', '10.00', 'USD'],
    ],
  );
  assert.equal(second.next, null);
  const path = `/payment-strays/${strays[0]?.id}/dismiss`;
  await done('POST', path);
  assert.deepEqual(await refused('POST', path), { status: 404, code: 'not_found' });
  assert.equal((await refused('POST', '/payment-strays/abc/dismiss')).status, 404);
  assert.equal(((await read('/payment-strays')).rows as Stray[]).length, 1);
  assert.equal((await member.get('/payment-strays?cursor=x')).status, 400);
});

test('unknown payments are not found', async () => {
  assert.equal((await member.get('/payments/999999')).status, 404);
  assert.equal((await member.get('/payments/abc')).status, 400);
  for (const [action, body] of [
    ['confirm', {}],
    ['reject', {}],
    ['clear-flag', { note: 'x' }],
    ['waive', { note: 'x' }],
  ] as const) {
    assert.equal((await refused('POST', `/payments/999999/${action}`, body)).status, 404, action);
  }
});

test('without the permission nothing is read or decided', async () => {
  const without = await openMember(panel, ['customers', 'orders', 'settings']);
  const { paymentId, customerId } = await waiting();
  const at = `/payments/${paymentId}`;
  for (const path of ['/payments', '/payments/waiting', at, '/payment-strays']) {
    assert.equal((await without.get(path)).status, 403, path);
  }
  for (const [path, body] of [
    [`${at}/confirm`, {}],
    [`${at}/reject`, {}],
    [`${at}/clear-flag`, { note: 'x' }],
    [`${at}/waive`, { note: 'x' }],
    ['/payment-strays/1/dismiss', {}],
  ] as const) {
    const answer = refusalOf(await without.ask('POST', path, body));
    assert.deepEqual(answer, { status: 403, code: 'not_allowed' }, path);
  }
  assert.equal(await balanceOf(panel, customerId), '0.00');
});

test('a method is added off, gets what it needs, and never shows its secrets', async () => {
  const added = await done('POST', '/payment-methods', {
    kind: 'stripe',
    name: 'Card',
    min: '5',
    max: '500',
    feeBasisPoints: 290,
    feeFixed: '0.30',
    bonusTiers: [{ from: '100', basisPoints: 500 }],
    enabled: true,
  });
  const find = async () => {
    const { methods } = await read('/payment-methods');
    return (methods as Record<string, unknown>[]).find(({ id }) => id === added.id) ?? {};
  };
  const bare = await find();
  assert.deepEqual(bare.missing, ['secretKey', 'webhookSecret']);
  assert.deepEqual([bare.isOffered, bare.feeFixed, bare.min], [false, '0.30', '5.00']);
  assert.deepEqual(bare.bonusTiers, [{ from: '100.00', basisPoints: 500 }]);
  assert.equal(bare.webhookUrl, `${panel.url}/webhooks/stripe/${added.id}`);
  await done('PATCH', `/payment-methods/${added.id}`, { secrets: stripeSecrets, max: '250' });
  const whole = await find();
  assert.deepEqual([whole.isOffered, whole.missing, whole.max], [true, [], '250.00']);
  assert.deepEqual(whole.secrets, ['secretKey', 'webhookSecret']);
  const shown = JSON.stringify(await read('/payment-methods'));
  for (const secret of Object.values(stripeSecrets)) assert(!shown.includes(secret));
  await done('PATCH', `/payment-methods/${added.id}`, { secrets: { webhookSecret: '' } });
  assert.equal((await find()).isOffered, false);
});

test('instructions are in both languages, and customers read their own', async () => {
  const { id } = await done('POST', '/payment-methods', {
    kind: 'manual',
    name: 'Bank',
    min: '1',
    max: '100',
    enabled: true,
    instructions: 'Send {amount}, number {payment}.',
    instructionsZh: '请转账 {amount}，备注 {payment}。',
  });
  const { id: english } = await done('POST', '/customers', { name: 'English' });
  const { id: chinese } = await done('POST', '/customers', { name: '中文', language: 'zh-CN' });
  const textFor = async (customerId: unknown) => {
    const { startPayment, readInstructions } = await import('../../src/payments/index.ts');
    const customer = customerId as Parameters<typeof customerActor>[0];
    const { paymentId, next } = await startPayment(panel.app, customerActor(customer), {
      methodId: id as Parameters<typeof start>[1]['methodId'],
      amount: parseAmount('10', 'amount'),
      returnUrl: 'https://panel.example/funds',
    });
    const key = { customerId: customer, paymentId };
    assert(next.kind === 'instructions');
    assert.equal(await readInstructions(panel.app.db, key), next.text);
    return next.text;
  };
  assert.match(await textFor(english), /^Send 10\.00, number \d+\.$/);
  assert.match(await textFor(chinese), /^请转账 10\.00，备注 \d+。$/);
  await done('PATCH', `/payment-methods/${id}`, { instructions: '' });
  assert.match(await textFor(english), /^请转账/);
});

test('methods are put in order, and what can not be is refused', async () => {
  const [one, two] = [await makeMethod(panel), await makeMethod(panel)];
  const order = async () =>
    ((await read('/payment-methods')).methods as { id: number }[]).map(({ id }) => id);
  await done('POST', `/payment-methods/${two}/move`, { beforeId: one });
  assert.deepEqual((await order()).slice(-2), [two, one]);
  await done('POST', `/payment-methods/${two}/move`, { beforeId: null });
  assert.deepEqual((await order()).slice(-2), [one, two]);
  const plain = { kind: 'webhook', name: 'Gate', min: '1', max: '10' };
  const add = (body: object) => refused('POST', '/payment-methods', { ...plain, ...body });
  for (const bad of [
    { name: '' },
    { min: '0' },
    { max: '0.5' },
    { kind: 'odd' },
    { feeBasisPoints: 10_000 },
    { bonusTiers: [{ from: 'x', basisPoints: 1 }] },
    { secrets: { secretKey: 'sk' } },
    { secrets: { ...gatewaySecrets, payUrl: 'javascript:alert(1)' } },
  ]) {
    assert.equal((await add(bad)).code, 'invalid_input', JSON.stringify(bad));
  }
  await done('POST', '/payment-methods', plain);
  assert.deepEqual(await add({}), { status: 409, code: 'conflict' });
  const nowhere = { enabled: true };
  assert.equal((await refused('PATCH', '/payment-methods/9999', nowhere)).status, 404);
  const move = { beforeId: null };
  assert.equal((await refused('POST', '/payment-methods/9999/move', move)).status, 404);
});

test('who confirms payments reads methods; only who has the settings changes them', async () => {
  const clerk = await openMember(panel, ['payments']);
  const keeper = await openMember(panel, ['settings']);
  const other = await openMember(panel, ['customers']);
  const methodId = await makeMethod(panel);
  assert.equal((await clerk.get('/payment-methods')).status, 200);
  assert.equal((await keeper.get('/payment-methods')).status, 200);
  assert.equal((await other.get('/payment-methods')).status, 403);
  for (const one of [clerk, other]) {
    const input = { kind: 'manual', name: 'Mine', min: '1', max: '2' };
    assert.equal((await one.ask('POST', '/payment-methods', input)).status, 403);
    const path = `/payment-methods/${methodId}`;
    assert.equal((await one.ask('PATCH', path, { secrets: gatewaySecrets })).status, 403);
    assert.equal((await one.ask('POST', `${path}/move`, { beforeId: null })).status, 403);
  }
  assert.equal(
    (await keeper.ask('PATCH', `/payment-methods/${methodId}`, { enabled: false })).status,
    204,
  );
});

test('of a payment that was never made, staff read who ended it', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const methodId = await makeMethod(panel);
  const ids: PaymentId[] = [];
  for (let count = 0; count < 4; count += 1) {
    ids.push(await start(panel.app, { customerId, methodId }));
  }
  const [dismissed, closed, late, open] = ids;
  assert(dismissed !== undefined && closed !== undefined);
  await dismissPayment(panel.app, customerActor(customerId), { paymentId: dismissed });
  const expired = { id: `closed-${closed}`, type: 'payment.expired', payment: String(closed) };
  await sendGateway(panel, methodId, expired);
  await sendGateway(panel, methodId, {
    ...expired,
    id: `gone-${dismissed}`,
    payment: `${dismissed}`,
  });
  const endings = async () => {
    const { rows } = await read(`/payments?customer=${customerId}`);
    return (rows as { id: number; endedBy: string | null }[]).map(({ id, endedBy }) => [
      ...[BigInt(id), endedBy],
    ]);
  };
  const both = [
    [closed, 'gateway'],
    [dismissed, 'customer'],
  ];
  assert.deepEqual(await endings(), [[open, null], [late, null], ...both]);
  panel.clock.advance(26 * hourMs + 1);
  while ((await expirePayments(panel.app)) > 0);
  assert.deepEqual(await endings(), [[open, 'time'], [late, 'time'], ...both]);
  assert.equal((await read(`/payments/${closed}`)).endedBy, 'gateway');
  // Paid after all, it has not ended at all.
  assert(late !== undefined);
  await sendGateway(panel, methodId, succeeded(late));
  assert.deepEqual((await endings())[1], [late, null]);
});
