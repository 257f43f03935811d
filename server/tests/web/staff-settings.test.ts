import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeCustomer } from '../factories.ts';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { refusalOf } from './customers.ts';
import { type Member, openMember } from './members.ts';

let panel: SignInPanel;
let member: Member;

before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel);
});
after(() => panel.close());

async function read(): Promise<Record<string, unknown>> {
  const { status, body } = await member.get('/settings');
  assert.equal(status, 200);
  return body;
}

const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(50)]);

test('what is set is shown to everybody at once, and leaves the rest alone', async () => {
  const before = await read();
  const changes = {
    name: 'Fine Growth',
    taglineZh: '下单即达',
    announcementZh: '公告',
    languages: ['zh-CN', 'en'],
    callsPerSecondDefault: 7,
    isSignUpOpen: false,
  };
  assert.equal((await member.ask('PATCH', '/settings', changes)).status, 204);
  assert.deepEqual(await read(), { ...before, ...changes });
  const { body } = await member.visitor.get('/api/customer/session');
  const { name, announcementZh, isSignUpOpen } = body.panel as Record<string, unknown>;
  assert.deepEqual([name, announcementZh, isSignUpOpen], ['Fine Growth', '公告', false]);
});

test('a value that cannot be is refused under its name', async () => {
  const before = await read();
  const refused = [
    [{ name: '' }, 'name'],
    [{ accent: 'red' }, 'accent'],
    [{ languages: [] }, 'languages'],
    [{ languages: ['fr'] }, 'languages.0'],
    [{ currency: 'dollars' }, 'currency'],
    [{ termsZh: 'x'.repeat(50_001) }, 'termsZh'],
    [{ callsPerSecondDefault: 0 }, 'callsPerSecondDefault'],
  ] as const;
  for (const [changes, detail] of refused) {
    const { status, body } = await member.ask('PATCH', '/settings', { tagline: 'No', ...changes });
    const { error } = body as { error: { detail: string } };
    assert.deepEqual([status, error.detail], [400, detail]);
  }
  assert.deepEqual(await read(), before);
});

test('a picture becomes the logo, another file does not, and the mark comes back', async () => {
  const put = (bytes: Buffer) =>
    member.ask('PUT', '/settings/logo', { picture: bytes.toString('base64') });
  assert.equal((await put(png)).status, 204);
  assert.notEqual((await read()).logoVersion, '');
  const shown = await fetch(`${panel.url}/logo`);
  assert.equal(shown.headers.get('content-type'), 'image/png');
  assert.deepEqual(Buffer.from(await shown.arrayBuffer()), png);
  const large = Buffer.concat([png, Buffer.alloc(200_000)]);
  for (const bytes of [Buffer.from('<svg onload="alert(1)"/>'), large]) {
    assert.deepEqual(refusalOf(await put(bytes)), { status: 400, code: 'invalid_input' });
  }
  const odd = await member.ask('PUT', '/settings/logo', { picture: 'no base64!' });
  assert.equal(odd.status, 400);
  assert.equal((await member.ask('DELETE', '/settings/logo')).status, 204);
  assert.equal((await read()).logoVersion, '');
  const mark = await fetch(`${panel.url}/logo`);
  assert.equal(mark.headers.get('content-type'), 'image/svg+xml');
});

test('links are blocked and unblocked, each text once', async () => {
  const path = '/settings/blocked-links';
  for (const text of ['Bad.example', 'bad.example', 'worse.example/a b?c']) {
    assert.equal((await member.ask('POST', path, { text })).status, 204);
  }
  const listed = ['bad.example', 'worse.example/a b?c'];
  assert.deepEqual((await member.get(path)).body, { links: listed });
  const query = new URLSearchParams({ text: 'worse.example/a b?c' });
  assert.equal((await member.ask('DELETE', `${path}?${query}`)).status, 204);
  assert.deepEqual((await member.get(path)).body, { links: ['bad.example'] });
  assert.equal((await member.ask('POST', path, { text: ' ' })).status, 400);
});

test('the currency changes until money has moved, and never after', async () => {
  assert.equal((await read()).canChangeCurrency, true);
  assert.equal((await member.ask('PATCH', '/settings', { currency: 'EUR' })).status, 204);
  await makeCustomer(panel, { funds: '5' });
  assert.equal((await read()).canChangeCurrency, false);
  const late = await member.ask('PATCH', '/settings', { currency: 'USD' });
  assert.deepEqual(refusalOf(late), { status: 409, code: 'conflict' });
  assert.equal((await read()).currency, 'EUR');
});

test('a test mail goes to whoever asks, in the language asked for', async () => {
  const { status, body } = await member.ask('POST', '/settings/test-mail', { language: 'zh-CN' });
  const to = (await member.visitor.signedIn())?.user.email;
  assert.deepEqual([status, body], [200, { to, failure: null }]);
  assert.equal((await panel.lastMail(String(to))).subject, 'Fine Growth 测试邮件');
  assert.equal((await read()).mailMode, 'log');
});

test('without the permission nothing is read or changed', async () => {
  const clerk = await openMember(panel, ['orders', 'staff', 'audit', 'system']);
  const before = await read();
  const calls: readonly ['POST' | 'PUT' | 'PATCH' | 'DELETE', string, object?][] = [
    ['PATCH', '/settings', { name: 'Mine' }],
    ['PUT', '/settings/logo', { picture: png.toString('base64') }],
    ['DELETE', '/settings/logo'],
    ['POST', '/settings/blocked-links', { text: 'good.example' }],
    ['DELETE', '/settings/blocked-links?text=bad.example'],
    ['POST', '/settings/test-mail', { language: 'en' }],
  ];
  for (const [method, path, body] of calls) {
    const answer = await clerk.ask(method, path, body);
    assert.deepEqual(refusalOf(answer), { status: 403, code: 'not_allowed' }, path);
  }
  assert.equal((await clerk.get('/settings')).status, 403);
  assert.equal((await clerk.get('/settings/blocked-links')).status, 403);
  assert.deepEqual(await read(), before);
});

test('how long history is kept is read and changed, and what cannot be is refused', async () => {
  const read = async () => (await member.get('/settings/retention')).body;
  const { policy, months, archived } = await read();
  assert.deepEqual(policy, { eventsMonths: null, callsMonths: 3, isExported: true });
  assert.deepEqual(archived, []);
  const [first] = months as { history: string; from: unknown; state: string; bytes: number }[];
  assert.deepEqual([first?.history, first?.from], ['order_events', null]);
  // It is not that one where a month has begun since the database was made.
  const current = (months as { history: string; state: string }[]).filter(
    ({ history, state }) => history === 'order_events' && state === 'current',
  );
  assert.equal(current.length, 1);
  assert((first?.bytes ?? 0) > 0);
  const set = (changes: object) => member.ask('PATCH', '/settings/retention', changes);
  assert.equal((await set({ eventsMonths: 24, isExported: false })).status, 204);
  const changed = { eventsMonths: 24, callsMonths: 3, isExported: false };
  assert.deepEqual((await read()).policy, changed);
  for (const changes of [{ eventsMonths: 0 }, { callsMonths: 1.5 }, { eventsMonths: 241 }]) {
    assert.equal((await set(changes)).status, 400);
  }
  assert.deepEqual((await read()).policy, changed);
});
