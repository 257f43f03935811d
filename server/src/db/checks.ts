import { type RawBuilder, sql } from 'kysely';
import { assert } from '../base/index.ts';
import { isCluster } from './cluster.ts';
import type { Db } from './connect.ts';
import { newSalt } from './fingerprint.ts';
import { allKnown } from './known-rows.ts';
import { inBoth, inSnapshot, inSnapshots } from './snapshot.ts';
import {
  addUp,
  type Proof,
  readSums,
  type Source,
  type Sum,
  type SumRow,
  type Total,
  type Wanted,
} from './sums.ts';
import {
  beginParts,
  keepParts,
  type PartsOptions,
  type PartsRun,
  readParts,
} from './verified-parts.ts';

/**
 * One invariant as a query that answers what breaks it. `count` says how much was looked at, so a
 * clean result over nothing can be told from a clean result over everything.
 */
export type Check = {
  invariant: string;
  name: string;
  count: Sum;
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
  /** Done first, in a transaction that lasts until all is checked. */
  first?: (tx: Db) => Promise<void>;
  /** Told before each check or pass over a table, by its check, and once more when all are done. */
  onProgress?: (progress: { done: number; total: number; check: string }) => void;
  /** Gives up between two of them. */
  signal?: AbortSignal;
  /**
   * What parts of tables come to is taken from another run, as far as they have not changed since,
   * and kept for the next, but for what a transaction saw. Without it, and in a cluster, all is
   * read and nothing kept.
   */
  parts?: PartsOptions;
};

/** So many of a check are told, which may not be all. */
export const brokenRowsMax = 100;
/**
 * So many statements at a time, each on one core. Where all is read two are sooner done, as the
 * snapshot costs a busy panel more than the reading; what changed is soon read on one, and beside
 * 4,000 orders a second none is lost (two: 40%).
 */
const lanesMax = { ofAll: 2, ofChanges: 1 };
/** For these statements alone. With 4 MB, hashes of millions of rows go through the disk. */
const settings = {
  statement_timeout: '0',
  // A migration that waits for the locks of one lane has the other wait behind itself, in a ring
  // that the database can't see.
  lock_timeout: '5s',
  work_mem: '64MB',
  max_parallel_workers_per_gather: '0',
  // What reads nearly all rows reads them in the order of their pages. At the 1.1 of other sessions
  // orders that run were joined by way of indexes: 18 s in place of 2.7.
  random_page_cost: '4',
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
  const parts = options.parts && !isCluster(db) ? await beginParts(db, options.parts) : undefined;
  if (db.isTransaction) {
    assert(options.first === undefined, 'a transaction has begun already');
    return runWithin([db], checks, { ...options, read: readerOf(parts) });
  }
  const lanesCount = parts?.isFirst === false ? lanesMax.ofChanges : lanesMax.ofAll;
  const report = await inSnapshots(db, lanesCount, async (lanes) => {
    await options.first?.(lanes[0]);
    return runWithin(lanes, checks, { ...options, read: readerOf(parts) });
  });
  if (parts !== undefined) await keepParts(db, parts);
  return lookAgain(db, checks, report);
}

/** How sums of a source are read. */
type ReadSums = (tx: Db, wanted: Wanted) => Promise<SumRow[]>;

function readerOf(parts?: PartsRun): ReadSums {
  const salt = parts?.salt ?? newSalt();
  return (tx, wanted) =>
    parts === undefined || wanted.of.rowsOf === undefined
      ? readSums(tx, wanted, salt)
      : readParts(tx, wanted, parts);
}

/** In a cluster what one look found broken counts only where a second one finds it, too. */
async function lookAgain(
  db: Db,
  checks: readonly Check[],
  report: CheckReport,
): Promise<CheckReport> {
  if (report.ok || !isCluster(db)) return report;
  const names = new Set(report.broken.map(({ check }) => check));
  const asked = checks.filter(({ name }) => names.has(name));
  const { broken: second } = await inSnapshot(db, (tx) =>
    runWithin([tx], asked, { read: readerOf() }),
  );
  const looks = { first: report.broken, second, tellsMax: brokenRowsMax };
  const broken = inBoth(looks, ({ check, subject }) => `${check} ${subject}`);
  return { ...report, broken, ok: broken.length === 0 };
}

