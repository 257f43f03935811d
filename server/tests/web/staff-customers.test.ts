import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CustomerId, KeyId } from '../../src/base/index.ts';
import { createRecentCalls, listKeys } from '../../src/customers/index.ts';
import { listAudit } from '../../src/system/index.ts';
import { makeCustomer, makeService } from '../factories.ts';
import { createVisitor, openSignInPanel, password, type SignInPanel } from '../sign-in/visitor.ts';
import { makeWebCustomer, refusalOf } from './customers.ts';
import { type Member, openMember } from './members.ts';

let panel: SignInPanel;
let member: Member;

before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel);
});
after(() => panel.close());

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
const audited = async (customerId: CustomerId, action: string) =>
  (await listAudit(panel.app.db, { customerId, action }, { limit: 50 })).rows;

test('customers are found by name, address, number and status, page after page', async () => {
  const web = await makeWebCustomer(panel, '0');
  const made = await Promise.all([1, 2, 3].map(() => makeCustomer(panel, { funds: '0' })));
  const { email } = await read(`/customers/${web.customerId}`);
  const idsOf = async (query: string) =>
    ((await read(`/customers?${query}`)).rows as { id: number }[]).map(({ id }) => id);
  assert.deepEqual(await idsOf(`search=${String(email).toUpperCase()}`), [web.customerId]);
  const [last] = made.map(({ customerId }) => customerId).toSorted((one, two) => two - one);
  assert((await idsOf(`search=${last}`)).includes(last as CustomerId));
  const all = await idsOf('limit=100');
  const first = await read('/customers?limit=2');
  const second = await read(`/customers?limit=2&cursor=${first.next}`);
  const paged = [first, second].flatMap(({ rows }) => (rows as { id: number }[]).map((r) => r.id));
  assert.deepEqual(paged, all.slice(0, 4));
  await done('PATCH', `/customers/${last}`, { status: 'suspended', reason: 'stolen card' });
  assert.deepEqual(await idsOf('status=suspended'), [last]);
  assert.equal((await member.get('/customers?cursor=x')).status, 400);
});

test('a customer is created with no login, or with one whose link sets its password', async () => {
  const plain = await done('POST', '/customers', { name: 'Shop', language: 'zh-CN' });
  assert.equal(plain.link, null);
  const detail = await read(`/customers/${plain.id}`);
  assert.deepEqual([detail.name, detail.language, detail.login], ['Shop', 'zh-CN', null]);
  const email = 'invited@example.com';
  const invited = await done('POST', '/customers', { name: 'Ann', email });
  const link = new URL(String(invited.link));
  assert.equal(link.origin, panel.url);
  const before = (await read(`/customers/${invited.id}`)).login as Record<string, unknown>;
  assert.deepEqual([before.email, before.hasPassword, before.lastSignInAt], [email, false, null]);
  const visitor = createVisitor(panel);
  const token = link.searchParams.get('token');
  const set = await visitor.post('/api/auth/reset-password', { token, newPassword: password });
  assert.equal(set.status, 200);
  await visitor.post('/api/auth/sign-in/email', { email, password });
  assert.equal((await visitor.signedIn())?.customerId, invited.id);
  const login = (await read(`/customers/${invited.id}`)).login as Record<string, unknown>;
  assert.deepEqual([login.hasPassword, login.sessions, login.hasTwoFactor], [true, 1, false]);
  // Neither half of it is made when the other can't be.
  const count = ((await read('/customers?limit=100')).rows as object[]).length;
  const taken = { name: 'Twin', email };
  assert.deepEqual(await refused('POST', '/customers', taken), { status: 409, code: 'conflict' });
  const bad = { name: 'Bad', email: 'no address' };
  assert.equal((await refused('POST', '/customers', bad)).code, 'invalid_input');
  assert.equal((await refused('POST', '/customers', { name: ' ' })).code, 'invalid_input');
  assert.equal(((await read('/customers?limit=100')).rows as object[]).length, count);
});

test('who signs in is added once, and gets a new password link that works', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const path = `/customers/${customerId}`;
  assert.equal((await refused('POST', `${path}/password-link`)).status, 404);
  await done('POST', `${path}/login`, { email: 'late@example.com' });
  const again = { email: 'other@example.com' };
  assert.equal((await refused('POST', `${path}/login`, again)).code, 'conflict');
  const { link } = await done('POST', `${path}/password-link`);
  const token = new URL(String(link)).searchParams.get('token');
  const visitor = createVisitor(panel);
  const set = await visitor.post('/api/auth/reset-password', { token, newPassword: password });
  assert.equal(set.status, 200);
  const [audit] = await audited(customerId, 'user.password_link');
  assert(audit !== undefined && !JSON.stringify(audit.after).includes(String(token)));
  assert.equal((await refused('POST', '/customers/999999/login', again)).status, 404);
});

