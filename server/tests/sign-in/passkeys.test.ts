import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import { enableTotp } from './totp.ts';
import {
  type Answer,
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

const optionsPath = '/api/auth/passkey/generate';

async function register(visitor: Visitor, key: Authenticator): Promise<Answer> {
  const { body } = await visitor.get(`${optionsPath}-register-options`);
  const response = key.register(body as Parameters<Authenticator['register']>[0]);
  return visitor.post('/api/auth/passkey/verify-registration', { response, name: 'Phone' });
}

async function authenticate(visitor: Visitor, key: Authenticator): Promise<Answer> {
  const { body } = await visitor.get(`${optionsPath}-authenticate-options`);
  const response = key.authenticate(body as Parameters<Authenticator['authenticate']>[0]);
  return visitor.post('/api/auth/passkey/verify-authentication', { response });
}

test('a passkey is added, signs in without a password, and is gone once deleted', async () => {
  const { visitor, email } = await signUp(panel);
  const key = createAuthenticator(panel.url);
  const added = await register(visitor, key);
  assert.equal(added.status, 200, JSON.stringify(added.body));
  const other = createVisitor(panel);
  const signed = await authenticate(other, key);
  assert.equal(signed.status, 200, JSON.stringify(signed.body));
  assert.equal((await other.signedIn())?.user.email, email);
  const listed = Object.values((await other.get('/api/auth/passkey/list-user-passkeys')).body);
  assert.equal(listed.length, 1);
  const id = String(Reflect.get(Object(listed[0]), 'id'));
  assert.equal((await other.post('/api/auth/passkey/delete-passkey', { id })).status, 200);
  const third = createVisitor(panel);
  assert.notEqual((await authenticate(third, key)).status, 200);
  assert.equal(await third.signedIn(), null);
});

test('a passkey stands for password and code together', async () => {
  const { visitor, email } = await signUp(panel);
  await enableTotp(visitor);
  const key = createAuthenticator(panel.url);
  assert.equal((await register(visitor, key)).status, 200);
  const other = createVisitor(panel);
  assert.equal((await authenticate(other, key)).status, 200);
  assert.equal((await other.signedIn())?.user.email, email);
});

test('a passkey made for another page, or by another key, signs nobody in', async () => {
  const { visitor } = await signUp(panel);
  const phished = createAuthenticator('https://evil.example');
  assert.notEqual((await register(visitor, phished)).status, 200);
  const key = createAuthenticator(panel.url);
  assert.equal((await register(visitor, key)).status, 200);
  const other = createVisitor(panel);
  assert.notEqual((await authenticate(other, createAuthenticator(panel.url))).status, 200);
  assert.equal(await other.signedIn(), null);
});

test('an answer to a challenge counts once', async () => {
  const { visitor } = await signUp(panel);
  const key = createAuthenticator(panel.url);
  await register(visitor, key);
  const other = createVisitor(panel);
  const { body } = await other.get(`${optionsPath}-authenticate-options`);
  const cookies = new Map(other.cookies);
  const response = key.authenticate(body as Parameters<Authenticator['authenticate']>[0]);
  const path = '/api/auth/passkey/verify-authentication';
  assert.equal((await other.post(path, { response })).status, 200);
  const replay = createVisitor(panel);
  for (const [name, value] of cookies) replay.cookies.set(name, value);
  assert.notEqual((await replay.post(path, { response })).status, 200);
  assert.equal(await replay.signedIn(), null);
});

test("nobody deletes another's passkey", async () => {
  const one = await signUp(panel);
  const two = await signUp(panel);
  const key = createAuthenticator(panel.url);
  const { body } = await register(one.visitor, key);
  const answer = await two.visitor.post('/api/auth/passkey/delete-passkey', { id: body.id });
  assert.notEqual(answer.status, 200);
  assert.equal((await authenticate(createVisitor(panel), key)).status, 200);
});

test('a key that is only touched stands for nobody', async () => {
  const { visitor } = await signUp(panel);
  const touched = createAuthenticator(panel.url, { asksWho: false });
  assert.notEqual((await register(visitor, touched)).status, 200);
  const listed = await visitor.get('/api/auth/passkey/list-user-passkeys');
  assert.deepEqual(Object.values(listed.body), []);
});

test('who was signed in ten minutes ago says who they are before a passkey is made', async () => {
  const { visitor } = await signUp(panel);
  await panel.owner.sql`update user_sessions
    set created_at = created_at - interval '11 minutes'`;
  const key = createAuthenticator(panel.url);
  const { status, body } = await visitor.get(`${optionsPath}-register-options`);
  const { code, detail } = Object(Object(body).error);
  assert.deepEqual([status, code, detail], [403, 'confirm_first', 'password']);
  assert.equal((await visitor.post('/api/account/confirm', { password })).status, 204);
  assert.equal((await register(visitor, key)).status, 200);
});
