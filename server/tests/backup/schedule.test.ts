import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  type BackupPlan,
  backUpIfDue,
  checkBackup,
  endBackups,
  judgeBackup,
  readLastBackup,
} from '../../src/backup/index.ts';
import { hourMs, minuteMs } from '../../src/base/index.ts';
import { startWorker } from '../../src/worker/index.ts';
import { until } from '../delivery/processes.ts';
import { staff } from '../factories.ts';
import { openTestPanel, type TestPanel } from '../harness.ts';

let panel: TestPanel;
let dir: string;
let plan: BackupPlan;

before(async () => {
  panel = await openTestPanel();
  dir = await mkdtemp(join(tmpdir(), 'panelwright-schedule-'));
  const target = { url: panel.databaseUrl };
  plan = { target, dir: join(dir, 'kept'), everyMs: 24 * hourMs, kept: 2 };
});
after(async () => {
  await panel.close();
  await rm(dir, { recursive: true, force: true });
});

const judge = async () => judgeBackup(await readLastBackup(panel.app.db), panel.clock.now());

test('a backup is made when it is due, once, and is read again to its end', async () => {
  assert.equal((await judge()).ok, true);
  const made = await Promise.all([1, 2, 3].map(() => backUpIfDue(panel.app, plan)));
  assert.deepEqual(made.toSorted(), [false, false, true]);
  assert.equal(await backUpIfDue(panel.app, plan), false);
  const last = await readLastBackup(panel.app.db);
  assert.equal(last?.state, 'finished');
  const { rows } = await checkBackup(join(plan.dir, last.file));
  assert(rows > 0 && last.bytes > 0n);
  assert.equal((await judge()).ok, true);
});

test('the newest are kept, and nothing else in the folder is touched', async () => {
  await writeFile(join(plan.dir, 'mine.backup'), 'by hand');
  for (let day = 0; day < 3; day += 1) {
    panel.clock.advance(24 * hourMs);
    assert.equal(await backUpIfDue(panel.app, plan), true);
  }
  const names = (await readdir(plan.dir)).sort();
  assert.deepEqual(names, [
    'mine.backup',
    'panelwright-20260303T120000Z.backup',
    'panelwright-20260304T120000Z.backup',
  ]);
});

test('one that fails keeps the old ones, is red, and is tried again soon', async () => {
  panel.clock.advance(24 * hourMs);
  const broken = { ...plan, dir: join(plan.dir, 'mine.backup') };
  await assert.rejects(backUpIfDue(panel.app, broken));
  const red = await judge();
  assert.deepEqual([red.ok, /failed/.test(red.detail)], [false, true]);
  const readyz = await (await fetch(`${panel.url}/readyz?verbose`)).json();
  assert.equal(Object(readyz).state, 'red');
  assert.equal(await backUpIfDue(panel.app, plan), false);
  panel.clock.advance(10 * minuteMs);
  const at = panel.clock.now();
  const next = { started_at: at, seen_at: at, next_at: new Date(at.getTime() + hourMs), file: 'x' };
  const { id } = await panel.app.db
    .insertInto('backups')
    .values(next)
    .returning('id')
    .executeTakeFirstOrThrow();
  const running = await judge();
  assert.deepEqual(
    [running.ok, /running, after one that is failed$/.test(running.detail)],
    [false, true],
  );
  await panel.app.db.deleteFrom('backups').where('id', '=', id).execute();
  assert.equal(await backUpIfDue(panel.app, plan), true);
  assert.equal((await judge()).ok, true);
});

test('one whose process died makes room; one that is long overdue is red', async () => {
  panel.clock.advance(26 * hourMs);
  assert.equal((await judge()).ok, false);
  await pretendRun(0);
  assert.equal(await backUpIfDue(panel.app, plan), false);
  panel.clock.advance(3 * minuteMs);
  assert.equal(await backUpIfDue(panel.app, plan), true);
});

/** Another process's row, as if it were at it; seen so long from now. */
function pretendRun(seenInMs: number) {
  const at = panel.clock.now();
  const seen_at = new Date(at.getTime() + seenInMs);
  const row = { started_at: seen_at, seen_at, next_at: seen_at, file: 'of another' };
  return panel.app.db.insertInto('backups').values(row).execute();
}

