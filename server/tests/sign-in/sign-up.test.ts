import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { updateCustomer } from '../../src/customers/index.ts';
import { staff } from '../factories.ts';
import {
  createVisitor,
  linkOf,
  openSignInPanel,
  password,
  type SignInPanel,
  signUp,
} from './visitor.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

async function countPeople() {
  const [row] = await panel.owner.sql<{ customers: number; users: number; wallets: number }[]>`
    select (select count(*)::int from customers) as customers,
      (select count(*)::int from users) as users,
      (select count(*)::int from wallets) as wallets`;
  assert(row !== undefined);
  return { ...row };
}

function newcomer(email: string) {
  return { name: 'Newcomer', email, password };
}

test('who signs up confirms the address, is signed in, and is a customer', async () => {
  const { signedIn, email } = await signUp(panel);
  assert.equal(signedIn.user.email, email);
  assert.equal(signedIn.user.emailConfirmed, true);
  assert.equal(signedIn.staff, null);
  const { actor } = signedIn;
  assert(actor.kind === 'customer' && actor.customerId === signedIn.customerId);
  const customer = await panel.app.db
    .selectFrom('customers')
    .innerJoin('wallets', 'wallets.customer_id', 'customers.id')
    .select(['customers.name', 'status', 'language', 'balance'])
    .where('customers.id', '=', actor.customerId)
    .executeTakeFirstOrThrow();
  const { name } = signedIn.user;
  assert.deepEqual(customer, { name, status: 'active', language: 'en', balance: 0n });
});

test('nobody is signed in before the address is confirmed', async () => {
  const visitor = createVisitor(panel);
  const body = newcomer('unconfirmed@example.com');
  assert.equal((await visitor.post('/api/auth/sign-up/email', body)).status, 200);
  assert.equal(await visitor.signedIn(), null);
  const refused = await visitor.post('/api/auth/sign-in/email', body);
  assert.equal(refused.status, 403);
  assert.equal(refused.body.code, 'EMAIL_NOT_VERIFIED');
  assert.equal(await visitor.signedIn(), null);
});

test('the mail and the customer have the browser’s language, or the one asked for', async () => {
  const chinese = createVisitor(panel, { 'accept-language': 'fr, zh-TW;q=0.9, en;q=0.8' });
  await chinese.post('/api/auth/sign-up/email', newcomer('zh@example.com'));
  const mail = await panel.lastMail('zh@example.com');
  assert.match(mail.subject, /请确认/);
  assert.match(linkOf(mail).href, /\/api\/auth\/verify-email\?token=/);
  const asked = { ...newcomer('asked@example.com'), language: 'en' };
  await chinese.post('/api/auth/sign-up/email', asked);
  assert.match((await panel.lastMail('asked@example.com')).subject, /^Confirm/);
  const languages = await panel.app.db
    .selectFrom('users as u')
    .innerJoin('customers as c', 'c.id', 'u.customer_id')
    .select(['u.email', 'c.language'])
    .where('u.email', 'in', ['zh@example.com', 'asked@example.com'])
    .orderBy('u.email')
    .execute();
  assert.deepEqual(languages, [
    { email: 'asked@example.com', language: 'en' },
    { email: 'zh@example.com', language: 'zh-CN' },
  ]);
});

test('an address that has an account is answered like others, and its owner told', async () => {
  const { email } = await signUp(panel);
  const before = await countPeople();
  const stranger = createVisitor(panel);
  const known = await stranger.post('/api/auth/sign-up/email', newcomer(email));
  const fresh = await stranger.post('/api/auth/sign-up/email', newcomer('fresh@example.com'));
  assert.equal(known.status, fresh.status);
  assert.deepEqual(Object.keys(known.body), Object.keys(fresh.body));
  assert.match((await panel.lastMail(email)).subject, /already have an account/);
  const { customers, users } = await countPeople();
  assert.deepEqual(
    { customers, users },
    { customers: before.customers + 1, users: before.users + 1 },
  );
});

test('of sign-ups at once with one address, one makes a user and a customer', async () => {
  const before = await countPeople();
  const email = 'race@example.com';
  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      createVisitor(panel).post('/api/auth/sign-up/email', newcomer(email)),
    ),
  );
  assert(answers.some(({ status }) => status === 200));
  assert(answers.every(({ status }) => status === 200 || status === 422));
  const after = await countPeople();
  assert.deepEqual(after, {
    customers: before.customers + 1,
    users: before.users + 1,
    wallets: before.wallets + 1,
  });
});

test('a sign-up that fails at any step leaves neither user nor customer', async () => {
  const before = await countPeople();
  for (const table of ['wallets', 'audit', 'users', 'user_credentials', 'mails']) {
    await panel.owner.sql.unsafe(`alter table ${table} rename to away`);
    const visitor = createVisitor(panel);
    const { status } = await visitor.post('/api/auth/sign-up/email', newcomer('half@example.com'));
    await panel.owner.sql.unsafe(`alter table away rename to ${table}`);
    assert(status >= 400, `${table}: ${status}`);
    assert.deepEqual(await countPeople(), before, table);
  }
  const nameless = { ...newcomer('nameless@example.com'), name: ' ' };
  const refused = await createVisitor(panel).post('/api/auth/sign-up/email', nameless);
  assert.equal(refused.status, 400);
  assert.deepEqual(await countPeople(), before);
});

test('a closed panel takes nobody, and says so', async () => {
  const before = await countPeople();
  await panel.owner.sql`update settings set sign_up_open = false`;
  const visitor = createVisitor(panel);
  const refused = await visitor.post('/api/auth/sign-up/email', newcomer('late@example.com'));
  await panel.owner.sql`update settings set sign_up_open = true`;
  assert.equal(refused.status, 403);
  assert.equal(refused.body.code, 'SIGN_UP_CLOSED');
  assert.deepEqual(await countPeople(), before);
});

test('nobody becomes staff, another customer, or confirmed by what they send', async () => {
  const { customerId } = (await signUp(panel)).signedIn;
  const visitor = createVisitor(panel);
  await visitor.post('/api/auth/sign-up/email', {
    ...newcomer('sly@example.com'),
    customerId,
    customer_id: customerId,
    staffId: 1,
    staff_id: 1,
    emailVerified: true,
    email_confirmed: true,
    twoFactorEnabled: true,
  });
  const rows = await panel.app.db
    .selectFrom('users')
    .select(['customer_id', 'staff_id', 'email_confirmed', 'two_factor'])
    .where('email', '=', 'sly@example.com')
    .execute();
  assert(rows.every((row) => row.customer_id !== customerId));
  assert(rows.every((row) => row.staff_id === null && !row.email_confirmed && !row.two_factor));
});

test('a suspended customer still signs in', async () => {
  const { signedIn, email } = await signUp(panel);
  assert(signedIn.customerId !== null);
  const { customerId } = signedIn;
  await updateCustomer(panel.app, staff, { customerId, changes: { status: 'suspended' } });
  const visitor = createVisitor(panel);
  const answer = await visitor.post('/api/auth/sign-in/email', { email, password });
  assert.equal(answer.status, 200);
  assert.equal((await visitor.signedIn())?.customerId, customerId);
});
