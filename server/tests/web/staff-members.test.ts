import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs, parseAmount } from '../../src/base/index.ts';
import { createVisitor, openSignInPanel, password, type SignInPanel } from '../sign-in/visitor.ts';
import { refusalOf } from './customers.ts';
import { type Member, openMember } from './members.ts';

let panel: SignInPanel;
let member: Member;

before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel);
});
after(() => panel.close());

type Listed = {
  id: number;
  name: string;
  status: string;
  areas: string[];
  dailyLimit: string | null;
  login: { email: string; hasPassword: boolean; sessions: number } | null;
};

async function list(asker: Member = member): Promise<{ self: number; members: Listed[] }> {
  const { status, body } = await asker.get('/staff');
  assert.equal(status, 200);
  return body as { self: number; members: Listed[] };
}

let added = 0;
function draft(changes: object = {}) {
  added += 1;
  const name = `ann${added}`;
  const given = { name, email: `${name}@example.com`, areas: ['orders'], dailyLimit: '5' };
  return { ...given, ...changes };
}

async function add(input = draft()): Promise<{ id: number; link: URL; email: string }> {
  const { status, body } = await member.ask('POST', '/staff', input);
  assert.equal(status, 200, JSON.stringify(body));
  return { id: body.id as number, link: new URL(String(body.link)), email: input.email };
}

async function setPassword(link: URL, newPassword: string): Promise<number> {
  const token = link.searchParams.get('token');
  const visitor = createVisitor(panel);
  return (await visitor.post('/api/auth/reset-password', { token, newPassword })).status;
}

async function signIn(email: string, given = password) {
  const visitor = createVisitor(panel);
  const { status } = await visitor.post('/api/auth/sign-in/email', { email, password: given });
  return { status, visitor };
}

test('whoever is added signs in by the link, once, with what they may do', async () => {
  const { id, link, email } = await add();
  const invited = (await list()).members.find((each) => each.id === id);
  assert.deepEqual(
    [invited?.areas, invited?.dailyLimit, invited?.login?.hasPassword],
    [['orders'], '5.00', false],
  );
  assert.equal(await setPassword(link, password), 200);
  assert.notEqual(await setPassword(link, password), 200);
  const { visitor } = await signIn(email);
  assert.equal((await visitor.get('/api/admin/orders')).status, 200);
  assert.equal((await visitor.get('/api/admin/staff')).status, 403);
  const listed = (await list()).members.find((each) => each.id === id);
  assert.deepEqual([listed?.login?.hasPassword, listed?.login?.sessions], [true, 1]);
});

test('a bad name, address, limit or area adds nobody, nor does an address in use', async () => {
  const count = (await list()).members.length;
  const { email } = await add();
  const refused = [
    [draft({ name: 'Ann Smith' }), 400, 'name'],
    [draft({ name: 'cli' }), 409, 'name'],
    [draft({ name: 'ann1' }), 409, 'name'],
    [draft({ email: 'nowhere' }), 400, 'email'],
    [draft({ email }), 409, 'email'],
    [draft({ dailyLimit: '-1' }), 400, ''],
    [draft({ areas: ['everything'] }), 400, 'areas.0'],
  ] as const;
  for (const [input, status, detail] of refused) {
    const answer = await member.ask('POST', '/staff', input);
    const { error } = answer.body as { error: { detail: string } };
    assert.deepEqual([answer.status, error.detail], [status, detail], JSON.stringify(input));
  }
  assert.equal((await list()).members.length, count + 1);
});

test('permissions, limit and status change at once, also for who is signed in', async () => {
  const { id, link, email } = await add();
  await setPassword(link, password);
  const { visitor } = await signIn(email);
  const change = { areas: ['payments'], dailyLimit: null };
  assert.equal((await member.ask('PATCH', `/staff/${id}`, change)).status, 204);
  assert.equal((await visitor.get('/api/admin/orders')).status, 403);
  assert.equal((await visitor.get('/api/admin/payments')).status, 200);
  assert.equal((await member.ask('PATCH', `/staff/${id}`, { status: 'suspended' })).status, 204);
  assert.equal((await visitor.get('/api/admin/payments')).status, 401);
  assert.equal((await signIn(email)).status, 403);
  assert.equal((await member.ask('PATCH', `/staff/${id}`, { status: 'active' })).status, 204);
  assert.equal((await signIn(email)).status, 200);
  assert.equal((await member.ask('PATCH', '/staff/99999', change)).status, 404);
});

