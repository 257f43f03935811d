import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { openTestPanel, refuseWrites, type TestPanel, testSecret } from '../../tests/harness.ts';
import { dayMs, hourMs, minuteMs, silentLog } from '../base/index.ts';
import { inTransaction } from '../db/index.ts';
import { type FakeSmtp, startFakeSmtp } from './fixture.ts';
import {
  createMailer,
  dropOldMails,
  enqueueMail,
  hastenMails,
  type MailCtx,
  sealLink,
  sendDueMails,
} from './index.ts';

const to = 'reader@example.com';
const link = 'https://panel.example/reset-password?token=abcdefgh';
const pausesMinutes = [1, 5, 30, 120, 360, 720];

let panel: TestPanel;
let smtp: FakeSmtp;
let ctx: MailCtx;
before(async () => {
  panel = await openTestPanel();
  smtp = await startFakeSmtp();
  ctx = open({ smtpUrl: smtp.url });
});
after(async () => {
  ctx.mailer.close();
  await smtp.close();
  await panel.close();
});
afterEach(async () => {
  smtp.received.length = 0;
  smtp.answer = '250 OK';
  await panel.app.db.deleteFrom('mails').execute();
});

type Opening = { smtpUrl?: string; isProduction?: boolean; secret?: string; timeoutMs?: number };

function open(options: Opening): MailCtx {
  const given = { smtpUrl: undefined, isProduction: true, secret: testSecret, ...options };
  const from = 'Panel <no-reply@panel.example>';
  const mailer = createMailer({ ...given, from, log: silentLog });
  return { ...panel.app, mailer };
}

function enqueueReset(options: { validMs?: number } = {}): Promise<void> {
  const at = panel.clock.now();
  const expiresAt = new Date(at.getTime() + (options.validMs ?? dayMs));
  const values = { link: sealLink(testSecret, { to, link }) };
  return inTransaction(panel.app.db, (tx) =>
    enqueueMail(tx, { to, language: 'en', kind: 'reset_password', values, at, expiresAt }),
  );
}

async function readMail() {
  return panel.app.db.selectFrom('mails').selectAll().executeTakeFirstOrThrow();
}

test('a mail is sent as text, in the language of its reader, and then emptied', async () => {
  const at = panel.clock.now();
  await inTransaction(panel.app.db, (tx) =>
    enqueueMail(tx, {
      to,
      language: 'zh-CN',
      kind: 'deposit_credited',
      values: { amount: '12.50', balance: '100.00', currency: 'USD' },
      at,
    }),
  );
  assert.equal(await sendDueMails(ctx), 1);
  const [mail] = smtp.received;
  assert(mail !== undefined);
  assert.equal(mail.to, to);
  assert.equal(mail.from, 'no-reply@panel.example');
  assert.equal(mail.headers.get('subject'), '已充值 12.50 USD');
  assert.match(mail.headers.get('content-type') ?? '', /^text\/plain; charset=utf-8/);
  assert.match(mail.text, /您在 Panelwright 的 12\.50 USD 充值已到账。\s+当前余额：100\.00 USD。/);
  const row = await readMail();
  assert.deepEqual([row.details, row.due_at, row.sent_at], [{}, null, at]);
  assert.equal(await sendDueMails(ctx), 0);
});

test('there is no mail of what was rolled back', async () => {
  const at = panel.clock.now();
  const failing = inTransaction(panel.app.db, async (tx) => {
    await enqueueMail(tx, { to, language: 'en', kind: 'password_changed', values: {}, at });
    throw new Error('rolled back');
  });
  await assert.rejects(failing, /rolled back/);
  assert.equal(await sendDueMails(ctx), 0);
  assert.deepEqual(smtp.received, []);
});

test('a refused mail waits ever longer, is given up and emptied after seven tries', async () => {
  smtp.answer = '451 later';
  await enqueueReset({ validMs: 30 * dayMs });
  for (const minutes of pausesMinutes) {
    assert.equal(await sendDueMails(ctx), 1);
    panel.clock.advance(minutes * minuteMs - 1);
    assert.equal(await sendDueMails(ctx), 0, `${minutes} minutes`);
    panel.clock.advance(1);
  }
  assert.notEqual((await readMail()).link_sealed, null);
  assert.equal(await sendDueMails(ctx), 1);
  const row = await readMail();
  assert.equal(row.tries, 7);
  assert.match(row.last_error, /451/);
  assert.deepEqual([row.due_at, row.link_sealed, row.sent_at], [null, null, null]);
  assert.notEqual(row.given_up_at, null);
});

test('a refusal that no database could keep is kept without what it could not', async () => {
  smtp.answer = '550 no\0 such user';
  await enqueueReset();
  await sendDueMails(ctx);
  assert.match((await readMail()).last_error, /550 no such user/);
});

