import { sql } from 'kysely';
import { type Actor, type CustomerId, minuteMs, secondMs, waitBy } from '../base/index.ts';
import { type Finding, stopMoney } from '../customers/index.ts';
import {
  advisoryLocks,
  type Ctx,
  checkPart,
  type Db,
  inBoth,
  inSnapshot,
  inTransaction,
  isCluster,
  type Part,
  type PartFinding,
} from '../db/index.ts';
import { collectPart, isBehind, type Marks, type PartLimits, readMarks } from './changed-part.ts';
import { customerChecks, restsPerRead } from './verify.ts';

/** What a run of the checks on what changed looked at, and did. */
export type ChangesRun = {
  /** Rows that were looked at: transfers, orders, wallets, payments. */
  rows: number;
  findings: PartFinding[];
  /** Whose money it stopped. */
  stopped: CustomerId[];
  /** Whether all that was stored for good when it began is checked: the next run may wait. */
  isCurrent: boolean;
};

const actor: Actor = { kind: 'system', name: 'verify' };

/** A run in one process is as good as one in each. */
const apartMs = 50 * secondMs;
const checkTimeoutMs = 2 * minuteMs;
/** The rest stands with the customers who are stopped. */
const findingsLoggedMax = 100;

/**
 * What a run reads at most, unless it is far behind. One of 20,000 rows held up all calls of a busy
 * panel for half a second. The round through everything goes on once a minute, and so comes by
 * 10,000,000 orders in three and a half days.
 */
const usualLimits: PartLimits = { changedRowsMax: 2_000, roundRowsMax: 2_000 };

/**
 * Checks what changed since the last run, and a little of everything else in turn, in one snapshot;
 * one process at a time. Where something is broken, it stops the money of that customer, and tells
 * the log. How far it came is kept, so that the next run, of any process, goes on there.
 * @returns undefined when it is not time yet, or another process is at it
 */
export async function verifyChanges(
  ctx: Ctx,
  limits: PartLimits = usualLimits,
): Promise<ChangesRun | undefined> {
  const now = ctx.clock.now();
  const looked = await look(ctx.db, { now, limits });
  if (looked === undefined) return undefined;
  const { before, next, rows } = looked;
  const findings = isCluster(ctx.db) ? await lookAgain(ctx.db, looked) : looked.findings;
  const stopped = await inTransaction(ctx.db, async (tx) => {
    const stops: CustomerId[] = [];
    for (const [customerId, own] of groupByCustomer(findings)) {
      if (await stopMoney(tx, { customerId, findings: own, actor, at: now }))
        stops.push(customerId);
    }
    await writeMarks(tx, { before, next });
    return stops;
  });
  if (stopped.length > 0) {
    const some = findings.slice(0, findingsLoggedMax);
    ctx.log.error({ stopped, found: findings.length, findings: some }, 'the books do not add up');
  }
  return { rows, findings, stopped, isCurrent: !isBehind(next) };
}

/**
 * Runs until what changed is checked. Between two runs it rests three times as long as one takes:
 * on a panel that is as busy as it can be, the checks have a quarter of a core.
 */
export async function verifyUntilCurrent(
  ctx: Ctx,
  leaving: AbortSignal,
  limits: PartLimits = usualLimits,
): Promise<void> {
  while (!leaving.aborted) {
    const beganMs = performance.now();
    const ran = await verifyChanges(ctx, limits);
    if (ran === undefined || ran.isCurrent) return;
    await waitBy(ctx.clock, restsPerRead * (performance.now() - beganMs), leaving);
  }
}

function look(db: Db, { now, limits }: { now: Date; limits: PartLimits }) {
  return inSnapshot(db, async (tx) => {
    const found = await sql<{ taken: boolean }>`
      select pg_try_advisory_xact_lock(${advisoryLocks.changes}) as taken`.execute(tx);
    if (found.rows[0]?.taken !== true) return undefined;
    const before = await readMarks(tx);
    if (!isTime(before, now)) return undefined;
    await takeTime(tx);
    const { part, next, rows } = await collectPart(tx, { marks: before, now, limits });
    return { before, next, rows, part, findings: await checkPart(tx, customerChecks, part) };
  });
}

/** Of a cluster one look may see two halves of a change; what is broken is so at a second one. */
async function lookAgain(
  db: Db,
  { part, findings }: { part: Part; findings: readonly PartFinding[] },
): Promise<PartFinding[]> {
  if (findings.length === 0) return [];
  const names = new Set(findings.map(({ check }) => check));
  const checks = customerChecks.filter(({ name }) => names.has(name));
  const second = await inSnapshot(db, async (tx) => {
    await takeTime(tx);
    return checkPart(tx, checks, part);
  });
  return inBoth(
    { first: findings, second },
    ({ customerId, check, subject }) => `${customerId} ${check} ${subject}`,
  );
}

async function takeTime(tx: Db): Promise<void> {
  await sql`select set_config('statement_timeout', ${String(checkTimeoutMs)}, true)`.execute(tx);
}

/** One that has not come up to the last run's time goes on at once. */
function isTime(marks: Marks, now: Date): boolean {
  if (marks.ranAt === null || isBehind(marks)) return true;
  return Math.abs(now.getTime() - marks.ranAt.getTime()) >= apartMs;
}

function groupByCustomer(findings: readonly PartFinding[]): [CustomerId, Finding[]][] {
  const groups = Map.groupBy(findings, ({ customerId }) => customerId);
  const found = [...groups].map(([customerId, own]): [CustomerId, Finding[]] => [
    customerId,
    own.map(({ customerId: _, ...finding }) => finding),
  ]);
  // In one order everywhere, as wallets are locked.
  return found.sort(([one], [other]) => one - other);
}

/** Of two runs that began at the same marks, the second one moves nothing. */
async function writeMarks(tx: Db, { before, next }: { before: Marks; next: Marks }): Promise<void> {
  await tx
    .updateTable('verify_marks')
    .set({
      ran_at: next.ranAt,
      checked_until: next.checkedUntil,
      after_customer: next.round.customer,
      after_transfer_customer: next.round.transfer.customerId,
      after_transfer: next.round.transfer.id,
      after_order_customer: next.round.order.customerId,
      after_order: next.round.order.id,
      after_payment_customer: next.round.payment.customerId,
      after_payment: next.round.payment.id,
    })
    .where(sql<boolean>`ran_at is not distinct from ${before.ranAt}::timestamptz`)
    .execute();
}
