import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { makeCustomer } from '../factories.ts';
import {
  createVisitor,
  openSignInPanel,
  password,
  type SignInPanel,
  signUp,
} from '../sign-in/visitor.ts';

// What anybody sees of the panel from outside: headers, methods, files; and what is logged of it.

let panel: SignInPanel;
let key: string;
before(async () => {
  panel = await openSignInPanel();
  ({ key } = await makeCustomer(panel));
});
after(() => panel.close());

const yearSeconds = 31_536_000;

/** One of each kind of answer: pages, files, APIs, refusals, what is not there. */
const paths = [
  ...['/', '/orders', '/reference', '/api', '/logo', '/healthz', '/readyz', '/metrics'],
  ...[
    '/api/customer/session',
    '/api/customer/orders',
    '/api/admin/orders',
    '/api/account/sessions',
  ],
  ...['/api/auth/get-session', '/api/customer/openapi.json', '/api/nothing', '/assets/nothing.js'],
  ...['/api/v2?action=balance', '/nothing'],
];

test('every answer says what it is, who may frame it, and that only https will do', async () => {
  for (const path of [...paths, `/api/v2?action=balance&key=${key}`]) {
    const { headers } = await fetch(`${panel.url}${path}`, { headers: { accept: 'text/html' } });
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    const transport = headers.get('strict-transport-security') ?? '';
    const [, seconds] = /^max-age=(\d+); includeSubDomains$/.exec(transport) ?? [];
    assert(Number(seconds) >= yearSeconds, `${path}: ${transport}`);
    assert.notEqual(headers.get('content-type'), null, path);
    assert.equal(headers.get('access-control-allow-origin'), null, path);
    assert.equal(headers.get('server') ?? headers.get('x-powered-by'), null, path);
    if (path.startsWith('/api/v2')) continue;
    const policy = headers.get('content-security-policy') ?? '';
    for (const part of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'self'"]) {
      assert(policy.includes(part), `${path}: ${policy}`);
    }
    assert.doesNotMatch(policy, /unsafe|script-src [^;]*(https?:|\*)/, path);
    assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
  }
});

test('what is about somebody is kept by no browser and no proxy', async () => {
  const { visitor } = await signUp(panel);
  const about = [
    ...[
      '/api/customer/session',
      '/api/customer/orders',
      '/api/customer/keys',
      '/api/customer/funds',
    ],
    ...['/api/account/sessions', '/api/auth/get-session', '/api/customer/funds/statement.csv'],
  ];
  for (const path of about) {
    const { status, headers } = await visitor.get(path);
    assert.equal(status, 200, path);
    assert.equal(headers.get('cache-control'), 'no-store', path);
  }
  const balance = await fetch(`${panel.url}/api/v2?action=balance&key=${key}`);
  assert.equal(balance.headers.get('cache-control'), 'no-store');
});

test('TRACE says nothing back, and no file of ours is served but the app', async () => {
  const { status, body } = await send('TRACE', '/api/customer/session');
  assert(status >= 400, String(status));
  assert(!body.includes('secret-cookie'), body);
  const files = [
    ...['/.git/config', '/.env', '/package.json', '/server/src/main.ts', '/assets/'],
    ...['/assets/../index.html', '/assets/..%2f..%2fpackage.json', '/..%2f..%2fetc/passwd'],
    ...['/assets/%2e%2e/%2e%2e/package.json', '/assets/....//package.json'],
  ];
  for (const path of files) {
    const answer = await send('GET', path);
    assert(answer.status === 404 || answer.status === 400, `${path}: ${answer.status}`);
    assert.doesNotMatch(
      answer.body,
      /panelwright-workspace|root:|repositoryformatversion|<li>/,
      path,
    );
  }
});

/** A request as it stands: `fetch` forbids some methods and mends paths. */
function send(method: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { cookie: 'panelwright.session_token=secret-cookie' };
    const request = http.request(panel.url, { method, path, headers }, async (response) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      resolve({ status: response.statusCode ?? 0, body });
    });
    request.on('error', reject).end();
  });
}

test('signing in, and what is not allowed, is logged, with where and with what end', async () => {
  const { visitor, email } = await signUp(panel);
  panel.logged.length = 0;
  const guest = createVisitor(panel);
  await guest.post('/api/auth/sign-in/email', { email, password: 'not the password' });
  await guest.post('/api/auth/sign-in/email', { email, password });
  await visitor.get('/api/admin/orders');
  const all = panel.logged as { message: string; fields: Record<string, unknown> }[];
  const lines = all.filter(({ fields }) => 'path' in fields);
  const found = lines.map(({ message, fields }) => [message, fields.path, fields.status]);
  assert.deepEqual(found, [
    ['sign-in', '/api/auth/sign-in/email', 401],
    ['sign-in', '/api/auth/sign-in/email', 200],
    ['not allowed', '/api/admin/orders', undefined],
  ]);
  assert.match(String(lines[0]?.fields.address), /^10\./);
});