test('terms are changed, a suspension says why, and all of it is audited', async () => {
  const { customerId, key } = await makeCustomer(panel);
  const path = `/customers/${customerId}`;
  await done('PATCH', path, {
    name: 'Renamed',
    discountBasisPoints: 1_250,
    callsPerSecondMax: 7,
    creditLimit: '20.5',
  });
  const changed = await read(path);
  const { name, discountBasisPoints, callsPerSecondMax, creditLimit } = changed;
  assert.deepEqual([name, discountBasisPoints, callsPerSecondMax], ['Renamed', 1_250, 7]);
  assert.equal(creditLimit, '20.50');
  assert.equal((await refused('PATCH', path, { status: 'suspended' })).code, 'invalid_input');
  await done('PATCH', path, { status: 'suspended', reason: '  asked for it  ' });
  const suspended = await read(path);
  assert.deepEqual(
    [suspended.status, suspended.suspendedBy, suspended.suspensionNote],
    ['suspended', 'staff', 'asked for it'],
  );
  const call = (await panel.call({ key, action: 'balance' })) as { error?: string };
  assert(call.error !== undefined, 'their key is refused at once');
  await done('PATCH', path, { status: 'active', callsPerSecondMax: null });
  const active = await read(path);
  assert.deepEqual([active.suspensionNote, active.callsPerSecondMax], ['', null]);
  const rows = await audited(customerId, 'customer.update');
  assert.equal(rows.length, 3);
  assert(rows.some(({ after }) => JSON.stringify(after).includes('asked for it')));
  for (const bad of [
    { discountBasisPoints: 10_000 },
    { callsPerSecondMax: 0 },
    { creditLimit: '-1' },
    { creditLimit: 'much' },
    { name: '' },
    { reason: 'x'.repeat(501) },
  ]) {
    assert.equal((await refused('PATCH', path, bad)).code, 'invalid_input', JSON.stringify(bad));
  }
  assert.equal((await refused('PATCH', '/customers/999999', { name: 'x' })).status, 404);
});

test('an own price is set, shown beside the list price, and taken away', async () => {
  const { customerId } = await makeCustomer(panel, { funds: '0' });
  const service = await makeService(panel, { name: 'Priced 17', rate: '2' });
  const path = `/customers/${customerId}/prices`;
  await done('PATCH', `/customers/${customerId}`, { discountBasisPoints: 1_000 });
  const optionOf = async () => {
    const { services } = await read(`${path}?search=priced%2017`);
    return (services as { rate: string; listRate: string }[]).map((one) => [
      one.listRate,
      one.rate,
    ]);
  };
  assert.deepEqual(await optionOf(), [['2.00', '1.80']]);
  await done('PUT', `${path}/${service}`, { rate: '0.75' });
  assert.deepEqual(await optionOf(), [['2.00', '0.75']]);
  const { prices } = await read(`/customers/${customerId}`);
  const own = { serviceId: service, service: 'Priced 17', rate: '0.75', listRate: '2.00' };
  assert.deepEqual(prices, [own]);
  await done('PUT', `${path}/${service}`, { rate: null });
  assert.deepEqual((await read(`/customers/${customerId}`)).prices, []);
  assert.equal((await refused('PUT', `${path}/999999`, { rate: '1' })).status, 404);
  assert.equal((await refused('PUT', `${path}/${service}`, { rate: '-1' })).status, 400);
  const nobody = `/customers/999999/prices/${service}`;
  assert.equal((await refused('PUT', nobody, { rate: '1' })).status, 404);
  assert.equal((await member.get('/customers/999999/prices')).status, 404);
});

