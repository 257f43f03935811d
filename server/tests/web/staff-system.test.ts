import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { minuteMs } from '../../src/base/index.ts';
import { inTransaction } from '../../src/db/index.ts';
import { enqueueMail } from '../../src/mail/index.ts';
import { readVerifyRuns, startVerify } from '../../src/system/index.ts';
import { startWorker } from '../../src/worker/index.ts';
import { makeCustomer, staff } from '../factories.ts';
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

const going = { isStopping: () => false };

async function read(path: string): Promise<Record<string, unknown>> {
  const { status, body } = await member.get(path);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

type Run = {
  id: number;
  state: string;
  brokenCount: number;
  checked: { name: string; count: number; broken: number }[];
  broken: { check: string; subject: string }[];
};
type Runs = { running: Run | null; last: Run | null };

/** Asks for `verify` and waits, as the page does, until it has ended. */
async function verifyByApi(): Promise<Run> {
  const { status, body } = await member.ask('POST', '/system/verify');
  assert.equal(status, 200, JSON.stringify(body));
  for (;;) {
    const { running, last } = (await read('/system/verify')) as Runs;
    if (running === null && last !== null && last.id === body.id) return last;
  }
}

test('the facts name versions, sizes, tasks, mail and the state', async () => {
  await startWorker(panel.app).stop();
  const facts = await read('/system');
  assert.match(String(facts.node), /^24\./);
  assert((facts.databaseBytes as number) > 0);
  assert((facts.tables as unknown[]).length > 5);
  const tasks = facts.tasks as { name: string }[];
  assert(tasks.some(({ name }) => name === 'mails'));
  assert.deepEqual(facts.mails, { mode: 'log', waiting: 0, retrying: 0, failed: 0 });
  const state = facts.state as Record<string, unknown>;
  assert.deepEqual([state.state, state.overdue, state.stopped], ['green', 0, []]);
  assert.notEqual(state.lastTaskAt, null);
});

test('mails that wait or were given up are listed; those that wait are tried at once', async () => {
  const at = panel.clock.now();
  for (const to of ['one@example.com', 'two@example.com', 'three@example.com']) {
    await inTransaction(panel.app.db, (tx) =>
      enqueueMail(tx, { to, language: 'en', kind: 'password_changed', values: {}, at }),
    );
  }
  const later = new Date(at.getTime() + 60 * minuteMs);
  const failed = { last_error: 'refused', tries: 7 };
  const mails = () => panel.app.db.updateTable('mails');
  await mails()
    .set({ ...failed, due_at: null, given_up_at: at, details: {} })
    .where('recipient', '=', 'one@example.com')
    .execute();
  await mails()
    .set({ ...failed, due_at: later })
    .where('recipient', '=', 'two@example.com')
    .execute();
  assert.deepEqual((await read('/system')).mails, {
    mode: 'log',
    waiting: 2,
    retrying: 1,
    failed: 1,
  });
  type Page = { rows: { recipient: string; error: string }[]; next: string | null };
  const first = (await read('/system/mails?state=waiting&limit=1')) as Page;
  const second = (await read(`/system/mails?state=waiting&limit=1&cursor=${first.next}`)) as Page;
  const recipients = [...first.rows, ...second.rows].map(({ recipient }) => recipient);
  assert.deepEqual(recipients, ['three@example.com', 'two@example.com']);
  const gone = (await read('/system/mails?state=failed')) as Page;
  assert.deepEqual([gone.rows[0]?.error, gone.rows.length, gone.next], ['refused', 1, null]);
  assert.equal((await member.get('/system/mails?state=failed&cursor=x')).status, 400);
  assert.equal((await member.get('/system/mails?state=sent')).status, 400);
  const retried = await member.ask('POST', '/system/mails/retry');
  assert.deepEqual(retried.body, { mails: 1 });
  await panel.lastMail('two@example.com');
});

test('verify is started, followed and read again; what is broken is listed', async () => {
  assert.deepEqual(await read('/system/verify'), { running: null, last: null });
  const clean = await verifyByApi();
  assert.deepEqual([clean.state, clean.brokenCount], ['finished', 0]);
  assert(clean.checked.length > 20);
  const names = clean.checked.map(({ name }) => name);
  assert.deepEqual(names, names.toSorted());
  const { customerId } = await makeCustomer(panel, { funds: '5' });
  await panel.owner.db
    .updateTable('wallets')
    .set((eb) => ({ balance: eb('balance', '+', eb.val(1n as never)) }))
    .where('customer_id', '=', customerId)
    .execute();
  const damaged = await verifyByApi();
  assert(damaged.brokenCount > 0);
  const [row] = damaged.broken;
  assert.equal(damaged.checked.find(({ name }) => name === row?.check)?.broken, 1);
});

test('one verification runs at a time; one whose process died, or stops, makes room', async () => {
  const run = await startVerify(panel.app, staff, going);
  const second = await member.ask('POST', '/system/verify');
  assert.deepEqual(refusalOf(second), { status: 409, code: 'conflict' });
  await run.ended;
  const { db, clock } = panel.app;
  const at = clock.now();
  const lost = { started_by: 'staff:gone', started_at: at, seen_at: at };
  await db.insertInto('verifications').values(lost).execute();
  assert.equal((await readVerifyRuns(db, at)).running?.startedBy, 'staff:gone');
  panel.clock.advance(2 * minuteMs);
  const seen = await readVerifyRuns(db, clock.now());
  assert.deepEqual([seen.running, seen.last?.state], [null, 'interrupted']);
  const stopped = await startVerify(panel.app, staff, { isStopping: () => true });
  await stopped.ended;
  const { last } = await readVerifyRuns(db, clock.now());
  assert.deepEqual([last?.id, last?.state], [stopped.id, 'failed']);
});

test('the menu counts what waits, for each as far as it is theirs', async () => {
  const all = await read('/menu');
  assert.deepEqual(all, { queues: 0, payments: 0, prices: 0, isRed: false });
  const clerk = await openMember(panel, ['orders']);
  const own = (await clerk.get('/menu')).body;
  assert.deepEqual(own, { queues: 0, payments: null, prices: null, isRed: null });
});

test('a restore is confirmed once, by whoever may, and the state says so until then', async () => {
  const at = panel.clock.now();
  const row = { backup_at: at, restored_at: at, doubted: 2 };
  await panel.owner.db.insertInto('restores').values(row).execute();
  panel.clock.advance(2_000);
  const stateOf = async () => (await read('/system')).state as Record<string, unknown>;
  const red = await stateOf();
  assert.deepEqual([red.state, red.restoredFrom], ['red', at.toISOString()]);
  const clerk = await openMember(panel, ['orders']);
  const refused = await clerk.ask('POST', '/system/confirm-restore');
  assert.deepEqual(refusalOf(refused), { status: 403, code: 'not_allowed' });
  const confirmed = await member.ask('POST', '/system/confirm-restore');
  assert.deepEqual(confirmed.body, { doubted: 2 });
  panel.clock.advance(2_000);
  assert.equal((await stateOf()).restoredFrom, null);
  const again = await member.ask('POST', '/system/confirm-restore');
  assert.deepEqual(refusalOf(again), { status: 409, code: 'conflict' });
});

test('without the permission nothing is read or started', async () => {
  const clerk = await openMember(panel, ['orders', 'staff', 'settings', 'audit']);
  for (const path of ['/system', '/system/mails?state=failed', '/system/verify']) {
    assert.equal((await clerk.get(path)).status, 403, path);
  }
  for (const path of ['/system/mails/retry', '/system/verify']) {
    const answer = await clerk.ask('POST', path);
    assert.deepEqual(refusalOf(answer), { status: 403, code: 'not_allowed' }, path);
  }
});
