import { sql } from 'kysely';
import { type Actor, reach, removePartials } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import {
  advisoryLocks,
  type Ctx,
  connect,
  type Database,
  type DatabaseTarget,
  isDispatchHalted,
  isLockBusy,
  isSpread,
} from '../db/index.ts';
import { addMonths } from './ahead.ts';
import { dropPart } from './drop.ts';
import { exportPart, fileNames } from './export.ts';
import { readParts } from './parts.ts';
import { readPolicy } from './policy.ts';
import { type GonePart, type Part, stateOf } from './rules.ts';

/** Where the database is, as its owner, and where files of months go. */
export type RetentionPlan = {
  target: DatabaseTarget;
  dir: string;
  /** Gives up what is being exported. */
  leaving?: AbortSignal;
};

/** What a run of the policy did. */
export type RetentionRun = {
  /** Tables of months that were created. */
  added: string[];
  dropped: GonePart[];
  /** Months that are due and wait until their days' figures are closed. */
  waiting: number;
  /** Whether it gave up because others were reading: the next run goes on. */
  isBusy: boolean;
  /** Whether nothing goes until staff confirm that this is the panel that goes on. */
  isHalted: boolean;
};

/**
 * Creates the months ahead, and drops those that are due by the policy, the oldest first, each
 * after its export. Of all processes one does it. It may be killed anywhere: what is not dropped is
 * exported anew.
 * @returns undefined while another process is at it
 * @throws AppError `not_allowed`, `conflict` when a month is not what was exported
 */
export async function applyRetention(
  ctx: Pick<Ctx, 'clock' | 'log'>,
  actor: Actor,
  plan: RetentionPlan,
): Promise<RetentionRun | undefined> {
  requireStaff(actor, 'settings');
  const isCluster = await isSpread(plan.target);
  const owner = connect(plan.target, { connectionsMax: 1, asOwner: true, isCluster });
  const lock = connect(plan.target, { connectionsMax: 1, asOwner: true });
  try {
    const [row] = await lock.sql<{ taken: boolean }[]>`
      select pg_try_advisory_lock(${advisoryLocks.retention}) as taken`;
    if (row?.taken !== true) return undefined;
    const done = { added: [], dropped: [], waiting: 0, isBusy: false, isHalted: false };
    try {
      await run(ctx, { owner, plan, actor }, done);
    } catch (error) {
      if (plan.leaving?.aborted) return done;
      // A backup or `verify` holds all tables, maybe for minutes.
      if (!isLockBusy(error)) throw error;
      done.isBusy = true;
    }
    return done;
  } finally {
    await owner.close();
    // It goes with its session.
    await lock.close();
  }
}

async function run(
  { clock, log }: Pick<Ctx, 'clock' | 'log'>,
  { owner, plan, actor }: { owner: Database; plan: RetentionPlan; actor: Actor },
  done: RetentionRun,
): Promise<void> {
  const { dir, leaving } = plan;
  const now = clock.now();
  await addMonths(owner.db, { now, added: done.added });
  done.isHalted = await isDispatchHalted(owner.db);
  if (done.isHalted) return;
  const policy = await readPolicy(owner.db);
  const due = (await readParts(owner.db)).filter((part) => stateOf(part, policy, now) === 'due');
  if (due.length > 0) await removePartials(dir, { names: fileNames });
  for (const part of due) {
    leaving?.throwIfAborted();
    if (!(await isSummedUp(owner, part))) {
      done.waiting += 1;
      continue;
    }
    const isEmpty = !(await hasRows(owner, part));
    const isExported = policy.isExported && !isEmpty;
    const exported = isExported ? await exportPart(owner, part, { dir, leaving }) : undefined;
    await reach('retention.after_export');
    const at = clock.now();
    const { rows, kept } = await dropPart(owner, part, { exported, isEmpty, actor, at });
    const file = exported?.file ?? '';
    const { history, from, until } = part;
    done.dropped.push({ history, from, until, rows, kept, file });
    log.info({ month: part.name, rows, kept, file }, 'a month of history is dropped');
  }
}

/** Figures of a day are made of its events, until the day is closed. */
async function isSummedUp(owner: Database, { history, until }: Part): Promise<boolean> {
  if (history !== 'order_events') return true;
  const found = await sql<{ summed: boolean }>`
    select exists (select from figure_days where day >= ${until}::timestamptz)
      and not exists (select from figure_days
        where day < ${until}::timestamptz and not is_closed) as summed`.execute(owner.db);
  return found.rows[0]?.summed ?? false;
}

async function hasRows(owner: Database, { name }: Part): Promise<boolean> {
  const found = await sql`select from ${sql.table(name)} limit 1`.execute(owner.db);
  return found.rows.length > 0;
}
