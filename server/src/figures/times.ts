import { type RawBuilder, sql } from 'kysely';
import type { ProviderId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { bucketSeconds } from './sums.ts';

/** From placed to completed, in seconds, to within a fifth; null where nothing was completed. */
export type Times = {
  medianSeconds: number | null;
  /** 95 of 100 took at most this. */
  p95Seconds: number | null;
};

type ByProvider = { all: Times; of: (providerId: ProviderId) => Times };

const none: Times = { medianSeconds: null, p95Seconds: null };

/** The time by which a part of a group's orders was completed, from running sums. */
export const partSeconds = (part: number): RawBuilder<unknown> =>
  sql`min(seconds) filter (where so_far >= ${part}::float8 * whole)`;

/** Adds up buckets so that parts of a group can be read off: `group`, `seconds` and counts. */
export const withRunningSums = (group: RawBuilder<unknown>, from: RawBuilder<unknown>) => sql`
  select ${group}, seconds, sum(orders) over (partition by ${group} order by seconds) as so_far,
    sum(orders) over (partition by ${group}) as whole
  from (${from}) summed`;

/** Delivery times over the rows of some days and services, of each group. */
export const timesBy = (group: RawBuilder<unknown>, within: RawBuilder<unknown>) => {
  const buckets = sql`
    select ${group}, ${bucketSeconds} as seconds, sum(orders) as orders
    from delivery_times where ${within} group by ${group}, bucket`;
  return sql`
    select ${group}, ${partSeconds(0.5)} as median, ${partSeconds(0.95)} as p95
    from (${withRunningSums(group, buckets)}) running group by ${group}`;
};

/** Reads the delivery times of all orders, and of each provider's. */
export async function readTimes(db: Db, within: RawBuilder<unknown>): Promise<ByProvider> {
  const found = await sql<Times & { providerId: ProviderId | null }>`
    with summed as (
      select provider_id, ${bucketSeconds} as seconds, sum(orders) as orders
      from delivery_times where ${within} and service_id = 0
      group by grouping sets ((bucket), (bucket, provider_id))
    ), running as (${withRunningSums(sql`provider_id`, sql`select * from summed`)})
    select provider_id as "providerId", ${partSeconds(0.5)} as "medianSeconds",
      ${partSeconds(0.95)} as "p95Seconds"
    from running group by provider_id`.execute(db);
  const times = new Map(
    found.rows.map(({ providerId, ...row }): [ProviderId | null, Times] => [providerId, row]),
  );
  return { all: times.get(null) ?? none, of: (providerId) => times.get(providerId) ?? none };
}
