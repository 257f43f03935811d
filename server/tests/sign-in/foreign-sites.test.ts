import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createVisitor,
  openSignInPanel,
  password,
  type SignInPanel,
  signUp,
  type Visitor,
} from './visitor.ts';

let panel: SignInPanel;
let visitor: Visitor;
before(async () => {
  panel = await openSignInPanel();
  ({ visitor } = await signUp(panel));
});
after(() => panel.close());

const paths = ['/api/auth/sign-out', '/api/customer/orders', '/api/admin/staff'];

function attempt(path: string, headers: Record<string, string>, body = '{}') {
  return visitor.send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

test("another site's request is refused, at sign-in and at our own APIs", async () => {
  for (const path of paths) {
    const others: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: panel.url.replace('http:', 'https:') },
      { origin: `${panel.url}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of others) {
      const { status, body } = await attempt(path, headers);
      assert.equal(status, 403, `${path} ${JSON.stringify(headers)} ${JSON.stringify(body)}`);
    }
  }
  assert.notEqual(await visitor.signedIn(), null);
});

test('what a form of another site could send is refused', async () => {
  for (const path of paths) {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data']) {
      const { status } = await attempt(path, { 'content-type': type }, 'a=1');
      assert.equal(status, 400, `${path} ${type}`);
    }
  }
  assert.notEqual(await visitor.signedIn(), null);
});

test('a link in a mail leads to no other site', async () => {
  const { email } = await signUp(panel);
  const stranger = createVisitor(panel);
  const attempts = ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:0'];
  for (const callbackURL of attempts) {
    const body = { name: 'A', email: `to-${email}`, password, callbackURL };
    const { status } = await stranger.post('/api/auth/sign-up/email', body);
    assert.equal(status, 403, callbackURL);
  }
});

test('attempts to sign in are held back by address, not for others', async () => {
  const { email } = await signUp(panel);
  const guesser = createVisitor(panel);
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 12; attempt += 1) {
    const guess = { email, password: `wrong password ${attempt}` };
    statuses.push((await guesser.post('/api/auth/sign-in/email', guess)).status);
  }
  assert.deepEqual([...new Set(statuses)], [401, 429]);
  assert.equal(statuses.indexOf(429), 10);
  const right = await guesser.post('/api/auth/sign-in/email', { email, password });
  assert.equal(right.status, 429);
  const other = await createVisitor(panel).post('/api/auth/sign-in/email', { email, password });
  assert.equal(other.status, 200);
});

test('a body over 64 KiB is refused', async () => {
  const { status } = await attempt('/api/auth/sign-out', {}, `"${'x'.repeat(65 * 1024)}"`);
  assert.equal(status, 413);
});
