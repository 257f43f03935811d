import { sql } from 'kysely';
import { assert, dayMs, hourMs, type ProviderId } from '../base/index.ts';
import type { Db } from '../db/index.ts';

/** The actions of the panel API, as calls to a provider are counted. */
export type CallAction =
  | 'services'
  | 'add'
  | 'status'
  | 'refill'
  | 'refill_status'
  | 'cancel'
  | 'balance';

/** One call: when it ended, how long it took, and what went wrong, if anything did. */
export type CallResult = {
  providerId: ProviderId;
  action: CallAction;
  at: Date;
  tookMs: number;
  failure: string | null;
};

/** Counts calls in memory and adds them to the database from time to time. */
export type HealthCounter = {
  count: (result: CallResult) => void;
  flush: () => Promise<void>;
};

/** How a provider did of late. */
export type Health = {
  calls: number;
  failures: number;
  /** 0 to 1 over the last 24 hours; null without a call. */
  errorRate: number | null;
  /** Half of the calls took less than this; null without a call. */
  medianMs: number | null;
  lastSuccessAt: Date | null;
  lastFailureAt: Date | null;
  lastFailure: string;
  actions: {
    action: string;
    calls: number;
    failures: number;
    /** Half of the calls took less than this: 8, 16 … 131072; null when it was longer still. */
    medianMs: number | null;
  }[];
};

/** Limits in ms of the buckets but the last, which holds what took longer than all of them. */
const bucketLimitsMs = Array.from({ length: 15 }, (_, index) => 2 ** (index + 3));

type HourRow = {
  providerId: ProviderId;
  hour: string;
  action: CallAction;
  calls: number;
  failures: number;
  buckets: number[];
};

type LastSeen = { successAt: Date | null; failureAt: Date | null; failure: string };

type Counts = { hours: Map<string, HourRow>; seen: Map<ProviderId, LastSeen> };

/** Starts with nothing counted. A flush that fails keeps its counts for the next one. */
export function createHealthCounter(db: Db): HealthCounter {
  let counts: Counts = { hours: new Map(), seen: new Map() };
  return {
    count: (result) => {
      addHour(counts.hours, hourOf(result));
      const { providerId, at, failure } = result;
      const last = failure === null ? { successAt: at } : { failureAt: at, failure };
      addSeen(counts.seen, providerId, { successAt: null, failureAt: null, failure: '', ...last });
    },
    flush: async () => {
      if (counts.seen.size === 0) return;
      const taken = counts;
      counts = { hours: new Map(), seen: new Map() };
      try {
        await writeHours(db, [...taken.hours.values()]);
        taken.hours.clear();
        for (const [providerId, last] of taken.seen) await writeSeen(db, providerId, last);
      } catch (error) {
        for (const row of taken.hours.values()) addHour(counts.hours, row);
        for (const [providerId, last] of taken.seen) addSeen(counts.seen, providerId, last);
        throw error;
      }
    },
  };
}

function hourOf(result: CallResult): HourRow {
  const { providerId, action, at, tookMs, failure } = result;
  const hour = new Date(Math.floor(at.getTime() / hourMs) * hourMs).toISOString();
  const found = bucketLimitsMs.findIndex((limitMs) => tookMs < limitMs);
  const bucket = found === -1 ? bucketLimitsMs.length : found;
  const buckets = Array.from({ length: bucketLimitsMs.length + 1 }, (_, at) =>
    at === bucket ? 1 : 0,
  );
  return { providerId, hour, action, calls: 1, failures: failure === null ? 0 : 1, buckets };
}

function addHour(hours: Map<string, HourRow>, row: HourRow): void {
  const key = `${row.providerId} ${row.hour} ${row.action}`;
  const before = hours.get(key);
  if (before === undefined) {
    hours.set(key, row);
    return;
  }
  before.calls += row.calls;
  before.failures += row.failures;
  before.buckets = before.buckets.map((count, at) => count + (row.buckets[at] ?? 0));
}

function addSeen(seen: Map<ProviderId, LastSeen>, providerId: ProviderId, last: LastSeen): void {
  const before = seen.get(providerId) ?? { successAt: null, failureAt: null, failure: '' };
  const isNewer = (last.failureAt?.getTime() ?? 0) >= (before.failureAt?.getTime() ?? 1);
  seen.set(providerId, {
    successAt: later(before.successAt, last.successAt),
    failureAt: later(before.failureAt, last.failureAt),
    failure: before.failureAt === null || isNewer ? last.failure : before.failure,
  });
}

