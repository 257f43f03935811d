import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AppError, dayMs } from '../../src/base/index.ts';
import {
  dropExpired,
  listSessions,
  revokeOtherSessions,
  revokeSession,
} from '../../src/sign-in/index.ts';
import { hashToken } from '../../src/sign-in/tokens.ts';
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

async function signIn(email: string, extra: Record<string, string> = {}): Promise<Visitor> {
  const visitor = createVisitor(panel, extra);
  const answer = await visitor.post('/api/auth/sign-in/email', { email, password });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return visitor;
}

test('sessions are listed, and one that is ended counts for nothing at once', async () => {
  const { visitor, email, signedIn } = await signUp(panel);
  const other = await signIn(email, { 'user-agent': 'Other browser' });
  const listed = await listSessions(panel.app, signedIn);
  assert.deepEqual(listed.map(({ isCurrent }) => isCurrent).sort(), [false, true]);
  const foreign = listed.find(({ isCurrent }) => !isCurrent);
  assert(foreign !== undefined);
  assert.equal(foreign.userAgent, 'Other browser');
  assert.match(foreign.address, /^10\./);
  await revokeSession(panel.app.db, signedIn, foreign.id);
  assert.equal(await other.signedIn(), null);
  assert.notEqual(await visitor.signedIn(), null);
});

test("nobody ends another's session", async () => {
  const one = await signUp(panel);
  const two = await signUp(panel);
  await assert.rejects(
    revokeSession(panel.app.db, one.signedIn, two.signedIn.sessionId),
    (error) => error instanceof AppError && error.code === 'not_found',
  );
  await revokeOtherSessions(panel.app.db, one.signedIn);
  assert.notEqual(await two.visitor.signedIn(), null);
  assert.notEqual(await one.visitor.signedIn(), null);
});

/** Whether this is how a browser's own session is named. */
function isOwn(visitor: Visitor, name: string): boolean {
  const [value = ''] = [...visitor.cookies.values()];
  const token = decodeURIComponent(value).split('.')[0] ?? '';
  return name === `sha256:${hashToken(token)}`;
}

test('the list over HTTP shows no token, and ends sessions by name', async () => {
  const { visitor, email } = await signUp(panel);
  const other = await signIn(email);
  const third = await signIn(email);
  const listed = await visitor.get('/api/auth/list-sessions');
  assert.equal(listed.status, 200);
  const tokens = Object.values(listed.body).map((row) => String(Reflect.get(Object(row), 'token')));
  assert.equal(tokens.length, 3);
  for (const token of tokens) assert.match(token, /^sha256:[0-9a-f]{64}$/);
  const foreign = tokens.filter((token) => !isOwn(visitor, token));
  assert.equal(foreign.length, 2);
  await visitor.post('/api/auth/revoke-session', { token: foreign[0] });
  const left = [await other.signedIn(), await third.signedIn()].filter((each) => each !== null);
  assert.equal(left.length, 1);
  await visitor.post('/api/auth/revoke-other-sessions');
  assert.equal(await other.signedIn(), null);
  assert.equal(await third.signedIn(), null);
  assert.notEqual(await visitor.signedIn(), null);
});

test('who signs out is signed out on the server, too', async () => {
  const { visitor } = await signUp(panel);
  const stolen = new Map(visitor.cookies);
  await visitor.post('/api/auth/sign-out');
  const thief = createVisitor(panel);
  for (const [name, value] of stolen) thief.cookies.set(name, value);
  assert.equal(await thief.signedIn(), null);
  const session = await thief.get('/api/auth/get-session');
  assert.equal(session.body.session, undefined);
});

test('a cookie that was changed, or holds what lies in the database, opens nothing', async () => {
  const { visitor } = await signUp(panel);
  const [[name = '', value = ''] = []] = [...visitor.cookies];
  const row = await panel.app.db
    .selectFrom('user_sessions')
    .select('token_hash')
    .orderBy('created_at', 'desc')
    .executeTakeFirstOrThrow();
  const signature = decodeURIComponent(value).split('.')[1];
  const forged = [
    `${value.slice(0, -8)}AAAAAAA%3D`,
    `x${value}`,
    encodeURIComponent(`${row.token_hash}.${signature}`),
    encodeURIComponent(`sha256:${row.token_hash}.${signature}`),
    row.token_hash,
    '%',
    '.',
    '',
  ];
  for (const cookie of forged) {
    const thief = createVisitor(panel);
    thief.cookies.set(name, cookie);
    assert.equal(await thief.signedIn(), null, cookie);
    assert.equal((await thief.get('/api/auth/get-session')).body.session, undefined, cookie);
  }
});

test('a session ends by time, and is then deleted', async () => {
  const { visitor, signedIn } = await signUp(panel);
  panel.clock.advance(31 * dayMs);
  assert.equal(await visitor.signedIn(), null);
  await dropExpired(panel.app);
  panel.clock.advance(-31 * dayMs);
  assert.equal(await visitor.signedIn(), null);
  assert.deepEqual(await listSessions(panel.app, signedIn), []);
});

test('a session that is used all the time ends after 90 days all the same', async () => {
  const { visitor } = await signUp(panel);
  const extend = () =>
    panel.owner.sql`update user_sessions set expires_at = ${new Date('2099-01-01T00:00:00Z')}`;
  await extend();
  panel.clock.advance(89 * dayMs);
  assert.notEqual(await visitor.signedIn(), null);
  panel.clock.advance(2 * dayMs);
  assert.equal(await visitor.signedIn(), null);
  await dropExpired(panel.app);
  panel.clock.advance(-91 * dayMs);
  assert.equal(await visitor.signedIn(), null);
});

test('cookies are out of reach of scripts and other sites, over https of the network', async () => {
  const { email } = await signUp(panel);
  const plain = createVisitor(panel);
  const answer = await plain.post('/api/auth/sign-in/email', { email, password });
  const cookies = answer.headers.getSetCookie();
  const session = cookies.find((cookie) => cookie.startsWith('panelwright.session_token='));
  assert.match(session ?? '', /; HttpOnly/);
  assert.match(session ?? '', /; SameSite=Strict/);
  assert.doesNotMatch(session ?? '', /; Secure|Domain=/);
  const origin = panel.url.replace('http:', 'https:');
  const secure = createVisitor(panel, { origin, 'x-forwarded-proto': 'https' });
  const over = await secure.post('/api/auth/sign-in/email', { email, password });
  assert.equal(over.status, 200);
  for (const cookie of over.headers.getSetCookie()) {
    assert.match(
      cookie,
      /^__Host-panelwright\.[^;]*; .*Path=\/; HttpOnly; Secure; SameSite=Strict/,
    );
    assert.doesNotMatch(cookie, /Domain=/);
  }
  assert.notEqual(await secure.signedIn(), null);
});
