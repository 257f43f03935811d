import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sendAlarmCalls, watchAlarms } from '../../src/alarms/index.ts';
import { createLog, staffAreas } from '../../src/base/index.ts';
import { inviteUser } from '../../src/sign-in/index.ts';
import { addStaff } from '../../src/staff/index.ts';
import { openUpstream, type Upstream } from '../delivery/upstream.ts';
import { staff } from '../factories.ts';
import { testSecret } from '../harness.ts';
import { gatewaySecrets, post, sendGateway, stripeSecrets } from '../payments/steps.ts';
import { codeOf, enableTotp } from '../sign-in/totp.ts';
import {
  createVisitor,
  linkOf,
  openSignInPanel,
  password,
  type SignInPanel,
  signUp,
  type Visitor,
} from '../sign-in/visitor.ts';
import { makeWebCustomer, type WebCustomer } from '../web/customers.ts';
import { type Member, openMember } from '../web/members.ts';
import { dumpBackup, dumpTables, findSecrets } from './search.ts';

// Secrets that can be told from everything else go through the panel as they do in its life; then
// all that it has stored, logged, exported and answered is searched for them.

let panel: SignInPanel;
let upstream: Upstream;
let customer: WebCustomer;
let member: Member;
/** By name, all that must be nowhere. */
const secrets: Record<string, string> = { password, panelSecret: testSecret };
/** What was answered, but where a secret is shown once on purpose. */
const answered: string[] = [];

before(async () => {
  panel = await openSignInPanel();
  upstream = await openUpstream(panel);
  secrets.upstreamKey = upstream.key;
  customer = await makeWebCustomer(panel);
  member = await openMember(panel, staffAreas);
});
after(async () => {
  await upstream.close();
  await panel.close();
});

type Said = { status: number; body: unknown; headers: Headers };

/** Keeps an answer for the search, without the cookies that are for nobody else. */
function keep<T extends Said>(answer: T): T {
  const headers = [...answer.headers].filter(([name]) => name !== 'set-cookie');
  answered.push(JSON.stringify([answer.body, headers]));
  return answer;
}

/** What stands in signed cookies before their signatures. */
function keepCookies(name: string, { cookies }: Visitor): void {
  for (const value of cookies.values()) {
    const [token = ''] = decodeURIComponent(value).split('.');
    secrets[`${name} ${Object.keys(secrets).length}`] = token;
    secrets[`${name} as a whole ${Object.keys(secrets).length}`] = value;
  }
}

/** Signing up, in two steps, by a link, by an invitation, with a lost password. */
async function signInEveryWay(): Promise<void> {
  const { visitor, email } = await signUp(panel);
  const confirmation = linkOf(await panel.lastMail(email));
  secrets.confirmation = confirmation.searchParams.get('token') ?? '';
  const factor = await enableTotp(visitor);
  secrets.totpSecret = factor.secret.toString('latin1');
  secrets.totpUri = factor.uri.searchParams.get('secret') ?? '';
  for (const [index, code] of factor.backupCodes.entries()) secrets[`backup ${index}`] = code;
  const other = createVisitor(panel);
  keep(await other.post('/api/auth/sign-in/email', { email, password }));
  keepCookies('halfway', other);
  const code = codeOf(factor.secret);
  keep(await other.post('/api/auth/two-factor/verify-totp', { code, trustDevice: true }));
  for (const path of ['get-session', 'list-sessions', 'passkey/generate-authenticate-options']) {
    keep(await other.get(`/api/auth/${path}`));
  }
  keep(await other.get('/api/account/sessions'));
  const stranger = createVisitor(panel);
  const fresh = { name: 'B', email: 'b@example.com', password };
  keep(await stranger.post('/api/auth/sign-up/email', fresh));
  keep(await stranger.post('/api/auth/request-password-reset', { email }));
  const reset = linkOf(await panel.lastMail(email));
  secrets.reset = reset.searchParams.get('token') ?? '';
  keep(await stranger.post('/api/auth/request-password-reset', { email }));
  const staffId = await addStaff(panel.app, staff, { name: 'ann', areas: [], dailyLimit: null });
  const invited = { owner: { staffId }, email: 'ann@example.com' };
  secrets.invitation = (await inviteUser(panel.app, staff, invited)).token;
  for (const each of [visitor, other, customer.visitor, member.visitor]) {
    keepCookies('session', each);
  }
}