test('however often others tried while one ran, those of before are still known', async () => {
  panel.clock.advance(25 * hourMs);
  const { db } = panel.app;
  const before = await db.selectFrom('backups').select('id').execute();
  await pretendRun(0);
  for (let tries = 0; tries < 110; tries += 1)
    assert.equal(await backUpIfDue(panel.app, plan), false);
  panel.clock.advance(3 * minuteMs);
  assert.equal(await backUpIfDue(panel.app, plan), true);
  const after = await db.selectFrom('backups').select('id').execute();
  assert.equal(after.length, before.length + 2);
});

test('one whose process died while its clock was ahead makes room at once', async () => {
  panel.clock.advance(25 * hourMs);
  await pretendRun(24 * hourMs);
  assert.equal(await backUpIfDue(panel.app, plan), true);
});

test('who is told to leave in the middle has not begun, and leaves nothing behind', async () => {
  panel.clock.advance(25 * hourMs);
  const before = await readLastBackup(panel.app.db);
  const names = await readdir(plan.dir);
  const leaving = new AbortController();
  const making = backUpIfDue(panel.app, plan, leaving.signal);
  leaving.abort();
  assert.equal(await making, false);
  assert.deepEqual(await readLastBackup(panel.app.db), before);
  assert.deepEqual(await readdir(plan.dir), names);
  assert.equal(await backUpIfDue(panel.app, plan), true);
});

test('what a killed process left half written goes with the next; who writes goes on', async () => {
  panel.clock.advance(25 * hourMs);
  const name = (mark: string) =>
    join(plan.dir, `panelwright-20260101T000000Z.backup.partial-${mark}`);
  const at = panel.clock.now().getTime();
  for (const [mark, ageMs] of [
    ['dead', 3 * minuteMs],
    ['alive', 1_000],
  ] as const) {
    await writeFile(name(mark), 'half');
    await utimes(name(mark), new Date(at), new Date(at - ageMs));
  }
  assert.equal(await backUpIfDue(panel.app, plan), true);
  const left = (await readdir(plan.dir)).filter((one) => one.includes('partial'));
  assert.deepEqual(left, ['panelwright-20260101T000000Z.backup.partial-alive']);
  await rm(name('alive'));
});

test('a shorter interval, and a clock that was ahead, are followed at once', async () => {
  panel.clock.advance(25 * hourMs);
  assert.equal(await backUpIfDue(panel.app, plan), true);
  panel.clock.advance(2 * hourMs);
  assert.equal(await backUpIfDue(panel.app, plan), false);
  assert.equal(await backUpIfDue(panel.app, { ...plan, everyMs: hourMs }), true);
  // It was set back by a day: the one of now is kept, though others are of later.
  panel.clock.advance(-24 * hourMs);
  assert.equal(await backUpIfDue(panel.app, plan), true);
  const last = await readLastBackup(panel.app.db);
  assert((await readdir(plan.dir)).includes(last?.file ?? ''));
  panel.clock.advance(24 * hourMs);
});

test('once they are ended none is late; a worker with a folder begins anew', async () => {
  panel.clock.advance(26 * hourMs);
  assert.equal((await judge()).ok, false);
  await endBackups(panel.app, staff);
  assert.deepEqual(await judge(), {
    name: 'backup',
    ok: true,
    detail: 'none is made by itself',
  });
  assert.equal(await backUpIfDue(panel.app, plan), true);
});

test('a worker makes them by itself', async () => {
  panel.clock.advance(25 * hourMs);
  const before = await readLastBackup(panel.app.db);
  const worker = startWorker(panel.app, { backups: plan });
  await until('a backup is made', async () => {
    const last = await readLastBackup(panel.app.db);
    return last?.file !== before?.file && last?.state === 'finished';
  });
  await worker.stop();
});

test('a backup that was changed or cut is not taken for one', async () => {
  const last = await readLastBackup(panel.app.db);
  assert(last);
  const whole = await readFile(join(plan.dir, last.file));
  for (const part of [whole.subarray(0, whole.length >> 1), whole.subarray(0, 5)]) {
    const path = join(dir, 'cut.backup');
    await writeFile(path, part);
    await assert.rejects(checkBackup(path), /damaged|no Panelwright backup/);
  }
});
