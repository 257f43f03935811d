import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { enableTotp } from './totp.ts';
import {
  createVisitor,
  linkOf,
  openSignInPanel,
  password,
  type SignInPanel,
  signUp,
  type Visitor,
} from './visitor.ts';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

const follow = (visitor: Visitor, link: URL) => visitor.get(`${link.pathname}${link.search}`);

test('an address changes once the old and the new one have agreed', async () => {
  const { visitor, email, signedIn } = await signUp(panel);
  const newEmail = `new-${email}`;
  const asked = await visitor.post('/api/auth/change-email', { newEmail, callbackURL: '/account' });
  assert.equal(asked.status, 200, JSON.stringify(asked.body));
  const mail = await panel.lastMail(email);
  assert(mail.text.includes(newEmail), mail.text);
  await follow(visitor, linkOf(mail));
  assert.equal((await visitor.signedIn())?.user.email, email);
  const last = await follow(visitor, linkOf(await panel.lastMail(newEmail)));
  assert.equal(last.headers.get('location'), '/account');
  const after = await visitor.signedIn();
  assert.equal(after?.user.email, newEmail);
  assert.equal(after.user.emailConfirmed, true);
  assert.equal(after.customerId, signedIn.customerId);
  const other = createVisitor(panel);
  const old = await other.post('/api/auth/sign-in/email', { email, password });
  assert.equal(old.status, 401);
  const fresh = await other.post('/api/auth/sign-in/email', { email: newEmail, password });
  assert.equal(fresh.status, 200);
});

test("nobody takes another's address", async () => {
  const one = await signUp(panel);
  const two = await signUp(panel);
  await one.visitor.post('/api/auth/change-email', { newEmail: two.email });
  assert.equal((await one.visitor.signedIn())?.user.email, one.email);
  assert.equal((await two.visitor.signedIn())?.user.email, two.email);
});

test('a confirmation that was used, or changed, signs nobody in', async () => {
  const { email } = await signUp(panel);
  const link = linkOf(await panel.lastMail(email));
  const thief = createVisitor(panel);
  await follow(thief, link);
  assert.equal(await thief.signedIn(), null);
  const fresh = 'forged@example.com';
  await thief.post('/api/auth/sign-up/email', { name: 'Forged', email: fresh, password });
  const [head, , signature] = (link.searchParams.get('token') ?? '').split('.');
  const claims = Buffer.from(JSON.stringify({ email: fresh, exp: 4_000_000_000 }));
  const forged = [head, claims.toString('base64url'), signature];
  link.searchParams.set('token', forged.join('.'));
  await follow(thief, link);
  assert.equal(await thief.signedIn(), null);
  await follow(thief, linkOf(await panel.lastMail(fresh)));
  assert.equal((await thief.signedIn())?.user.email, fresh);
});

test('a confirmation that did not arrive is sent again', async () => {
  const visitor = createVisitor(panel);
  const email = 'again@example.com';
  await visitor.post('/api/auth/sign-up/email', { name: 'Again', email, password });
  await panel.lastMail(email);
  await visitor.post('/api/auth/send-verification-email', { email, callbackURL: '/' });
  const { count } = await panel.app.db
    .selectFrom('mails')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('recipient', '=', email)
    .executeTakeFirstOrThrow();
  assert.equal(count, 2n);
  await follow(visitor, linkOf(await panel.lastMail(email)));
  assert.equal((await visitor.signedIn())?.user.email, email);
});

test('the link to a new address signs nobody in who has a second factor', async () => {
  const { visitor, email } = await signUp(panel);
  await enableTotp(visitor);
  const newEmail = `mistyped-${email}`;
  await visitor.post('/api/auth/change-email', { newEmail, callbackURL: '/account' });
  await follow(visitor, linkOf(await panel.lastMail(email)));
  const stranger = createVisitor(panel);
  await follow(stranger, linkOf(await panel.lastMail(newEmail)));
  assert.equal(await stranger.signedIn(), null);
  assert.equal((await visitor.signedIn())?.user.email, newEmail);
});
