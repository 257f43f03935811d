import { sql } from 'kysely';
import type { Db } from '../db/index.ts';
import { countWaiting } from '../fulfilment/index.ts';
import { countAttention } from '../payments/index.ts';
import { countStuck } from './stuck.ts';

/** What waits for staff, by queue. */
export type Queues = {
  /** Orders of which nobody knows whether their provider has them. */
  unknown: number;
  /** Orders that cost more than they were sold for. */
  margin: number;
  /** Orders that were refused everywhere, can't be reached, or report what can't be applied. */
  delivery: number;
  refills: number;
  cancels: number;
  /** Rates that jumped. */
  prices: number;
  /** Payments to be confirmed, disputed or flagged, and reports of payments nobody knows. */
  payments: number;
  stuck: number;
};

/** Counts what waits for staff, by the indexes of what is open. */
export async function readQueues(db: Db, now: Date): Promise<Queues> {
  const [{ unknown, margin, other }, { payments, strays }, found] = await Promise.all([
    countWaiting(db),
    countAttention(db, now),
    sql<Omit<Queues, 'unknown' | 'margin' | 'delivery' | 'payments'>>`
      select
        (select count(*)::int from refills
          where status in ('Pending', 'In progress') and delivery in ('manual', 'unknown'))
          as refills,
        (select count(*)::int from cancels c
          join orders o on o.customer_id = c.customer_id and o.id = c.order_id
          where c.state = 'requested' and c.delivery = 'manual' and o.completed_at is null)
          as cancels,
        (select count(*)::int from service_changes where state = 'held') as prices,
        (${countStuck(db, now)}) as stuck`.execute(db),
  ]);
  const [counts] = found.rows;
  if (counts === undefined) throw new Error('the counts are one row');
  return { unknown, margin, delivery: other, payments: payments + strays, ...counts };
}
