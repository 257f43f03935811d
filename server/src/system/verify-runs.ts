import { type Actor, AppError, formatActor, minuteMs, secondMs } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { beginRun, type CheckReport, type Ctx, type Db, type Runs } from '../db/index.ts';
import { runVerify } from './verify.ts';

/** A run of `verify` that staff started, and what it found. */
export type VerifyRun = {
  id: number;
  startedBy: string;
  startedAt: Date;
  /** `interrupted`: the process that did it is gone. */
  state: 'running' | 'finished' | 'failed' | 'interrupted';
  done: number;
  total: number;
  check: string;
  finishedAt: Date | null;
  /** How much each check looked at; null unless it is finished, as with `broken`. */
  checked: CheckReport['checked'] | null;
  /** At most 1,000 of `brokenCount`. */
  broken: CheckReport['broken'] | null;
  brokenCount: number;
  failure: string;
};

const brokenKept = 1_000;
const failureLettersMax = 500;
const heartbeatMs = 5 * secondMs;
const lostMs = minuteMs;
const verifyRuns: Runs = { table: 'verifications', lostMs, kept: 20 };

/**
 * Starts `verify` in the background. How far it is, and later its result, is read by
 * `readVerifyRuns`, in any process. It gives up between two checks once the server stops.
 * @returns its number, and when it has ended
 * @throws AppError `not_allowed`, `conflict` while another runs
 */
export async function startVerify(
  ctx: Ctx,
  actor: Actor,
  input: { isStopping: () => boolean },
): Promise<{ id: number; ended: Promise<void> }> {
  requireStaff(actor, 'system');
  const at = ctx.clock.now();
  const insert = () =>
    ctx.db
      .insertInto('verifications')
      .values({ started_by: formatActor(actor), started_at: at, seen_at: at })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
  const id = await beginRun(ctx.db, verifyRuns, { at, insert });
  if (id === undefined) throw new AppError('conflict', 'a verification is under way');
  return { id, ended: work(ctx, actor, { ...input, id }) };
}

async function work(
  ctx: Ctx,
  actor: Actor,
  input: { id: number; isStopping: () => boolean },
): Promise<void> {
  const { id, isStopping } = input;
  // One write after the other, none of which may stop the work.
  let writing = Promise.resolve();
  const write = (changes: Changes) => {
    writing = writing
      .then(() => updateRun(ctx, id, changes))
      .catch((error: unknown) => ctx.log.warn({ error }, 'how far verify is could not be written'));
  };
  const heartbeat = setInterval(() => write({}), heartbeatMs).unref();
  const end = await runVerify(ctx, actor, {
    onProgress: ({ done, total, check }) => {
      if (isStopping()) throw new Error('the server stopped');
      write({ done, total, current_check: check });
    },
  }).then(endOf, (error: unknown) => {
    ctx.log.error({ error }, 'verify failed');
    return { state: 'failed', failure: String(error).slice(0, failureLettersMax) } as const;
  });
  clearInterval(heartbeat);
  write({ ...end, finished_at: ctx.clock.now() });
  await writing;
}

type Changes = {
  done?: number;
  total?: number;
  current_check?: string;
  state?: 'finished' | 'failed';
  finished_at?: Date;
  checked?: CheckReport['checked'];
  broken?: { list: CheckReport['broken'] };
  broken_count?: number;
  failure?: string;
};

function endOf({ checked, broken }: CheckReport): Changes {
  // An array would be taken for one of PostgreSQL's own.
  const list = broken.slice(0, brokenKept);
  return { state: 'finished', checked, broken: { list }, broken_count: broken.length };
}

async function updateRun(ctx: Ctx, id: number, changes: Changes): Promise<void> {
  await ctx.db
    .updateTable('verifications')
    .set({ ...changes, seen_at: ctx.clock.now() })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute();
}

/** The run under way, and the last one that has ended; null where there is none. */
export async function readVerifyRuns(
  db: Db,
  now: Date,
): Promise<{ running: VerifyRun | null; last: VerifyRun | null }> {
  const rows = await db
    .selectFrom('verifications')
    .select(['id', 'started_by as startedBy', 'started_at as startedAt', 'state', 'done', 'total'])
    .select(['current_check as check', 'finished_at as finishedAt', 'failure', 'checked', 'broken'])
    .select(['broken_count as brokenCount', 'seen_at as seenAt'])
    .orderBy('id', 'desc')
    .limit(2)
    .execute();
  const runs = rows.map(({ seenAt, checked, broken, ...row }): VerifyRun => {
    const isLost = row.state === 'running' && Math.abs(now.getTime() - seenAt.getTime()) > lostMs;
    return {
      ...row,
      state: isLost ? 'interrupted' : row.state,
      // Both were written by `endOf`.
      checked: checked as VerifyRun['checked'],
      broken: (broken as { list: CheckReport['broken'] } | null)?.list ?? null,
    };
  });
  return {
    running: runs.find(({ state }) => state === 'running') ?? null,
    last: runs.find(({ state }) => state !== 'running') ?? null,
  };
}