/** Keys of the panel API: made by customers and staff, replaced, used in every place and way. */
async function useKeys(): Promise<void> {
  const made = await customer.tell<{ id: number; key: string }>('/keys', { name: 'one' });
  const rotated = await customer.visitor.post(`/api/customer/keys/${made.id}/rotate`);
  const given = await member.ask('POST', `/customers/${customer.customerId}/keys`, { name: 'two' });
  const keys = [made.key, String(rotated.body.key), String(given.body.key)];
  for (const [index, key] of keys.entries()) secrets[`api key ${index}`] = key.slice(10);
  const service = await upstream.sell();
  const link = 'https://example.com/canary';
  for (const key of keys) {
    const order = { action: 'add', service, link, quantity: 100 };
    answered.push(await panel.callText({ key, ...order }));
    answered.push(await panel.callText({ key: `${key}x`, action: 'balance' }));
    answered.push(await panel.callText({ key, action: key }));
    const url = `${panel.url}/api/v2?key=${key}&action=balance`;
    const headers = [{ 'x-api-key': key }, { authorization: `Bearer ${key}` }, {}];
    for (const each of headers) answered.push(await (await fetch(url, { headers: each })).text());
  }
  await crash({ key: keys[2] ?? '', action: 'status', order: '1' });
}

/** A call in which the database fails. */
async function crash(fields: Record<string, string>): Promise<void> {
  await panel.owner.sql`alter table orders rename to orders_away`;
  const headers = { 'x-api-key': fields.key ?? '' };
  const query = new URLSearchParams(fields);
  const body = new URLSearchParams(fields);
  const failed = await fetch(`${panel.url}/api/v2?${query}`, { method: 'POST', body, headers });
  assert.equal(failed.status, 500);
  const text = await failed.text();
  assert.equal(text, '{"error":"Internal error"}');
  answered.push(text);
  keep(await customer.visitor.get('/api/customer/orders'));
  await panel.owner.sql`alter table orders_away rename to orders`;
}

/** A provider's key: used, refused, replaced. */
async function useUpstream(): Promise<void> {
  await upstream.forward();
  await upstream.poll();
  const path = `/providers/${upstream.providerId}`;
  keep(await member.ask('POST', `${path}/test`));
  secrets.secondUpstreamKey = 'upstream-canary-0b7d21';
  keep(await member.ask('PATCH', path, { key: secrets.secondUpstreamKey }));
  keep(await member.ask('POST', `${path}/test`));
  keep(await member.ask('POST', `${path}/sync`, {}));
  keep(await member.ask('PATCH', path, { key: secrets.secondUpstreamKey, url: 'not a url' }));
  await upstream.forward();
  await upstream.poll();
}

/** Secrets of gateways: stored, replaced, used for reports that are right and that are wrong. */
async function usePayments(): Promise<void> {
  const terms = { min: '1', max: '100', enabled: true };
  const stored = { stripe: stripeSecrets, webhook: gatewaySecrets };
  for (const [kind, values] of Object.entries(stored)) {
    const given = { ...terms, name: kind, kind, secrets: values };
    const method = await member.ask('POST', '/payment-methods', given);
    assert.equal(method.status, 200, JSON.stringify(method.body));
    keep(await member.ask('PATCH', `/payment-methods/${method.body.id}`, { secrets: values }));
    const id = Number(method.body.id) as Parameters<typeof sendGateway>[1];
    await sendGateway(panel, id, { id: 'event-1', type: 'payment.succeeded', payment: '1' });
    const signed = { 'panelwright-signature': 't=1,v1=00', 'stripe-signature': 't=1,v1=00' };
    await post(`${panel.url}/webhooks/gateway/${id}`, '{}', signed);
    await post(`${panel.url}/webhooks/stripe/${id}`, '{}', signed);
  }
  secrets.stripeKey = stripeSecrets.secretKey;
  secrets.stripeWebhook = stripeSecrets.webhookSecret;
  secrets.gateway = gatewaySecrets.secret;
}

/** The secret that signs calls of alarms: stored, used, refused and replaced. */
async function useAlarms(): Promise<void> {
  secrets.alarms = 'alarm-canary-5f0c77aa';
  const webhookUrl = `${upstream.served.url}/alarms`;
  const change = { webhookUrl, webhookSecret: secrets.alarms };
  const set = keep(await member.ask('PATCH', '/settings/alarms', change));
  assert.equal(set.status, 204);
  keep(await member.ask('POST', '/settings/test-alarm'));
  keep(await member.ask('PATCH', '/settings/alarms', { ...change, webhookUrl: 'not a url' }));
  await watchAlarms(panel.app, [
    { name: 'test', read: async () => [{ name: 'test', subject: '', detail: '' }] },
  ]);
  await sendAlarmCalls(panel.app);
}