test('keys are made, limited, replaced and revoked, of this customer alone', async () => {
  const { customerId, key } = await makeCustomer(panel);
  const other = await makeCustomer(panel);
  const path = `/customers/${customerId}/keys`;
  const made = await done('POST', path, { name: 'shop', allowedAddresses: ['127.0.0.1'] });
  const works = async (text: unknown) => {
    const reply = (await panel.call({ key: String(text), action: 'balance' })) as object;
    return !('error' in reply);
  };
  assert.equal(await works(made.key), true);
  await done('PUT', `${path}/${made.id}/addresses`, { allowedAddresses: ['203.0.113.7'] });
  assert.equal(await works(made.key), false);
  await done('PUT', `${path}/${made.id}/addresses`, { allowedAddresses: [] });
  const rotated = await done('POST', `${path}/${made.id}/rotate`);
  assert.deepEqual([await works(made.key), await works(rotated.key)], [false, true]);
  await done('DELETE', `${path}/${rotated.id}`);
  assert.deepEqual([await works(rotated.key), await works(key)], [false, true]);
  const detail = JSON.stringify(await read(`/customers/${customerId}`));
  assert(!detail.includes(String(rotated.key)) && detail.includes('"name":"shop"'));
  const [foreign] = await listKeys(panel.app.db, other.customerId);
  const theirs = `${path}/${foreign?.id}`;
  assert.equal((await refused('POST', `${theirs}/rotate`)).status, 404);
  assert.equal((await refused('DELETE', theirs)).status, 404);
  const none = { allowedAddresses: [] };
  assert.equal((await refused('PUT', `${theirs}/addresses`, none)).status, 404);
  assert.equal(await works(other.key), true);
  const odd = { name: 'odd', allowedAddresses: ['somewhere'] };
  assert.equal((await refused('POST', path, odd)).code, 'invalid_input');
  assert.equal((await refused('POST', '/customers/999999/keys', { name: 'x' })).status, 404);
  const recent = createRecentCalls(panel.app);
  const caller = { customerId, keyId: made.id as KeyId };
  recent.note(caller, { address: '127.0.0.1', refusal: null, action: 'balance' });
  await recent.store(AbortSignal.abort());
  const { calls } = await read(`/customers/${customerId}/calls`);
  assert((calls as { action: string }[]).some(({ action }) => action === 'balance'));
  assert.deepEqual((await read('/customers/999999/calls')).calls, []);
});

test('who acts as a customer sees their pages, is named in what they do, can stop', async () => {
  const actor = await openMember(panel, ['customers']);
  const web = await makeWebCustomer(panel);
  const started = await actor.ask('POST', `/customers/${web.customerId}/act-as`);
  assert.equal(started.status, 204);
  const session = await actor.visitor.get('/api/customer/session');
  const { signedIn } = session.body as {
    signedIn: { isActing: boolean; customer: { id: number } };
  };
  assert.deepEqual([signedIn.isActing, signedIn.customer.id], [true, web.customerId]);
  assert.equal((await actor.get('/customers')).status, 403);
  await actor.visitor.post('/api/customer/keys', { name: 'by staff' });
  const [key] = await audited(web.customerId, 'key.create');
  assert.match(String(key?.actor), new RegExp(`^customer:${web.customerId} by staff:clerk`));
  assert.equal((await actor.visitor.post('/api/account/stop-acting')).status, 204);
  assert.equal((await actor.visitor.post('/api/account/stop-acting')).status, 204);
  assert.equal((await actor.get('/customers')).status, 200);
  assert.equal((await audited(web.customerId, 'customer.act_as')).length, 1);
  assert.equal((await audited(web.customerId, 'customer.act_as_end')).length, 1);
  assert.equal((await refused('POST', '/customers/999999/act-as')).status, 404);
  assert.equal(refusalOf(await web.visitor.post('/api/account/stop-acting')).status, 403);
});

test('without the permission nothing is read or changed', async () => {
  const { customerId } = await makeCustomer(panel);
  const service = await makeService(panel);
  const [key] = await listKeys(panel.app.db, customerId);
  const without = await openMember(panel, ['orders', 'services', 'payments', 'settings']);
  const path = `/customers/${customerId}`;
  for (const each of ['/customers', path, `${path}/calls`, `${path}/statement`, `${path}/prices`]) {
    assert.equal((await without.get(each)).status, 403, each);
  }
  const asks: [Method, string, object][] = [
    ['POST', '/customers', { name: 'Mine' }],
    ['PATCH', path, { name: 'Mine' }],
    ['POST', `${path}/login`, { email: 'mine@example.com' }],
    ['POST', `${path}/password-link`, {}],
    ['POST', `${path}/act-as`, {}],
    ['POST', `${path}/keys`, { name: 'mine' }],
    ['POST', `${path}/keys/${key?.id}/rotate`, {}],
    ['DELETE', `${path}/keys/${key?.id}`, {}],
    ['PUT', `${path}/keys/${key?.id}/addresses`, { allowedAddresses: [] }],
    ['PUT', `${path}/prices/${service}`, { rate: '0.01' }],
  ];
  for (const [method, at, body] of asks) {
    const answer = refusalOf(await without.ask(method, at, body));
    assert.deepEqual(answer, { status: 403, code: 'not_allowed' }, `${method} ${at}`);
  }
  const web = await makeWebCustomer(panel, '0');
  assert.equal((await web.visitor.get(`/api/admin${path}`)).status, 403);
  assert.equal((await createVisitor(panel).get(`/api/admin${path}`)).status, 401);
});
