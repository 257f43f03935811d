import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createSignIn } from '../../src/sign-in/index.ts';
import { testSecret } from '../harness.ts';
import { createAuthenticator } from '../sign-in/authenticator.ts';
import { codeOf, enableTotp } from '../sign-in/totp.ts';
import {
  createVisitor,
  openSignInPanel,
  password,
  type SignInPanel,
  signUp,
  type Visitor,
} from '../sign-in/visitor.ts';

// A session's token is worth nothing to whoever planted it, or had it before something changed.

let panel: SignInPanel;
before(async () => {
  panel = await openSignInPanel();
});
after(() => panel.close());

const cookieName = 'panelwright.session_token';

/** Another browser that shows this cookie. */
function thiefWith(cookie: string): Visitor {
  const thief = createVisitor(panel);
  thief.cookies.set(cookieName, cookie);
  return thief;
}

function cookieOf(visitor: Visitor): string {
  const cookie = visitor.cookies.get(cookieName);
  assert(cookie !== undefined, 'no session cookie');
  return cookie;
}

async function signIn(email: string, visitor = createVisitor(panel)): Promise<Visitor> {
  const { status, body } = await visitor.post('/api/auth/sign-in/email', { email, password });
  assert.equal(status, 200, JSON.stringify(body));
  return visitor;
}

test('a cookie that was planted before a sign-in is replaced, and opens nothing', async () => {
  const { email } = await signUp(panel);
  const stranger = await signUp(panel);
  const forged = 'planted.c2lnbmF0dXJl';
  for (const planted of [forged, cookieOf(stranger.visitor)]) {
    const visitor = createVisitor(panel);
    visitor.cookies.set(cookieName, planted);
    await signIn(email, visitor);
    assert.notEqual(cookieOf(visitor), planted);
    assert.equal((await visitor.signedIn())?.user.email, email);
    assert.equal(await thiefWith(planted).signedIn(), null);
  }
});

test('signing in again in a browser ends the session that was open in it', async () => {
  const { visitor, email } = await signUp(panel);
  const old = cookieOf(visitor);
  await signIn(email, visitor);
  assert.equal(await thiefWith(old).signedIn(), null);
  assert.notEqual(await visitor.signedIn(), null);
});

test('a sign-in that fails leaves the open session alone', async () => {
  const { visitor, email } = await signUp(panel);
  const wrong = { email, password: 'not the password' };
  assert.equal((await visitor.post('/api/auth/sign-in/email', wrong)).status, 401);
  assert.notEqual(await visitor.signedIn(), null);
});

test('switching the second factor on ends every session that was opened without it', async () => {
  const { visitor, email } = await signUp(panel);
  const old = cookieOf(visitor);
  const other = await signIn(email);
  await enableTotp(visitor);
  assert.equal(await other.signedIn(), null);
  assert.equal(await thiefWith(old).signedIn(), null);
  assert.equal((await visitor.signedIn())?.user.twoFactor, true);
});

test('a code of the second factor opens a session of its own', async () => {
  const { visitor, email } = await signUp(panel);
  const { secret } = await enableTotp(visitor);
  const signedIn = cookieOf(visitor);
  // Until the code the password has opened nothing, and closed nothing.
  await signIn(email, visitor);
  assert.equal(await visitor.signedIn(), null);
  const code = codeOf(secret);
  const { status } = await visitor.post('/api/auth/two-factor/verify-totp', { code });
  assert.equal(status, 200);
  assert.notEqual(cookieOf(visitor), signedIn);
  assert.notEqual(await visitor.signedIn(), null);
});

test('a new password ends all other sessions, also where no page asks for it', async () => {
  const { visitor, email } = await signUp(panel);
  const old = cookieOf(visitor);
  const other = await signIn(email);
  for (const [index, more] of [{}, { revokeOtherSessions: false }].entries()) {
    const change = { currentPassword: password, newPassword: `${password} ${index}`, ...more };
    if (index === 1) change.currentPassword = `${password} 0`;
    const { status } = await visitor.post('/api/auth/change-password', change);
    assert.equal(status, 200);
    assert.equal(await other.signedIn(), null);
    assert.notEqual(await visitor.signedIn(), null);
  }
  assert.equal(await thiefWith(old).signedIn(), null);
});

test('a passkey opens a session of its own, and ends the one before it', async () => {
  const { visitor, email } = await signUp(panel);
  const key = createAuthenticator(panel.url);
  const asked = await visitor.get('/api/auth/passkey/generate-register-options');
  const response = key.register(asked.body as Parameters<typeof key.register>[0]);
  const added = { response, name: 'Phone' };
  assert.equal((await visitor.post('/api/auth/passkey/verify-registration', added)).status, 200);
  const old = cookieOf(visitor);
  const options = await visitor.get('/api/auth/passkey/generate-authenticate-options');
  const given = key.authenticate(options.body as Parameters<typeof key.authenticate>[0]);
  const verify = '/api/auth/passkey/verify-authentication';
  assert.equal((await visitor.post(verify, { response: given })).status, 200);
  assert.notEqual(cookieOf(visitor), old);
  assert.equal((await visitor.signedIn())?.user.email, email);
  assert.equal(await thiefWith(old).signedIn(), null);
});

test('where the panel is on https, a cookie that came without it counts for nothing', async () => {
  const { visitor, email } = await signUp(panel);
  const cookie = cookieOf(visitor);
  const secure = createSignIn(panel.app, {
    secret: testSecret,
    publicUrl: 'https://panel.example',
  });
  const read = (name: string) => secure.readSignedIn(new Headers({ cookie: `${name}=${cookie}` }));
  assert.equal(await read(cookieName), null);
  assert.equal((await read(`__Host-${cookieName}`))?.user.email, email);
});