test('a refusal that passes loses nothing', async () => {
  smtp.answer = '451 later';
  await enqueueReset();
  await sendDueMails(ctx);
  smtp.answer = '250 OK';
  panel.clock.advance(minuteMs);
  await sendDueMails(ctx);
  assert.deepEqual(
    smtp.received.map(({ text }) => text.includes(link)),
    [true],
  );
});

test('of many senders each mail has one', async () => {
  await Promise.all(Array.from({ length: 30 }, () => enqueueReset()));
  const taken = await Promise.all(Array.from({ length: 6 }, () => sendDueMails(ctx)));
  const rest = await sendDueMails(ctx);
  assert.equal(
    taken.reduce((sum, count) => sum + count, rest),
    30,
  );
  assert.equal(smtp.received.length, 30);
  assert.equal(new Set(smtp.received.map(({ headers }) => headers.get('message-id'))).size, 30);
});

test('a sender that dies leaves the mail to others, who name it alike', async () => {
  await enqueueReset();
  const { promise: waiting, resolve: goOn } = Promise.withResolvers<void>();
  const ids: string[] = [];
  const { promise: isSending, resolve: markSending } = Promise.withResolvers<void>();
  const send = (mail: { messageId: string }) => {
    ids.push(mail.messageId);
    markSending();
    return waiting;
  };
  const first = sendDueMails({ ...ctx, mailer: { ...ctx.mailer, send } });
  await isSending;
  assert.equal(await sendDueMails(ctx), 0);
  panel.clock.advance(10 * minuteMs);
  assert.equal(await sendDueMails(ctx), 1);
  assert.deepEqual(
    smtp.received.map(({ headers }) => headers.get('message-id')),
    ids,
  );
  goOn();
  assert.equal(await first, 1);
  assert.notEqual((await readMail()).sent_at, null);
});

const hasten = () => inTransaction(panel.app.db, (tx) => hastenMails(tx, panel.clock.now()));

/** Begins to send what is due and goes no further until `goOn` is called. */
async function beginSending() {
  const { promise: waiting, resolve: goOn } = Promise.withResolvers<void>();
  const { promise: isSending, resolve: markSending } = Promise.withResolvers<void>();
  const send: MailCtx['mailer']['send'] = async (mail) => {
    markSending();
    await waiting;
    await ctx.mailer.send(mail);
  };
  const sent = sendDueMails({ ...ctx, mailer: { ...ctx.mailer, send } });
  await isSending;
  return { sent, goOn };
}

test('a mail that is being sent is not hastened, so that nobody sends it, too', async () => {
  await enqueueReset();
  smtp.answer = '451 later';
  for (const isFirst of [true, false]) {
    const { sent, goOn } = await beginSending();
    assert.equal(await hasten(), 0);
    assert.equal(await sendDueMails(ctx), 0);
    if (!isFirst) smtp.answer = '250 OK';
    goOn();
    assert.equal(await sent, 1);
    if (isFirst) assert.equal(await hasten(), 1, 'it waits now');
  }
  assert.equal(smtp.received.length, 1);
});

test('however often mails are hastened in vain, none is given up for that', async () => {
  await enqueueReset();
  smtp.answer = '451 later';
  await sendDueMails(ctx);
  for (let asked = 0; asked < 10; asked += 1) {
    assert.equal(await hasten(), 1);
    assert.equal(await sendDueMails(ctx), 1);
  }
  smtp.answer = '250 OK';
  await hasten();
  await sendDueMails(ctx);
  assert.equal(smtp.received.length, 1);
});

test('a sender that comes back late gives up no mail that another is sending', async () => {
  await enqueueReset({ validMs: 30 * dayMs });
  smtp.answer = '451 later';
  for (const minutes of pausesMinutes) {
    await sendDueMails(ctx);
    panel.clock.advance(minutes * minuteMs);
  }
  const late = await beginSending();
  panel.clock.advance(10 * minuteMs);
  const other = await beginSending();
  late.goOn();
  await late.sent;
  assert.equal((await readMail()).given_up_at, null);
  smtp.answer = '250 OK';
  other.goOn();
  await other.sent;
  assert.notEqual((await readMail()).sent_at, null);
});

test('a server that never comes to an end is left within the lease', async () => {
  const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  assert(typeof address === 'object' && address !== null);
  const slow = open({ smtpUrl: `smtp://127.0.0.1:${address.port}`, timeoutMs: 20 });
  await enqueueReset();
  assert.equal(await sendDueMails(slow), 1);
  assert.match((await readMail()).last_error, /aborted due to timeout/);
  slow.mailer.close();
  silent.close();
  await once(silent, 'close');
});

test('a mail that was sent is written down however the database was away', async (t) => {
  await enqueueReset();
  const refused = { what: 'mail', write: 'update on mails', when: 'new.sent_at is not null' };
  const mend = await refuseWrites(panel, t, refused);
  let waits = 0;
  const pass = async () => {
    waits += 1;
    if (waits === 3) await mend();
  };
  const clock = { now: panel.clock.now, pass };
  assert.equal(await sendDueMails({ ...ctx, clock }), 1);
  panel.clock.advance(hourMs);
  assert.equal(await sendDueMails(ctx), 0);
  assert.equal(smtp.received.length, 1);
});

