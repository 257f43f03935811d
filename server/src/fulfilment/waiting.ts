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
    with waiting as (
      select d.reason, d.state from providers p
      join deliveries d on d.provider_id = p.id and d.state = 'unknown' and d.due_at is not null
        and d.reason = ''
      join orders o on o.customer_id = d.customer_id and o.id = d.order_id
      where o.completed_at is null
      union all
      select d.reason, d.state from deliveries d
      join orders o on o.customer_id = d.customer_id and o.id = d.order_id
      where d.reason <> '' and (o.completed_at is null or d.reason = ${lateAccepted})
    )
    select count(*) filter (where reason in ('', 'unknown'))::int as unknown,
      count(*) filter (where reason = 'margin')::int as margin,
      count(*) filter (where reason not in ('', 'unknown', 'margin'))::int as other,
      count(*) filter (where state = 'following')::int as flagged,
      count(*) filter (where reason = ${lateAccepted})::int as late
    from waiting`.execute(db);
  return found.rows[0] ?? { unknown: 0, margin: 0, other: 0, flagged: 0, late: 0 };
}