async function runWithin(
  lanes: readonly Db[],
  checks: readonly Check[],
  options: Pick<CheckOptions, 'onProgress' | 'signal'> & { read: ReadSums },
): Promise<CheckReport> {
  for (const tx of lanes) await prepareToVerify(tx);
  const totals: Totals = new Map();
  const found = new Map<Check, readonly Finding[]>();
  const lookAt = (check: Check): Task => ({
    name: check.name,
    run: async (tx) => void found.set(check, await findBroken(tx, check, totals)),
  });
  const [reads = [], ...later] = readsOf(checks, totals, options.read);
  // What has no proof fills the time in which the last sums are read.
  const ready = checks.filter(({ proof }) => proof === undefined);
  const waiting = checks.filter(({ proof }) => proof !== undefined);
  const stages = [[...reads, ...ready.map(lookAt)], ...later, waiting.map(lookAt)];
  const total = stages.flat().length;
  let done = 0;
  for (const tasks of stages) {
    await inLanes(lanes, tasks, (task) => {
      options.signal?.throwIfAborted();
      options.onProgress?.({ done, total, check: task.name });
      done += 1;
    });
  }
  options.onProgress?.({ done, total, check: '' });
  return reportOf(checks, { totals, found });
}

/** Verification reads whole tables; the limits on ordinary statements are not meant for it. */
export async function prepareToVerify(tx: Db): Promise<void> {
  const each = Object.entries(settings).map(
    ([name, value]) => sql`set_config(${name}, ${value}, true)`,
  );
  await sql`select ${sql.join(each)}`.execute(tx);
}

/** What the next lane that is free does. */
type Task = { name: string; run: (tx: Db) => Promise<void> };

/**
 * Does tasks in their order, one in each lane at a time. Once one has failed, begins none, and ends
 * with what is under way in the others.
 */
async function inLanes(
  lanes: readonly Db[],
  tasks: readonly Task[],
  onBegin: (task: Task) => void,
): Promise<void> {
  const left = [...tasks];
  const ends = await Promise.allSettled(
    lanes.map(async (tx) => {
      try {
        for (let task = left.shift(); task !== undefined; task = left.shift()) {
          onBegin(task);
          await task.run(tx);
        }
      } finally {
        left.length = 0;
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

type Totals = Map<Sum, Total>;
type Finding = { subject: string; detail: string };

/** Of each source all sums that checks want, and the first check that does. */
export function wantedOf(checks: readonly Check[]): (Wanted & { name: string })[] {
  const wanted = new Map<Source, { name: string; sums: Set<Sum> }>();
  const want = (sum: Sum, check: Check) => {
    const { sums, name } = wanted.get(sum.of) ?? { name: check.name, sums: new Set() };
    wanted.set(sum.of, { name, sums: sums.add(sum) });
    for (const told of sum.of.unless?.sums ?? []) want(told, check);
  };
  for (const check of checks) {
    for (const sum of [check.count, ...(check.proof?.sums ?? [])]) want(sum, check);
  }
  return [...wanted].map(([of, { name, sums }]) => ({ of, name, sums: [...sums] }));
}

/** Reads each source in one pass; by stages, as some may spare others. */
function readsOf(checks: readonly Check[], totals: Totals, read: ReadSums): Task[][] {
  const reads = wantedOf(checks).map(({ of, name, sums }) => ({
    name,
    stage: stageOf(of),
    run: async (tx: Db) => {
      const isSpared = of.unless !== undefined && isProven(of.unless, totals);
      const rows = isSpared ? [] : await read(tx, { of, sums });
      for (const [sum, total] of addUp(sums, rows)) totals.set(sum, total);
    },
  }));
  const stages = Map.groupBy(reads, ({ stage }) => stage);
  return [...stages].sort(([one], [other]) => one - other).map(([, tasks]) => tasks);
}

/** After all that may spare it. */
function stageOf({ unless }: Source): number {
  return unless === undefined ? 0 : 1 + Math.max(...unless.sums.map(({ of }) => stageOf(of)));
}

function isProven(proof: Proof, totals: Totals): boolean {
  return proof.holds(proof.sums.map((sum) => totalOf(totals, sum)));
}

function totalOf(totals: Totals, sum: Sum): Total {
  const total = totals.get(sum);
  assert(total !== undefined, 'a sum is read before the checks that want it');
  return total;
}

async function findBroken(tx: Db, check: Check, totals: Totals): Promise<readonly Finding[]> {
  const { proof, rest, broken } = check;
  const holds = proof !== undefined && isProven(proof, totals);
  if (holds && rest === undefined) return [];
  // Asked for some rows only, the planner takes a way that soon comes to the first; but nearly
  // always there is none, and all is read: a common table is planned for all its rows.
  const found = await sql<Finding>`
    with ${allKnown}, broken as materialized (${holds ? rest : broken})
    select subject, detail from broken limit ${brokenRowsMax}`.execute(tx);
  return found.rows;
}

function reportOf(
  checks: readonly Check[],
  seen: { totals: Totals; found: ReadonlyMap<Check, readonly Finding[]> },
): CheckReport {
  const counts = checks.map(({ name, count }) => [name, Number(totalOf(seen.totals, count).all)]);
  const broken = checks.flatMap((check) =>
    (seen.found.get(check) ?? []).map((row) => ({
      ...{ invariant: check.invariant, check: check.name },
      ...row,
    })),
  );
  return { ok: broken.length === 0, checked: Object.fromEntries(counts), broken };
}