/** Bad input that has a secret in it is answered, and logged, without it. */
async function sendBadInput(): Promise<void> {
  const { visitor } = customer;
  const email = 'somebody@example.com';
  const bodies = [
    { email: password, password },
    { email, password: [password] },
    { email, password: password.repeat(20) },
    { [password]: password },
  ];
  for (const body of bodies) {
    keep(await createVisitor(panel).post('/api/auth/sign-in/email', body));
    keep(await visitor.post('/api/account/confirm', body));
    keep(await member.ask('POST', '/payment-methods', { secrets: { secretKey: password, body } }));
  }
  for (const path of ['/api/auth/sign-in/email', '/api/account/confirm', '/api/admin/providers']) {
    const headers = { 'content-type': 'application/json' };
    const body = `{"password": "${password}", "key": "${upstream.key}"`;
    keep(await visitor.send(path, { method: 'POST', headers, body }));
  }
}

/** Everything that can be read without naming anything: by nobody, a customer and staff. */
async function readAll(): Promise<void> {
  for (const api of ['account', 'customer', 'admin']) {
    const described = keep(await customer.visitor.get(`/api/${api}/openapi.json`));
    for (const [path, operations] of Object.entries(Object(described.body.paths))) {
      if (path.includes('{') || !('get' in Object(operations))) continue;
      const { visitor } = api === 'customer' ? customer : member;
      keep(await visitor.get(`/api/${api}${path}`));
    }
  }
  for (const path of [`/providers/${upstream.providerId}`, `/customers/${customer.customerId}`]) {
    keep(await member.get(path));
  }
  for (const path of ['/api', '/metrics', '/readyz?verbose', '/healthz', '/', '/nothing']) {
    const answer = await fetch(`${panel.url}${path}`);
    answered.push(await answer.text(), JSON.stringify([...answer.headers]));
  }
}

/** The first events of a page that stays open while a balance changes. */
async function readEvents(): Promise<string> {
  const { cookies } = customer.visitor;
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const end = new AbortController();
  const url = `${panel.url}/api/customer/events`;
  const answer = await fetch(url, { headers: { cookie }, signal: end.signal });
  assert(answer.body !== null);
  const decoder = new TextDecoder();
  let text = JSON.stringify([...answer.headers]);
  for await (const chunk of answer.body) {
    text += decoder.decode(chunk);
    if (!text.includes('balance') && text.includes('event: ready')) {
      const change = { amount: '1', reason: 'gift', reference: `events-${Date.now()}` };
      await member.ask('POST', `/customers/${customer.customerId}/adjustments`, change);
    }
    if (text.includes('event: balance')) break;
  }
  end.abort();
  return text;
}

/** The log as it is written, but the mails that it shows where there is no mail server. */
function printLog(): string {
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => lines.push(line) });
  for (const entry of panel.logged) {
    const { fields, message } = entry as { fields: object; message: string };
    if (!('subject' in fields)) log.error(fields, message);
  }
  return lines.join('\n');
}

test('no secret is in clear in tables, backups, logs, answers, streams or metrics', async () => {
  await signInEveryWay();
  await useKeys();
  await useUpstream();
  await usePayments();
  await useAlarms();
  await sendBadInput();
  const events = await readEvents();
  await readAll();
  const names = Object.keys(secrets);
  assert(names.length > 35, names.join());
  for (const [name, secret] of Object.entries(secrets)) {
    assert(secret.length >= 8, `${name} is found nowhere: "${secret}"`);
  }
  const texts = {
    tables: await dumpTables(panel),
    backup: await dumpBackup(panel),
    log: printLog(),
    answers: answered.join('\n'),
    events,
  };
  assert.deepEqual(findSecrets(secrets, texts), []);
  // What may be found is.
  for (const text of [texts.tables, texts.backup])
    assert(text.includes('https://example.com/canary'));
  assert.match(texts.log, /relation \\"orders\\" does not exist/);
  assert.match(texts.answers, /panelwright_/);
});

test('the search finds a secret in each form that is as good as clear', () => {
  const secret = 'a secret+/?é';
  const texts = {
    clear: `x${secret}x`,
    url: `?token=${encodeURIComponent(secret)}`,
    base64: Buffer.from(secret).toString('base64'),
    hex: Buffer.from(secret).toString('hex'),
    none: 'a secret',
  };
  const found = findSecrets({ secret }, texts);
  assert.deepEqual(
    found,
    ['clear', 'url', 'base64', 'hex'].map((place) => `secret in ${place}`),
  );
});

test('a mail that was sent keeps nothing of what it said', async () => {
  await panel.lastMail('b@example.com');
  const left = await panel.app.db
    .selectFrom('mails')
    .select(['details', 'link_sealed', 'sent_at'])
    .execute();
  assert(left.length > 0);
  for (const mail of left) {
    assert.notEqual(mail.sent_at, null);
    assert.deepEqual([mail.details, mail.link_sealed], [{}, null]);
  }
});

test('what was crashed on the way left nothing half done', () => panel.verify());
