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
} from './visitor.ts';

const newPassword = 'another horse battery';

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

async function askForLink(email: string): Promise<string> {
  const visitor = createVisitor(panel);
  const { status } = await visitor.post('/api/auth/request-password-reset', { email });
  assert.equal(status, 200);
  const link = linkOf(await panel.lastMail(email));
  assert.equal(link.pathname, '/reset-password');
  return link.searchParams.get('token') ?? '';
}

test('a password is set by a mailed link, once, and ends all sessions', async () => {
  const { visitor, email } = await signUp(panel);
  const token = await askForLink(email);
  const stranger = createVisitor(panel);
  const done = await stranger.post('/api/auth/reset-password', { token, newPassword });
  assert.equal(done.status, 200);
  assert.equal(await visitor.signedIn(), null);
  assert.match((await panel.lastMail(email)).subject, /was changed/);
  const again = await stranger.post('/api/auth/reset-password', { token, newPassword: password });
  assert.equal(again.status, 400);
  const old = await stranger.post('/api/auth/sign-in/email', { email, password });
  assert.equal(old.status, 401);
  const fresh = await stranger.post('/api/auth/sign-in/email', { email, password: newPassword });
  assert.equal(fresh.status, 200);
});

test('of two uses of a link at once, one sets the password', async () => {
  const { email } = await signUp(panel);
  const token = await askForLink(email);
  const answers = await Promise.all(
    ['one horse battery', 'two horse batteries'].map((each) =>
      createVisitor(panel).post('/api/auth/reset-password', { token, newPassword: each }),
    ),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
});

test('what lies in the database sets no password', async () => {
  const { email } = await signUp(panel);
  await askForLink(email);
  const row = await panel.app.db
    .selectFrom('user_verifications')
    .select('identifier_hash')
    .orderBy('created_at', 'desc')
    .executeTakeFirstOrThrow();
  const body = { token: row.identifier_hash, newPassword };
  const { status } = await createVisitor(panel).post('/api/auth/reset-password', body);
  assert.equal(status, 400);
});

test('an unknown address is answered as a known one, and gets no mail', async () => {
  const { email } = await signUp(panel);
  const visitor = createVisitor(panel);
  const known = await visitor.post('/api/auth/request-password-reset', { email });
  const unknown = await visitor.post('/api/auth/request-password-reset', {
    email: 'nobody@example.com',
  });
  assert.deepEqual([known.status, known.body], [unknown.status, unknown.body]);
  const { count } = await panel.app.db
    .selectFrom('mails')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('recipient', '=', 'nobody@example.com')
    .executeTakeFirstOrThrow();
  assert.equal(count, 0n);
});

test('a short password is refused; a change needs the old one', async () => {
  const { visitor, email } = await signUp(panel);
  const short = await visitor.post('/api/auth/change-password', {
    currentPassword: password,
    newPassword: 'ninechars',
  });
  assert.equal(short.body.code, 'PASSWORD_TOO_SHORT');
  const wrong = await visitor.post('/api/auth/change-password', {
    currentPassword: 'not the password',
    newPassword,
  });
  assert.equal(wrong.status, 400);
  const other = createVisitor(panel);
  await other.post('/api/auth/sign-in/email', { email, password });
  const right = await visitor.post('/api/auth/change-password', {
    currentPassword: password,
    newPassword,
    revokeOtherSessions: true,
  });
  assert.equal(right.status, 200);
  assert.notEqual(await visitor.signedIn(), null);
  assert.equal(await other.signedIn(), null);
});

test('a password that is tried first, or says what it is for, is refused everywhere', async () => {
  const { visitor, email } = await signUp(panel);
  const easy = ['password1234', '1q2w3e4r5t', 'Panelwright2026', email.replace('@', '')];
  for (const given of easy) {
    const fresh = { name: 'A', email: `x-${email}`, password: given, callbackURL: '/' };
    const asked = { currentPassword: password, newPassword: given };
    const token = await askForLink(email);
    const answers = [
      await createVisitor(panel).post('/api/auth/sign-up/email', fresh),
      ...(given.includes('person')
        ? []
        : [
            await visitor.post('/api/auth/change-password', asked),
            await createVisitor(panel).post('/api/auth/reset-password', {
              token,
              newPassword: given,
            }),
          ]),
    ];
    for (const { status, body } of answers) {
      assert.deepEqual([status, body.code], [400, 'PASSWORD_TOO_COMMON'], given);
    }
  }
  assert.notEqual(await visitor.signedIn(), null);
});

test('a password is taken as it was typed, whole, of up to 128 letters of any kind', async () => {
  const { visitor, email } = await signUp(panel);
  const change = (from: string, to: string) =>
    visitor.post('/api/auth/change-password', { currentPassword: from, newPassword: to });
  const long = ` Größe 密码 🐎 ${'x y'.repeat(60)}`.slice(0, 127).padEnd(128, '.');
  assert.equal((await change(password, `${long}.`)).body.code, 'PASSWORD_TOO_LONG');
  assert.equal((await change(password, long)).status, 200);
  const others = [long.slice(0, 127), long.trim(), long.toLowerCase(), `${long} `, long.slice(1)];
  for (const other of others) {
    const answer = await createVisitor(panel).post('/api/auth/sign-in/email', {
      ...{ email, password: other },
    });
    assert([400, 401].includes(answer.status), other);
  }
  const right = { email, password: long };
  assert.equal((await createVisitor(panel).post('/api/auth/sign-in/email', right)).status, 200);
});

test('a link to a new password lets nobody past the second factor', async () => {
  const { visitor, email } = await signUp(panel);
  await enableTotp(visitor);
  const token = await askForLink(email);
  const stranger = createVisitor(panel);
  const done = await stranger.post('/api/auth/reset-password', { token, newPassword });
  assert.equal(done.status, 200);
  assert.equal(await stranger.signedIn(), null);
  const answer = await stranger.post('/api/auth/sign-in/email', { email, password: newPassword });
  assert.equal(answer.body.twoFactorRedirect, true);
  assert.equal(await stranger.signedIn(), null);
});

test('a new password, however it is set, ends all links to another', async () => {
  const { visitor, email } = await signUp(panel);
  const links = [await askForLink(email), await askForLink(email)] as const;
  const stranger = createVisitor(panel);
  const set = (token: string) =>
    stranger.post('/api/auth/reset-password', { token, newPassword: 'correct horse battery' });
  assert.equal((await set(links[0])).status, 200);
  assert.equal((await set(links[1])).status, 400);
  // Mailed before the next link is: of those that go out together either may be the last.
  assert.match((await panel.lastMail(email)).subject, /was changed/);
  await visitor.post('/api/auth/sign-in/email', { email, password: 'correct horse battery' });
  const third = await askForLink(email);
  const change = { currentPassword: 'correct horse battery', newPassword };
  assert.equal((await visitor.post('/api/auth/change-password', change)).status, 200);
  assert.equal((await set(third)).status, 400);
});
