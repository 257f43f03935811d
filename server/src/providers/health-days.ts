import type { ProviderId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { medianLimitMs } from './health.ts';

/** How a provider did on a day (midnight, UTC). */
export type HealthDay = {
  day: Date;
  calls: number;
  failures: number;
  /** Half of the calls took less than this: 8, 16 … 131072; null when it was longer still. */
  medianMs: number | null;
};

/** A provider's days (UTC) from `from` on; days without a call are left out. */
export async function readHealthDays(
  db: Db,
  providerId: ProviderId,
  from: Date,
): Promise<HealthDay[]> {
  const hours = await db
    .selectFrom('provider_calls')
    .select(['hour', 'calls', 'failures', 'buckets'])
    .where('provider_id', '=', providerId)
    .where('hour', '>=', from)
    .orderBy('hour')
    .execute();
  const byDay = Map.groupBy(hours, ({ hour }) => hour.toISOString().slice(0, 10));
  return [...byDay].map(([day, rows]) => ({
    day: new Date(day),
    calls: rows.reduce((total, { calls }) => total + calls, 0),
    failures: rows.reduce((total, { failures }) => total + failures, 0),
    medianMs: medianLimitMs(rows.map(({ buckets }) => buckets)),
  }));
}
