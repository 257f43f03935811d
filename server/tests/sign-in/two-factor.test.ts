import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { codeOf, enableTotp, wrongCode } from './totp.ts';
import {
  createVisitor,
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

/** Somebody with TOTP, and another browser that knows their password so far. */
async function halfway() {
  const { visitor, email } = await signUp(panel);
  const factor = await enableTotp(visitor);
  const other = createVisitor(panel);
  return { visitor, email, other, ...factor };
}

async function enterPassword(visitor: Visitor, email: string): Promise<void> {
  const answer = await visitor.post('/api/auth/sign-in/email', { email, password });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal(answer.body.twoFactorRedirect, true);
  assert.deepEqual(answer.body.twoFactorMethods, ['totp']);
}

const verify = (visitor: Visitor, code: string) =>
  visitor.post('/api/auth/two-factor/verify-totp', { code });
const verifyBackup = (visitor: Visitor, code: string) =>
  visitor.post('/api/auth/two-factor/verify-backup-code', { code });

test('with TOTP the password alone signs nobody in; password and code do', async () => {
  const { visitor, other, email, secret } = await halfway();
  assert.equal((await visitor.signedIn())?.user.twoFactor, true);
  await enterPassword(other, email);
  assert.equal(await other.signedIn(), null);
  assert.equal((await other.get('/api/auth/list-sessions')).status, 401);
  const wrong = await verify(other, wrongCode(secret));
  assert.equal(wrong.status, 401);
  assert.equal(wrong.body.code, 'INVALID_CODE');
  assert.equal(await other.signedIn(), null);
  assert.equal((await verify(other, codeOf(secret))).status, 200);
  assert.equal((await other.signedIn())?.user.email, email);
});

test('a code without the password before it is nothing', async () => {
  const { other, secret } = await halfway();
  assert.equal((await verify(other, codeOf(secret))).status, 401);
  assert.equal(await other.signedIn(), null);
});

test('a backup code signs in once', async () => {
  const { other, email, backupCodes } = await halfway();
  const [code = ''] = backupCodes;
  assert.equal(backupCodes.length, 10);
  await enterPassword(other, email);
  assert.equal((await verifyBackup(other, 'wrong-code1')).status, 401);
  assert.equal((await verifyBackup(other, code)).status, 200);
  assert.notEqual(await other.signedIn(), null);
  const third = createVisitor(panel);
  await enterPassword(third, email);
  assert.equal((await verifyBackup(third, code)).status, 401);
  assert.equal(await third.signedIn(), null);
});

test('five wrong codes end a sign-in; ten in a row lock all codes for a while', async () => {
  const { email, secret } = await halfway();
  const first = createVisitor(panel);
  await enterPassword(first, email);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    assert.equal((await verify(first, wrongCode(secret))).status, 401);
  }
  const sixth = await verify(first, codeOf(secret));
  assert.equal(sixth.body.code, 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE');
  const second = createVisitor(panel);
  await enterPassword(second, email);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    assert.equal((await verify(second, wrongCode(secret))).status, 401);
  }
  const third = createVisitor(panel);
  await enterPassword(third, email);
  const locked = await verify(third, codeOf(secret));
  assert.equal(locked.status, 429);
  assert.equal(await third.signedIn(), null);
  // Time passes.
  await panel.app.db
    .updateTable('two_factors')
    .set({ locked_until: new Date(Date.now() - 1) })
    .where('locked_until', 'is not', null)
    .execute();
  assert.equal((await verify(third, codeOf(secret))).status, 200);
});

test('TOTP is neither turned on nor off without the password', async () => {
  const { visitor, email } = await signUp(panel);
  const denied = await visitor.post('/api/auth/two-factor/enable', { password: 'not this one' });
  assert.equal(denied.status, 400);
  await enableTotp(visitor);
  const kept = await visitor.post('/api/auth/two-factor/disable', { password: 'not this one' });
  assert.equal(kept.status, 400);
  assert.equal((await visitor.signedIn())?.user.twoFactor, true);
  assert.equal((await visitor.post('/api/auth/two-factor/disable', { password })).status, 200);
  assert.equal((await visitor.signedIn())?.user.twoFactor, false);
  const other = createVisitor(panel);
  await other.post('/api/auth/sign-in/email', { email, password });
  assert.notEqual(await other.signedIn(), null);
});

test('a code counts once: it signs nobody in, and confirms nothing, a second time', async () => {
  const { visitor, email, other, secret } = await halfway();
  const code = codeOf(secret);
  await enterPassword(other, email);
  assert.equal((await verify(other, code)).status, 200);
  const third = createVisitor(panel);
  await enterPassword(third, email);
  const again = await verify(third, code);
  assert.deepEqual([again.status, again.body.code], [401, 'INVALID_CODE']);
  assert.equal(await third.signedIn(), null);
  assert.equal((await third.get('/api/auth/list-sessions')).status, 401);
  const confirmed = await visitor.post('/api/account/confirm', { code });
  assert.equal(confirmed.status, 400);
  // The one that turned it on was used, too.
  assert.equal(
    (await visitor.post('/api/account/confirm', { code: codeOf(secret, 0) })).status,
    400,
  );
});

test('of two uses of a code at once, one signs in', async () => {
  const { email, secret } = await halfway();
  const visitors = [createVisitor(panel), createVisitor(panel)];
  for (const each of visitors) await enterPassword(each, email);
  const code = codeOf(secret);
  const answers = await Promise.all(visitors.map((each) => verify(each, code)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401]);
  const signedIn = await Promise.all(visitors.map((each) => each.signedIn()));
  assert.equal(signedIn.filter((each) => each !== null).length, 1);
});

test('a secret that was never proved asks nobody for codes', async () => {
  const { visitor, email } = await signUp(panel);
  await visitor.post('/api/auth/two-factor/enable', { password });
  const other = createVisitor(panel);
  await other.post('/api/auth/sign-in/email', { email, password });
  assert.notEqual(await other.signedIn(), null);
});

test('no browser is trusted without a code the next time', async () => {
  const { other, email, secret } = await halfway();
  await enterPassword(other, email);
  const code = codeOf(secret);
  const path = '/api/auth/two-factor/verify-totp';
  assert.equal((await other.post(path, { code, trustDevice: true })).status, 200);
  await other.post('/api/auth/sign-out', {});
  await enterPassword(other, email);
  assert.equal(await other.signedIn(), null);
});
