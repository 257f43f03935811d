import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Actor, minuteMs, removePartials, secondMs } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import {
  beginRun,
  type Ctx,
  type DatabaseTarget,
  type Db,
  inTransaction,
  type Runs,
  recordAudit,
} from '../db/index.ts';
import { checkBackup } from './check.ts';
import { createBackup } from './create.ts';

/** Backups that are made without anybody asking. */
export type BackupPlan = {
  /** The database, as its owner. */
  target: DatabaseTarget;
  dir: string;
  everyMs: number;
  /** How many files are kept, the newest ones. */
  kept: number;
};

/** A backup that a worker has made, or tried to. */
export type BackupRun = {
  state: 'running' | 'finished' | 'failed' | 'interrupted';
  /** How the last one ended that has: while another one runs, it is the one before. */
  endedAs: 'finished' | 'failed' | 'interrupted' | null;
  startedAt: Date;
  finishedAt: Date | null;
  /** When the next one is due. */
  nextAt: Date;
  /** Its name, without the folder. */
  file: string;
  bytes: bigint;
  failure: string;
};

const heartbeatMs = 10 * secondMs;
const lostMs = 2 * minuteMs;
/** After a failure: soon, but not so soon that a full disk is filled again and again. */
const retryMs = 10 * minuteMs;
const lateMs = 60 * minuteMs;
const backupRuns: Runs = { table: 'backups', lostMs, kept: 100 };
const failureLettersMax = 500;
const namePattern = /^panelwright-\d{8}T\d{6}Z\.backup$/;

/**
 * Makes a backup when one is due, reads it again to its end, and only then removes the oldest ones.
 * Of all processes one does it at a time. What goes wrong is written, and tried again soon. Who
 * leaves has not begun: the next one does.
 * @returns whether one was made
 */
export async function backUpIfDue(
  ctx: Ctx,
  plan: BackupPlan,
  leaving?: AbortSignal,
): Promise<boolean> {
  const at = ctx.clock.now();
  if (!isDue(await readLastBackup(ctx.db), plan, at)) return false;
  const file = `panelwright-${at.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.backup`;
  const next_at = new Date(at.getTime() + plan.everyMs);
  const insert = () =>
    ctx.db
      .insertInto('backups')
      .values({ started_at: at, seen_at: at, next_at, file })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
  const id = await beginRun(ctx.db, backupRuns, { at, insert });
  if (id === undefined) return false;
  const heartbeat = setInterval(() => void keepAlive(ctx, id), heartbeatMs).unref();
  try {
    const made = await makeBackup(ctx, plan, { name: file, signal: leaving });
    await endRun(ctx, id, { state: 'finished', ...made });
  } catch (error) {
    if (leaving?.aborted) {
      await ctx.db.deleteFrom('backups').where('id', '=', id).execute();
      return false;
    }
    const failure = String(error).slice(0, failureLettersMax);
    const next_at = new Date(ctx.clock.now().getTime() + Math.min(retryMs, plan.everyMs));
    await endRun(ctx, id, { state: 'failed', failure, next_at });
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
  await removeOld(plan, file);
  return true;
}

/** When it said so or, where the plan is another now, by that; at once if the clock was ahead. */
function isDue(last: BackupRun | undefined, { everyMs }: BackupPlan, at: Date): boolean {
  if (last === undefined || last.state === 'running') return true;
  const { startedAt, nextAt, state } = last;
  const sinceMs = at.getTime() - startedAt.getTime();
  return at >= nextAt || sinceMs < 0 || (state === 'finished' && sinceMs >= everyMs);
}

async function makeBackup(
  ctx: Ctx,
  plan: BackupPlan,
  { name, signal }: { name: string; signal: AbortSignal | undefined },
): Promise<{ bytes: bigint; rows: bigint }> {
  await mkdir(plan.dir, { recursive: true, mode: 0o700 });
  const before = new Date(ctx.clock.now().getTime() - lostMs);
  await removePartials(plan.dir, { names: namePattern, before });
  const file = join(plan.dir, name);
  await createBackup({ target: plan.target, file, clock: ctx.clock, signal });
  try {
    const { rows } = await checkBackup(file, signal);
    const { size } = await stat(file);
    return { bytes: BigInt(size), rows: BigInt(rows) };
  } catch (error) {
    // It is no backup, so it must not look like one.
    await rm(file, { force: true });
    throw error;
  }
}

async function keepAlive(ctx: Ctx, id: number): Promise<void> {
  try {
    await ctx.db
      .updateTable('backups')
      .set({ seen_at: ctx.clock.now() })
      .where('id', '=', id)
      .execute();
  } catch (error) {
    ctx.log.warn({ error }, 'that a backup is under way could not be written');
  }
}

type End = {
  state: 'finished' | 'failed';
  bytes?: bigint;
  rows?: bigint;
  failure?: string;
  next_at?: Date;
};

async function endRun(ctx: Ctx, id: number, end: End): Promise<void> {
  const changes = { ...end, finished_at: ctx.clock.now() };
  await ctx.db.updateTable('backups').set(changes).where('id', '=', id).execute();
}

/** Only files of our own naming, and never the one that was made just now. */
async function removeOld({ dir, kept }: BackupPlan, made: string): Promise<void> {
  const names = (await readdir(dir)).filter((name) => namePattern.test(name) && name !== made);
  const surplus = Math.max(names.length - Math.max(kept - 1, 0), 0);
  for (const name of names.sort().slice(0, surplus)) {
    await rm(join(dir, basename(name)), { force: true });
  }
}

/**
 * Says that no more backups are made by themselves: what was due is not late any more. Where a
 * worker still has a folder for them, it begins anew.
 * @throws AppError `not_allowed`
 */
export async function endBackups(ctx: Ctx, actor: Actor): Promise<void> {
  requireStaff(actor, 'settings');
  await inTransaction(ctx.db, async (tx) => {
    await tx.deleteFrom('backups').where('state', '<>', 'running').execute();
    const at = ctx.clock.now();
    await recordAudit(tx, { actor, action: 'backups.end', subject: 'backups', at });
  });
}

/** The backup that was begun last; undefined where none is made by itself. */
export async function readLastBackup(db: Db): Promise<BackupRun | undefined> {
  return db
    .selectFrom('backups')
    .select((eb) =>
      eb
        .selectFrom('backups')
        .select('state')
        .where('state', '<>', 'running')
        .orderBy('id', 'desc')
        .limit(1)
        .$castTo<BackupRun['endedAs']>()
        .as('endedAs'),
    )
    .select(['state', 'started_at as startedAt', 'finished_at as finishedAt', 'file', 'bytes'])
    .select(['next_at as nextAt', 'failure'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/**
 * Whether backups are made as they should be: the last one that ended did not fail, and the next
 * one is not long overdue. One that nobody has planned is no fault. Pure.
 */
export function judgeBackup(
  last: BackupRun | undefined,
  now: Date,
): { name: 'backup'; ok: boolean; detail: string } {
  if (last === undefined) return { name: 'backup', ok: true, detail: 'none is made by itself' };
  const { state, endedAs, startedAt, nextAt } = last;
  const isLate = now.getTime() - nextAt.getTime() > lateMs;
  // One that runs has mended nothing yet.
  const ok = endedAs !== 'failed' && endedAs !== 'interrupted' && !isLate;
  const before = state === 'running' && !ok ? `, after one that is ${endedAs}` : '';
  const due = isLate ? `, and the next was due ${nextAt.toISOString()}` : '';
  return {
    name: 'backup',
    ok,
    detail: `the last one, ${startedAt.toISOString()}: ${state}${before}${due}`,
  };
}
