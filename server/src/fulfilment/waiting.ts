import { sql } from 'kysely';
import type { Db } from '../db/index.ts';
import { lateAccepted } from './rules.ts';

/** How many orders wait in the queues of delivery. */
export type WaitingCounts = {
  /** Nobody knows whether they were placed; also those that are still being looked into. */
  unknown: number;
  /** They cost more than they were sold for. */
  margin: number;
  /** For any other reason; those of these that run there, and those that were taken too late. */
  other: number;
  flagged: number;
  late: number;
};

/** Counts what `listWaiting` lists, by the indexes of what waits. */
export async function countWaiting(db: Db): Promise<WaitingCounts> {
  const found = await sql<WaitingCounts>`
    with candidates as (
      select d.* from providers p
      cross join lateral (
        select customer_id, order_id, reason, state from deliveries
        where provider_id = p.id and state = 'unknown' and due_at is not null
      ) d
      union
      select customer_id, order_id, reason, state from deliveries where reason <> ''
    ), waiting as (
      select c.reason, c.state from candidates c
      join orders o on o.customer_id = c.customer_id and o.id = c.order_id
      where o.completed_at is null or c.reason = ${lateAccepted}
    )
    select count(*) filter (where reason in ('', 'unknown'))::int as unknown,
      count(*) filter (where reason = 'margin')::int as margin,
      count(*) filter (where reason not in ('', 'unknown', 'margin'))::int as other,
      count(*) filter (where state = 'following')::int as flagged,
      count(*) filter (where reason = ${lateAccepted})::int as late
    from waiting`.execute(db);
  return found.rows[0] ?? { unknown: 0, margin: 0, other: 0, flagged: 0, late: 0 };
}
