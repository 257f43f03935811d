import { type RawBuilder, sql } from 'kysely';
import type { Db } from './connect.ts';
import { holdMonths } from './months.ts';

/**
 * One invariant as a query that answers what breaks it. `count` says how much was looked at, so a
 * clean result over nothing can be told from a clean result over everything.
 */
export type Check = {
  invariant: string;
  name: string;
  count: RawBuilder<{ count: bigint }>;
  /** Tables without a schema are what is looked at; `public.` is to look something up by key. */
  broken: RawBuilder<{ subject: string; detail: string }>;
  /**
   * The same for a part of the rows, where `broken` would miss the rest; null where a part says
   * nothing. With it, or without, every row names its `customer_id`.
   */
  part?: RawBuilder<{ subject: string; detail: string }> | null;
};

export type CheckReport = {
  ok: boolean;
  checked: Record<string, number>;
  broken: { invariant: string; check: string; subject: string; detail: string }[];
};

export type CheckOptions = {
  /** Told before each check, and once more when all are done. */
  onProgress?: (progress: { done: number; total: number; check: string }) => void;
  /** Gives up between two checks. */
  signal?: AbortSignal;
};

const brokenRowsMax = 100;

/**
 * Runs all checks in one read-only snapshot, beside a working server; given a transaction, on what
 * that one sees, its own changes too.
 */
export async function runChecks(
  db: Db,
  checks: readonly Check[],
  options: CheckOptions = {},
): Promise<CheckReport> {
  if (db.isTransaction) return runWithin(db, checks, options);
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      await holdMonths(tx);
      return runWithin(tx, checks, options);
    });
}

async function runWithin(
  tx: Db,
  checks: readonly Check[],
  { onProgress, signal }: CheckOptions,
): Promise<CheckReport> {
  // Verification reads whole tables; the limit on ordinary statements is not meant for it.
  await sql`set local statement_timeout = 0`.execute(tx);
  const report: CheckReport = { ok: true, checked: {}, broken: [] };
  for (const [done, check] of checks.entries()) {
    signal?.throwIfAborted();
    onProgress?.({ done, total: checks.length, check: check.name });
    const counted = await check.count.execute(tx);
    report.checked[check.name] = Number(counted.rows[0]?.count ?? 0n);
    const found = await sql<{ subject: string; detail: string }>`
      select subject, detail from (${check.broken}) broken limit ${brokenRowsMax}`.execute(tx);
    for (const row of found.rows) {
      report.broken.push({ invariant: check.invariant, check: check.name, ...row });
    }
  }
  onProgress?.({ done: checks.length, total: checks.length, check: '' });
  report.ok = report.broken.length === 0;
  return report;
}
