import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { openSignInPanel, type SignInPanel } from '../sign-in/visitor.ts';
import { refusalOf } from './customers.ts';
import { type Member, openMember } from './members.ts';

let panel: SignInPanel;
let member: Member;
let server: http.Server;
let url: string;
let bodies: string[] = [];
let status = 204;

const path = '/settings/alarms';
const secret = 'the-webhook-secret-0123456789';
const nobody = { emails: [], language: 'en', webhookUrl: '' };

before(async () => {
  panel = await openSignInPanel();
  member = await openMember(panel, ['settings']);
  server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    bodies.push(body);
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarms`;
});
after(async () => {
  server.close();
  await panel.close();
});

async function read(): Promise<object> {
  const { status: code, body } = await member.get(path);
  assert.equal(code, 200);
  return body;
}

const trial = () => member.ask('POST', '/settings/test-alarm');

test('nobody is told at first, and a test alarm says that it went to nobody', async () => {
  assert.deepEqual(await read(), nobody);
  const { status: code, body } = await trial();
  assert.deepEqual([code, body], [200, { mails: 0, failure: null }]);
});

test('what is set is shown and audited but for the secret, and the rest stays', async () => {
  const first = { emails: ['ops@example.com'], webhookUrl: url };
  assert.equal((await member.ask('PATCH', path, { ...first, webhookSecret: secret })).status, 204);
  assert.deepEqual(await read(), { ...nobody, ...first });
  assert.equal((await member.ask('PATCH', path, { language: 'zh-CN' })).status, 204);
  assert.deepEqual(await read(), { ...first, language: 'zh-CN' });
  const rows = await panel.owner.sql`
    select before::text, after::text from audit where action = 'alarms.set' order by id`;
  assert.equal(rows.length, 2);
  assert(!JSON.stringify(rows).includes(secret));
  assert.match(String(rows[0]?.after), /ops@example\.com/);
});

test('a test alarm reaches the webhook and the addresses, and says why it does not', async () => {
  bodies = [];
  assert.deepEqual((await trial()).body, { mails: 1, failure: null });
  assert.deepEqual(
    bodies.map((body) => JSON.parse(body).type),
    ['alarm.test'],
  );
  assert.match((await panel.lastMail('ops@example.com')).subject, /^测试告警：test/);
  status = 500;
  assert.deepEqual((await trial()).body, { mails: 1, failure: 'it answered with status 500' });
});

test('what cannot be is refused under its name, and nothing is changed', async () => {
  const before = await read();
  const refused = [
    [{ emails: ['no address'] }, 'emails'],
    [{ emails: Array.from({ length: 11 }, (_, at) => `ops${at}@example.com`) }, 'emails'],
    [{ language: 'fr' }, 'language'],
    [{ webhookUrl: 'ftp://alarms.example/' }, 'webhookUrl'],
    [{ webhookUrl: 'https://ann:pass@alarms.example/' }, 'webhookUrl'],
    [{ webhookUrl: 'https://another.example/' }, 'webhookSecret'],
    [{ webhookSecret: 'too short' }, 'webhookSecret'],
  ] as const;
  for (const [changes, detail] of refused) {
    const { status: code, body } = await member.ask('PATCH', path, changes);
    const { error } = body as { error: { detail: string } };
    assert.deepEqual([code, error.detail], [400, detail], JSON.stringify(changes));
  }
  assert.deepEqual(await read(), before);
});

test('without the permission nothing is read, changed or tried', async () => {
  const clerk = await openMember(panel, ['orders', 'staff', 'audit', 'system']);
  const before = await read();
  bodies = [];
  const answers = [
    await clerk.get(path),
    await clerk.ask('PATCH', path, nobody),
    await clerk.ask('POST', '/settings/test-alarm'),
  ];
  for (const answer of answers) {
    assert.deepEqual(refusalOf(answer), { status: 403, code: 'not_allowed' });
  }
  assert.deepEqual(await read(), before);
  assert.deepEqual(bodies, []);
});

test('an empty address ends the calls, and its secret is forgotten', async () => {
  assert.equal((await member.ask('PATCH', path, { webhookUrl: '' })).status, 204);
  const [kept] = await panel.owner.sql`select webhook_secret_sealed from alarm_settings`;
  assert.equal(kept?.webhook_secret_sealed, null);
  const again = await member.ask('PATCH', path, { webhookUrl: url });
  assert.deepEqual(refusalOf(again), { status: 400, code: 'invalid_input' });
});
