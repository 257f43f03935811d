import { type RawBuilder, sql } from 'kysely';
import type { ProviderId, ServiceId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { bucketSeconds } from './sums.ts';

/** From placed to completed, in seconds, to within a fifth; null where nothing was completed. */
export type Times = {
  medianSeconds: number | null;
  /** 95 of 100 took at most this. */
  p95Seconds: number | null;
};

type Group = {
  kind: 'all' | 'provider' | 'service';
  providerId: ProviderId;
  serviceId: ServiceId;
};

export type TimesByGroup = { find: (group: Group) => Times; none: Times };

const none: Times = { medianSeconds: null, p95Seconds: null };

/** The time by which a part of a group's orders was completed, from running sums. */
export const partSeconds = (part: number): RawBuilder<unknown> =>
  sql`min(seconds) filter (where so_far >= ${part}::float8 * whole)`;

/** Adds up buckets so that parts of a group can be read off: `group`, `seconds` and counts. */
export const withRunningSums = (group: RawBuilder<unknown>, from: RawBuilder<unknown>) => sql`
  select ${group}, seconds, sum(orders) over (partition by ${group} order by seconds) as so_far,
    sum(orders) over (partition by ${group}) as whole
  from (${from}) summed`;

/** Reads delivery times over some days: of all orders, per provider and per service. */
export async function readTimes(db: Db, within: RawBuilder<unknown>): Promise<TimesByGroup> {
  const group = sql`kind, provider_id, service_id`;
  const found = await sql<Group & Times>`
    with summed as (
      select case grouping(provider_id, service_id)
          when 3 then 'all' when 1 then 'provider' else 'service' end as kind,
        coalesce(provider_id, 0) as provider_id, coalesce(service_id, 0) as service_id,
        ${bucketSeconds} as seconds, sum(orders) as orders
      from delivery_times where ${within}
      group by grouping sets ((bucket), (bucket, provider_id), (bucket, service_id))
    ), running as (${withRunningSums(group, sql`select * from summed`)})
    select kind, provider_id as "providerId", service_id as "serviceId",
      ${partSeconds(0.5)} as "medianSeconds", ${partSeconds(0.95)} as "p95Seconds"
    from running group by kind, provider_id, service_id`.execute(db);
  const keyOf = ({ kind, providerId, serviceId }: Group) =>
    `${kind} ${kind === 'provider' ? providerId : 0} ${kind === 'service' ? serviceId : 0}`;
  const groups = new Map(
    found.rows.map(({ medianSeconds, p95Seconds, ...group }) => [
      keyOf(group),
      { medianSeconds, p95Seconds },
    ]),
  );
  return { find: (group) => groups.get(keyOf(group)) ?? none, none };
}