test('nobody gives what they do not have, not even by a link', async () => {
  const clerk = await openMember(panel, ['staff', 'orders'], parseAmount('10', 'limit'));
  const refuse = async (asked: Promise<{ status: number; body: object }>, detail: string) => {
    const { status, body } = await asked;
    const { error } = body as { error: { code: string; detail: string } };
    assert.deepEqual([status, error.code, error.detail], [403, 'not_allowed', detail]);
  };
  const rich = await add(draft({ areas: ['orders', 'payments'], dailyLimit: null }));
  await refuse(clerk.ask('POST', '/staff', draft({ areas: ['payments'] })), 'payments');
  await refuse(clerk.ask('POST', '/staff', draft({ dailyLimit: '11' })), 'daily_limit');
  await refuse(clerk.ask('POST', '/staff', draft({ dailyLimit: null })), 'daily_limit');
  const { self } = await list(clerk);
  await refuse(clerk.ask('PATCH', `/staff/${self}`, { dailyLimit: null }), 'daily_limit');
  await refuse(clerk.ask('PATCH', `/staff/${self}`, { areas: ['staff', 'audit'] }), 'audit');
  await refuse(clerk.ask('POST', `/staff/${rich.id}/password-link`), 'payments');
  await refuse(clerk.ask('DELETE', `/staff/${rich.id}/second-factors`), 'payments');
  const own = draft({ areas: ['staff', 'orders'], dailyLimit: '10' });
  assert.equal((await clerk.ask('POST', '/staff', own)).status, 200);
});

test('a link sets a new password; a login is made for who has none', async () => {
  const { id, link, email } = await add();
  await setPassword(link, password);
  const again = await member.ask('POST', `/staff/${id}/password-link`);
  assert.equal(await setPassword(new URL(String(again.body.link)), `${password} 2`), 200);
  assert.equal((await signIn(email)).status, 401);
  assert.equal((await signIn(email, `${password} 2`)).status, 200);
  const taken = await member.ask('POST', `/staff/${id}/login`, { email: 'new@example.com' });
  assert.deepEqual(refusalOf(taken), { status: 409, code: 'conflict' });
  assert.equal((await member.ask('POST', '/staff/99999/password-link')).status, 404);
  assert.equal(
    (await member.ask('POST', '/staff/99999/login', { email: 'nobody@example.com' })).status,
    404,
  );
});

test('sessions that are ended count for nothing at once', async () => {
  const { id, link, email } = await add();
  await setPassword(link, password);
  const [one, two] = [await signIn(email), await signIn(email)];
  const { status, body } = await member.ask('DELETE', `/staff/${id}/sessions`);
  assert.deepEqual([status, body], [200, { ended: 2 }]);
  for (const { visitor } of [one, two]) {
    assert.equal((await visitor.get('/api/admin/orders')).status, 401);
  }
  assert.equal((await member.ask('DELETE', '/staff/99999/sessions')).status, 404);
});

test('whoever may change staff is never the last to lose that', async () => {
  const lone = await openSignInPanel();
  try {
    const only = await openMember(lone);
    const { self } = await list(only);
    const answer = await only.ask('PATCH', `/staff/${self}`, { status: 'suspended' });
    assert.deepEqual(refusalOf(answer), { status: 409, code: 'conflict' });
  } finally {
    await lone.close();
  }
});

test('without the permission nothing is read or changed', async () => {
  const { id } = await add();
  const clerk = await openMember(panel, ['orders', 'settings', 'customers']);
  const calls: readonly ['POST' | 'PATCH' | 'DELETE', string, object?][] = [
    ['POST', '/staff', draft()],
    ['PATCH', `/staff/${id}`, { areas: [] }],
    ['POST', `/staff/${id}/login`, { email: 'x@example.com' }],
    ['POST', `/staff/${id}/password-link`],
    ['DELETE', `/staff/${id}/sessions`],
    ['DELETE', `/staff/${id}/second-factors`],
  ];
  assert.equal((await clerk.get('/staff')).status, 403);
  for (const [method, path, body] of calls) {
    const answer = await clerk.ask(method, path, body);
    assert.deepEqual(refusalOf(answer), { status: 403, code: 'not_allowed' }, path);
  }
});

test('what hands somebody a login or a permission needs a fresh sign-in', async () => {
  const { id } = await add();
  const stale = await openMember(panel);
  panel.clock.advance(11 * minuteMs);
  const calls: readonly ['POST' | 'PATCH' | 'DELETE', string, object?][] = [
    ['POST', '/staff', draft()],
    ['PATCH', `/staff/${id}`, { areas: [] }],
    ['POST', `/staff/${id}/login`, { email: 'x@example.com' }],
    ['POST', `/staff/${id}/password-link`],
    ['DELETE', `/staff/${id}/second-factors`],
  ];
  for (const [method, path, body] of calls) {
    const answer = await stale.ask(method, path, body);
    assert.deepEqual(refusalOf(answer), { status: 403, code: 'confirm_first' }, path);
  }
  assert.equal((await stale.get('/staff')).status, 200);
});
