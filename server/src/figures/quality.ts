import { sql } from 'kysely';
import { dayMs, type ProviderId, type ServiceId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { startOfDay } from './days.ts';
import { type Times, timesBy } from './times.ts';

/** How a provider delivered a service in the last 30 days. */
export type RouteQuality = Times & {
  serviceId: ServiceId;
  providerId: ProviderId;
  completed: number;
  partial: number;
  canceled: number;
  attempts: number;
  failures: number;
};

export const qualityDays = 30;

/**
 * How each provider delivered each service in the last 30 days, also where it is no route any
 * more; of one service, where it is given.
 */
export async function readRouteQuality(
  db: Db,
  now: Date,
  filter: { serviceId?: ServiceId } = {},
): Promise<RouteQuality[]> {
  const from = new Date(startOfDay(now).getTime() - qualityDays * dayMs);
  const { serviceId } = filter;
  const within = sql`day >= ${from}::timestamptz and provider_id <> 0
    and ${serviceId === undefined ? sql`service_id <> 0` : sql`service_id = ${serviceId}`}`;
  const found = await sql<RouteQuality>`
    with ended as (
      select service_id, provider_id, sum(completed)::int as completed,
        sum(partial)::int as partial, sum(canceled)::int as canceled,
        sum(attempts)::int as attempts, sum(failures)::int as failures
      from figures where ${within} group by service_id, provider_id
    ), times as (${timesBy(sql`service_id, provider_id`, within)})
    select e.service_id as "serviceId", e.provider_id as "providerId", e.completed, e.partial,
      e.canceled, e.attempts, e.failures, t.median as "medianSeconds", t.p95 as "p95Seconds"
    from ended e left join times t using (service_id, provider_id)
    order by e.service_id, e.provider_id`.execute(db);
  return found.rows;
}
