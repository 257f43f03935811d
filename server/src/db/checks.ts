import { type RawBuilder, sql } from 'kysely';
import { assert } from '../base/index.ts';
import { isCluster } from './cluster.ts';
import type { Db } from './connect.ts';
import { allKnown } from './known-rows.ts';
import { inBoth, inSnapshot } from './snapshot.ts';
import { type Proof, readSums, type Source, type Sum, type Total } from './sums.ts';

/**
 * One invariant as a query that answers what breaks it. `count` says how much was looked at, so a
 * clean result over nothing can be told from a clean result over everything.
 */
export type Check = {
  invariant: string;
  name: string;
  count: RawBuilder<{ count: bigint }> | Sum;
  /** Tables are what is looked at; what is looked up by key is of `known_wallets` and others. */
  broken: RawBuilder<{ subject: string; detail: string }>;
  /**
   * The same for a part of the rows, where `broken` would miss the rest; null where a part says
   * nothing. With it, or without, every row names its `customer_id`.
   */
  part?: RawBuilder<{ subject: string; detail: string }> | null;
  /** What shows at less cost that nothing is broken; only where it doesn't is `broken` asked. */
  proof?: Proof;
  /** What the proof leaves open, if anything: asked in place of `broken` where the proof holds. */
  rest?: RawBuilder<{ subject: string; detail: string }>;
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
 * For these statements alone. With 4 MB, sorts and hashes of millions of rows go through the disk.
 * A second core halves the time of a pass over a large table; shared hashes would fill a
 * container's /dev/shm.
 */
const settings = {
  statement_timeout: '0',
  work_mem: '64MB',
  max_parallel_workers_per_gather: '1',
  enable_parallel_hash: 'off',
};

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
  const report = await inSnapshot(db, (tx) => runWithin(tx, checks, options));
  return lookAgain(db, checks, report);
}

/** In a cluster what one look found broken counts only where a second one finds it, too. */
export async function lookAgain(
  db: Db,
  checks: readonly Check[],
  report: CheckReport,
): Promise<CheckReport> {
  if (report.ok || !isCluster(db)) return report;
  const names = new Set(report.broken.map(({ check }) => check));
  const asked = checks.filter(({ name }) => names.has(name));
  const { broken: second } = await inSnapshot(db, (tx) => runWithin(tx, asked, {}));
  const looks = { first: report.broken, second, tellsMax: brokenRowsMax };
  const broken = inBoth(looks, ({ check, subject }) => `${check} ${subject}`);
  return { ...report, broken, ok: broken.length === 0 };
}

async function runWithin(
  tx: Db,
  checks: readonly Check[],
  { onProgress, signal }: CheckOptions,
): Promise<CheckReport> {
  // Verification reads whole tables; the limit on ordinary statements is not meant for it.
  for (const [name, value] of Object.entries(settings)) {
    await sql`select set_config(${name}, ${value}, true)`.execute(tx);
  }
  const report: CheckReport = { ok: true, checked: {}, broken: [] };
  const counts = new Map<Check['count'], number>();
  const totalOf = sumReader(tx, checks);
  for (const [done, check] of checks.entries()) {
    signal?.throwIfAborted();
    onProgress?.({ done, total: checks.length, check: check.name });
    const count = counts.get(check.count) ?? (await readCount(tx, check.count, totalOf));
    counts.set(check.count, count);
    report.checked[check.name] = count;
    for (const row of await findBroken(tx, check, totalOf)) {
      report.broken.push({ invariant: check.invariant, check: check.name, ...row });
    }
  }
  onProgress?.({ done: checks.length, total: checks.length, check: '' });
  report.ok = report.broken.length === 0;
  return report;
}

type TotalReader = (sum: Sum) => Promise<Total>;

/** Reads sums; with the first of a source come all that the checks want of it. */
function sumReader(tx: Db, checks: readonly Check[]): TotalReader {
  const wanted = new Map<Source, Set<Sum>>();
  for (const { count, proof } of checks) {
    for (const sum of [...('of' in count ? [count] : []), ...(proof?.sums ?? [])]) {
      wanted.set(sum.of, (wanted.get(sum.of) ?? new Set()).add(sum));
    }
  }
  const known = new Map<Sum, Total>();
  return async (sum) => {
    if (!known.has(sum)) {
      const totals = await readSums(tx, sum.of, [...(wanted.get(sum.of) ?? [])]);
      for (const [one, total] of totals) known.set(one, total);
    }
    const total = known.get(sum);
    assert(total !== undefined, 'a sum is one of a check');
    return total;
  };
}

async function readCount(tx: Db, count: Check['count'], totalOf: TotalReader): Promise<number> {
  if ('of' in count) return Number((await totalOf(count)).all);
  const { rows } = await count.execute(tx);
  return Number(rows[0]?.count ?? 0n);
}

async function findBroken(tx: Db, check: Check, totalOf: TotalReader) {
  const { proof, rest, broken } = check;
  let isProven = false;
  if (proof !== undefined) {
    const totals: Total[] = [];
    for (const sum of proof.sums) totals.push(await totalOf(sum));
    isProven = proof.holds(totals);
    if (isProven && rest === undefined) return [];
  }
  // Asked for some rows only, the planner takes a way that soon comes to the first; but nearly
  // always there is none, and all is read: a common table is planned for all its rows.
  const found = await sql<{ subject: string; detail: string }>`
    with ${allKnown}, broken as materialized (${isProven ? rest : broken})
    select subject, detail from broken limit ${brokenRowsMax}`.execute(tx);
  return found.rows;
}