function later(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? other : one;
}

/** Adds to what others have counted; in one order, so that no two processes block each other. */
async function writeHours(db: Db, rows: readonly HourRow[]): Promise<void> {
  await sql`
    insert into provider_calls as c (provider_id, hour, action, calls, failures, buckets)
    select "providerId", hour, action, calls, failures, buckets
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as r ("providerId" int, hour timestamptz, action text, calls int, failures int, buckets int[])
    where exists (select from providers p where p.id = r."providerId")
    order by "providerId", hour, action
    on conflict (provider_id, hour, action) do update set
      calls = c.calls + excluded.calls,
      failures = c.failures + excluded.failures,
      buckets = (
        select array_agg(coalesce(one, 0) + coalesce(other, 0) order by at)
        from unnest(c.buckets, excluded.buckets) with ordinality as b (one, other, at)
      )`.execute(db);
}

async function writeSeen(db: Db, providerId: ProviderId, last: LastSeen): Promise<void> {
  await sql`
    update providers set
      last_success_at = greatest(last_success_at, ${last.successAt}::timestamptz),
      last_failure = case when last_failure_at > ${last.failureAt}::timestamptz
        or ${last.failureAt}::timestamptz is null then last_failure else ${last.failure} end,
      last_failure_at = greatest(last_failure_at, ${last.failureAt}::timestamptz)
    where id = ${providerId}`.execute(db);
}

/**
 * How a provider did in the last 24 hours (whole hours, the running one included), as far as it is
 * flushed.
 */
export async function readHealth(db: Db, providerId: ProviderId, now: Date): Promise<Health> {
  const found = await selectHealth(db, now, [providerId]);
  const health = found.get(providerId);
  assert(health !== undefined, 'the caller has the provider');
  return health;
}

/** The same of all providers, in two queries. */
export async function readAllHealth(db: Db, now: Date): Promise<ReadonlyMap<ProviderId, Health>> {
  return selectHealth(db, now);
}

async function selectHealth(
  db: Db,
  now: Date,
  only?: readonly ProviderId[],
): Promise<ReadonlyMap<ProviderId, Health>> {
  let seen = db
    .selectFrom('providers')
    .select(['id', 'last_success_at as lastSuccessAt', 'last_failure_at as lastFailureAt'])
    .select('last_failure as lastFailure');
  let counted = db
    .selectFrom('provider_calls')
    .select(['provider_id as providerId', 'action', 'calls', 'failures', 'buckets'])
    .where('hour', '>', new Date(now.getTime() - dayMs))
    .where('hour', '<=', now)
    .orderBy('action');
  if (only !== undefined) {
    seen = seen.where('id', 'in', only);
    counted = counted.where('provider_id', 'in', only);
  }
  const [providers, hours] = await Promise.all([seen.execute(), counted.execute()]);
  const byProvider = Map.groupBy(hours, (row) => row.providerId);
  return new Map(
    providers.map(({ id, ...last }) => [id, { ...last, ...sumHours(byProvider.get(id) ?? []) }]),
  );
}

type CountedHour = { action: string; calls: number; failures: number; buckets: number[] };

function sumHours(
  rows: readonly CountedHour[],
): Pick<Health, 'calls' | 'failures' | 'errorRate' | 'medianMs' | 'actions'> {
  const byAction = Map.groupBy(rows, (row) => row.action);
  const calls = sum(rows.map((row) => row.calls));
  const failures = sum(rows.map((row) => row.failures));
  return {
    calls,
    failures,
    errorRate: calls === 0 ? null : failures / calls,
    medianMs: medianLimitMs(rows.map((row) => row.buckets)),
    actions: [...byAction].map(([action, hours]) => ({
      action,
      calls: sum(hours.map((row) => row.calls)),
      failures: sum(hours.map((row) => row.failures)),
      medianMs: medianLimitMs(hours.map((row) => row.buckets)),
    })),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The limit of the bucket in which the middle one of all calls lies; null without a call. */
export function medianLimitMs(hours: readonly (readonly number[])[]): number | null {
  const half = sum(hours.flat()) / 2;
  if (half === 0) return null;
  let seen = 0;
  for (const [at, limitMs] of bucketLimitsMs.entries()) {
    seen += sum(hours.map((buckets) => buckets[at] ?? 0));
    if (seen >= half) return limitMs;
  }
  return null;
}
