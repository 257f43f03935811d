import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import {
  type Condition,
  type ConditionSource,
  diskSource,
  readAlarmSettings,
  sendAlarmCalls,
  testAlarm,
  updateAlarmSettings,
  watchAlarms,
} from '../src/alarms/index.ts';
import { AppError, type CustomerId, hourMs, minuteMs, type OrderId } from '../src/base/index.ts';
import { liftMoneyStop } from '../src/customers/index.ts';
import { decideDelivery } from '../src/fulfilment/index.ts';
import { createMailer, sendDueMails } from '../src/mail/index.ts';
import { addProvider, createUpstreams } from '../src/providers/index.ts';
import { verifyChanges } from '../src/system/index.ts';
import { createTaskLog } from '../src/worker/task-log.ts';
import { openUpstream, place, type Upstream } from './delivery/upstream.ts';
import { makeCustomer, staff } from './factories.ts';
import { openTestPanel, type TestPanel, testSecret } from './harness.ts';

type Told = { id: string; type: string; name: string; subject: string; detail: string };
type Call = { body: string; signature: string };

let panel: TestPanel;
let upstream: Upstream;
let server: http.Server;
let url: string;
let calls: Call[] = [];
let status = 200;
const secret = 'the-webhook-secret-0123456789';

before(async () => {
  panel = await openTestPanel();
  upstream = await openUpstream(panel);
  server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signature = String(request.headers['x-signature']);
      calls.push({ body: Buffer.concat(chunks).toString(), signature });
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarms`;
  const changes = { emails: ['ops@example.com'], webhookUrl: url, webhookSecret: secret };
  await updateAlarmSettings(panel.app, staff, changes);
});
after(async () => {
  server.close();
  await upstream.close();
  await panel.close();
});
beforeEach(() => {
  calls = [];
  status = 200;
});

/** What a process alone can see. */
function seeing(...conditions: Condition[]): ConditionSource {
  return { name: 'test', read: async () => conditions };
}

/** Looks, and tells the webhook: what it got. */
async function look(conditions: Condition[] = []): Promise<Told[]> {
  panel.clock.advance(minuteMs);
  await watchAlarms(panel.app, [seeing(...conditions)]);
  while ((await sendAlarmCalls(panel.app)) > 0);
  const told = calls.map(({ body }) => JSON.parse(body) as Told);
  calls = [];
  return told;
}

function short(told: readonly Told[]): string[] {
  return told.map(({ type, name, subject }) => [type, name, subject].join(' ').trim());
}

type Case = {
  name: string;
  what?: string;
  subject?: string;
  raise: () => Promise<void>;
  mend: () => Promise<void>;
};

async function sql(text: string): Promise<void> {
  await panel.owner.sql.unsafe(text);
}

/** A provider by hand, whose state is what a test needs. */
async function provider(name: string): Promise<void> {
  const input = { name, url: `https://${name}.example/api/v2`, key: 'k'.repeat(20) };
  await addProvider(panel.app, staff, input);
}

/** A worker's task that fails so often in a row, or works once. */
async function runTask({ fails }: { fails: number }): Promise<void> {
  const tasks = createTaskLog(panel.app);
  for (let run = 0; run < Math.max(fails, 1); run += 1) {
    await tasks.run(
      'catalogs',
      fails > 0 ? () => Promise.reject(new Error('broken')) : async () => {},
    );
  }
  await tasks.flush();
}

/** A backup that a worker made, or tried to. */
async function backup(state: 'finished' | 'failed'): Promise<void> {
  const at = panel.clock.now();
  const next = new Date(at.getTime() + 24 * hourMs);
  await panel.owner.sql`
    insert into backups (state, started_at, seen_at, finished_at, next_at, file)
    values (${state}, ${at}, ${at}, ${at}, ${next}, 'panelwright.backup')`;
}

/** An order that is due at the upstream. */
async function order(): Promise<OrderId> {
  const { key } = await makeCustomer(panel);
  const service = await upstream.sell();
  return place(panel, { key, service, link: 'https://example.com/alarm', quantity: 100 });
}

let unknownOrder: OrderId;

const cases: readonly Case[] = [
  {
    name: 'provider_out_of_funds',
    subject: 'empty',
    raise: async () => {
      await provider('empty');
      await sql(`update providers set state = 'paused', paused_by = 'funds' where name = 'empty'`);
    },
    mend: () => sql(`update providers set state = 'on', paused_by = null where name = 'empty'`),
  },
  {
    name: 'provider_key_refused',
    subject: 'locked',
    raise: async () => {
      await provider('locked');
      await sql(`update providers set state = 'paused', paused_by = 'key' where name = 'locked'`);
    },
    mend: () => sql(`update providers set state = 'on', paused_by = null where name = 'locked'`),
  },
  {
    name: 'provider_low_balance',
    subject: 'low',
    raise: async () => {
      await provider('low');
      await sql(`update providers set balance = 5, balance_at = now(), balance_low_mark = 10
        where name = 'low'`);
    },
    mend: () => sql(`update providers set balance = 50 where name = 'low'`),
  },
  {
    name: 'task_failing',
    subject: 'catalogs',
    raise: async () => {
      await runTask({ fails: 5 });
      // Another worker, in which it does not fail, does not end it.
      await runTask({ fails: 0 });
    },
    mend: async () => {
      panel.clock.advance(10 * minuteMs);
      await runTask({ fails: 0 });
    },
  },
  {
    name: 'restore',
    raise: () =>
      sql(`insert into restores (backup_at, restored_at, doubted) values (now(), now(), 0)`),
    mend: () => sql(`update restores set confirmed_at = now(), confirmed_by = 'staff:test'`),
  },
  {
    name: 'dispatch',
    raise: async () => {
      await order();
      panel.clock.advance(minuteMs);
    },
    mend: async () => void (await upstream.forward()),
  },
  {
    name: 'unknown',
    raise: async () => {
      upstream.sandbox.script({ kind: 'accept_then_reset', on: { action: 'add' } });
      unknownOrder = await order();
      await upstream.forward();
      panel.clock.advance(15 * minuteMs);
    },
    mend: () =>
      decideDelivery(panel.app, staff, { orderId: unknownOrder, decision: { kind: 'refund' } }),
  },
  {
    name: 'backup',
    what: 'that failed',
    raise: () => backup('failed'),
    mend: () => backup('finished'),
  },
  {
    name: 'backup',
    what: 'that is overdue',
    raise: async () => {
      panel.clock.advance(25 * hourMs);
    },
    mend: () => sql('delete from backups'),
  },
];

for (const { name, what = '', subject = '', raise, mend } of cases) {
  const title = [name, what].join(' ').trim();
  test(`${title} is told once when it begins and once when it ends`, async () => {
    assert.deepEqual(await look(), []);
    await raise();
    assert.deepEqual(short(await look()), [`alarm.began ${name} ${subject}`.trim()]);
    assert.deepEqual(await look(), []);
    await mend();
    assert.deepEqual(short(await look()), [`alarm.ended ${name} ${subject}`.trim()]);
    assert.deepEqual(await look(), []);
  });
}

test('each customer whose money a check stops is told of, and when it moves again', async () => {
  const { customerId: first } = await makeCustomer(panel, { funds: '5' });
  const { customerId: second } = await makeCustomer(panel, { funds: '5' });
  const spoil = async (customerId: CustomerId) => {
    await sql(`update wallets set balance = balance + 1 where customer_id = ${customerId}`);
    panel.clock.advance(minuteMs);
    assert.deepEqual((await verifyChanges(panel.app))?.stopped, [customerId]);
  };
  assert.deepEqual((await verifyChanges(panel.app))?.stopped, []);
  await spoil(first);
  const [told] = await look();
  assert.deepEqual([told?.name, told?.subject], ['books', `customer:${first}`]);
  assert.match(told?.detail ?? '', /^their money is stopped: ./);
  await spoil(second);
  assert.deepEqual(short(await look()), [`alarm.began books customer:${second}`]);
  await liftMoneyStop(panel.app, staff, { customerId: first, reason: 'seen to' });
  assert.deepEqual(short(await look()), [`alarm.ended books customer:${first}`]);
  await liftMoneyStop(panel.app, staff, { customerId: second, reason: 'seen to' });
  assert.deepEqual(short(await look()), [`alarm.ended books customer:${second}`]);
});

test('a process that cannot see something leaves the alarm of it to those that can', async () => {
  const full = { name: 'disk_nearly_full', subject: '', detail: '' };
  assert.deepEqual(short(await look([full])), ['alarm.began disk_nearly_full']);
  assert.deepEqual(await watchAlarms(panel.app), []);
  const broken = { name: 'test', read: () => Promise.reject(new Error('no such disk')) };
  await provider('seen');
  await sql(`update providers set state = 'paused', paused_by = 'key' where name = 'seen'`);
  const events = await watchAlarms(panel.app, [broken]);
  assert.deepEqual(
    events.map(({ event, subject }) => [event, subject]),
    [['began', 'seen']],
  );
  await sql(`update providers set state = 'on', paused_by = null where name = 'seen'`);
  const ended = ['alarm.ended disk_nearly_full', 'alarm.ended provider_key_refused seen'];
  assert.deepEqual(
    short(await look())
      .slice(-2)
      .sort(),
    ended,
  );
});

test('what a process alone can see is told like the rest, and mailed', async () => {
  const condition = { name: 'backup_too_old', subject: '', detail: 'the last one is of Monday' };
  const [told] = await look([condition]);
  assert.equal(told?.detail, condition.detail);
  assert.deepEqual(await look([condition]), []);
  assert.deepEqual(short(await look()), ['alarm.ended backup_too_old']);
  const mails = await panel.owner.sql`
    select recipient, details ->> 'event' as event from mails
    where kind = 'alarm' and details ->> 'name' = 'backup_too_old' order by id`;
  assert.deepEqual(
    mails.map(({ recipient, event }) => [recipient, event]),
    [
      ['ops@example.com', 'began'],
      ['ops@example.com', 'ended'],
    ],
  );
  const sent: string[] = [];
  const log = { ...panel.app.log, info: (fields: object) => sent.push(JSON.stringify(fields)) };
  const options = { smtpUrl: undefined, from: undefined, isProduction: false, secret: undefined };
  const mailer = createMailer({ ...options, log: log as typeof panel.app.log });
  while ((await sendDueMails({ ...panel.app, mailer })) > 0);
  assert(sent.some((text) => text.includes('Alarm: backup_too_old')));
});

test('two processes that look at once tell it once', async () => {
  const source = seeing({ name: 'once', subject: '', detail: '' });
  const events = await Promise.all([1, 2, 3].map(() => watchAlarms(panel.app, [source])));
  assert.equal(events.flat().length, 1);
  assert.deepEqual(short(await look()), ['alarm.began once', 'alarm.ended once']);
});

test('a call is signed with the secret, over its time and its bytes', async () => {
  const at = Math.floor(panel.clock.now().getTime() / 1_000);
  assert.deepEqual(await testAlarm(panel.app, staff), { mails: 1, failure: null });
  const [call] = calls;
  assert(call !== undefined);
  const hex = createHmac('sha256', secret).update(`${at}.${call.body}`).digest('hex');
  assert.equal(call.signature, `t=${at},v1=${hex}`);
  assert.equal((JSON.parse(call.body) as Told).type, 'alarm.test');
});

test('a webhook that fails is told again under the same id, and no redirect followed', async () => {
  const ids: string[] = [];
  await watchAlarms(panel.app, [seeing({ name: 'again', subject: '', detail: '' })]);
  for (status of [500, 302]) {
    await sendAlarmCalls(panel.app);
    assert.equal(await sendAlarmCalls(panel.app), 0, 'not at once');
    panel.clock.advance(6 * minuteMs);
  }
  status = 204;
  assert.equal(await sendAlarmCalls(panel.app), 1);
  for (const { body } of calls) ids.push((JSON.parse(body) as Told).id);
  assert.equal(ids.length, 3);
  assert.equal(new Set(ids).size, 1);
  panel.clock.advance(24 * 60 * minuteMs);
  assert.equal(await sendAlarmCalls(panel.app), 0);
  await look();
});

test('private addresses are refused, when they are set and when they are called', async () => {
  const { db, clock } = panel.app;
  const privateAddresses = 'refuse' as const;
  const upstreams = createUpstreams({ db, clock, secret: testSecret, privateAddresses });
  const ctx = { ...panel.app, upstreams };
  const changes = { webhookUrl: 'http://10.0.0.1/x', webhookSecret: secret };
  await assert.rejects(
    updateAlarmSettings(ctx, staff, changes),
    (error) => error instanceof AppError && error.detail === 'private_address',
  );
  const { failure } = await testAlarm(ctx, staff);
  assert.match(failure ?? '', /not a public one/);
  assert.deepEqual(calls, []);
  await upstreams.close();
});

test('another address needs its secret anew, and wrong settings are refused', async () => {
  const refused = async (changes: object, detail: string) =>
    assert.rejects(
      updateAlarmSettings(panel.app, staff, changes),
      (error) => error instanceof AppError && error.detail === detail,
    );
  await refused({ webhookUrl: 'https://other.example/' }, 'webhookSecret');
  await refused({ webhookUrl: 'ftp://other.example/', webhookSecret: secret }, 'webhookUrl');
  await refused({ webhookSecret: 'short' }, 'webhookSecret');
  await refused({ emails: ['no address'] }, 'emails');
  const settings = await readAlarmSettings(panel.app.db);
  assert.deepEqual(settings, { emails: ['ops@example.com'], language: 'en', webhookUrl: url });
});

test('a disk is nearly full below a tenth and below 1 GiB', async () => {
  const left = (bavail: bigint, blocks: bigint) =>
    diskSource('/', async () => ({ bavail, blocks, bsize: 1_024n * 1_024n })).read();
  assert.deepEqual(await left(2_000n, 1_000_000n), []);
  assert.deepEqual(await left(500n, 1_000n), []);
  const [full] = await left(500n, 1_000_000n);
  assert.equal(full?.detail, '500 MiB are left');
});