test('a mail is not taken by who can’t compose it', async () => {
  await enqueueReset();
  await panel.owner.sql`alter table settings rename to settings_away`;
  await assert.rejects(sendDueMails(ctx));
  await panel.owner.sql`alter table settings_away rename to settings`;
  assert.equal(await sendDueMails(ctx), 1);
  assert.equal(smtp.received.length, 1);
});

test('a link that works no more is not sent', async () => {
  await enqueueReset({ validMs: hourMs });
  panel.clock.advance(hourMs);
  await sendDueMails(ctx);
  assert.deepEqual(smtp.received, []);
  const row = await readMail();
  assert.match(row.last_error, /expired/);
  assert.deepEqual([row.due_at, row.link_sealed], [null, null]);
});

test('in production without an SMTP server mails wait until there is one', async () => {
  await enqueueReset();
  const keeping = open({});
  assert.equal(keeping.mailer.mode, 'keep');
  assert.equal(await sendDueMails(keeping), 0);
  assert.equal(await sendDueMails(ctx), 1);
  assert.equal(smtp.received.length, 1);
});

test('news that waited for more than a week is given up, not sent', async () => {
  const enqueue = () =>
    inTransaction(panel.app.db, (tx) => {
      const at = panel.clock.now();
      return enqueueMail(tx, { to, language: 'en', kind: 'password_changed', values: {}, at });
    });
  await enqueue();
  panel.clock.advance(7 * dayMs);
  assert.equal(await sendDueMails(ctx), 1);
  assert.equal(smtp.received.length, 1);
  await panel.app.db.deleteFrom('mails').execute();
  await enqueue();
  panel.clock.advance(7 * dayMs + 1);
  assert.equal(await sendDueMails(ctx), 1);
  assert.equal(smtp.received.length, 1);
  const row = await readMail();
  assert.match(row.last_error, /waited for more than 7 days/);
  assert.deepEqual([row.due_at, row.sent_at, row.given_up_at], [null, null, panel.clock.now()]);
});

test('a link opens in a mail to its own reader only, and by the same secret', async () => {
  await enqueueReset();
  await panel.app.db.updateTable('mails').set({ recipient: 'thief@example.com' }).execute();
  await sendDueMails(ctx);
  await panel.app.db.updateTable('mails').set({ recipient: to }).execute();
  panel.clock.advance(minuteMs);
  await sendDueMails(open({ smtpUrl: smtp.url, secret: `${testSecret}!` }));
  assert.deepEqual(smtp.received, []);
  panel.clock.advance(5 * minuteMs);
  await sendDueMails(ctx);
  assert.equal(smtp.received.length, 1);
});

test('every kind has its text in both languages', async () => {
  const sealed = sealLink(testSecret, { to, link });
  const noticeKinds = [
    'order_partial',
    'order_canceled',
    'refill_done',
    'refill_rejected',
  ] as const;
  const at = panel.clock.now();
  for (const language of ['en', 'zh-CN'] as const) {
    const mail = { to, language, at };
    const credited = { amount: '1.00', balance: '2.00', currency: 'USD' };
    const changed = { link: sealed, newAddress: 'new@example.com' };
    await inTransaction(panel.app.db, async (tx) => {
      await enqueueMail(tx, { ...mail, kind: 'confirm_address', values: { link: sealed } });
      await enqueueMail(tx, { ...mail, kind: 'reset_password', values: { link: sealed } });
      await enqueueMail(tx, { ...mail, kind: 'change_address', values: changed });
      await enqueueMail(tx, { ...mail, kind: 'address_in_use', values: {} });
      await enqueueMail(tx, { ...mail, kind: 'password_changed', values: {} });
      await enqueueMail(tx, { ...mail, kind: 'deposit_credited', values: credited });
      for (const kind of noticeKinds) {
        const items = [{ kind, orderId: '7', refillId: '3', remains: '5', refund: '1.00' }];
        const news = { items, count: '1', currency: 'USD' };
        await enqueueMail(tx, { ...mail, kind: 'order_news', values: news });
      }
    });
  }
  assert.equal(await sendDueMails(ctx), 20);
  assert.equal(smtp.received.length, 20);
  for (const { headers, text } of smtp.received) {
    assert.doesNotMatch(`${headers.get('subject')}${text}`, /undefined|\[object/);
    assert(text.includes('Panelwright'), text);
  }
  assert.equal(new Set(smtp.received.map(({ headers }) => headers.get('subject'))).size, 20);
});

test('what is left of a mail goes after a month', async () => {
  await enqueueReset();
  await sendDueMails(ctx);
  await dropOldMails(ctx);
  await readMail();
  panel.clock.advance(31 * dayMs);
  await enqueueReset();
  await dropOldMails(ctx);
  assert.equal((await readMail()).sent_at, null);
});
