import { sql } from 'kysely';
import type { CustomerId, OrderId } from '../base/index.ts';
import type { Check, Db } from '../db/index.ts';

export type OpenCancel = {
  customerId: CustomerId;
  orderId: OrderId;
  status: string;
  requestedAt: Date;
};

/** The staff queue: cancel requests on orders that still run, oldest first. */
export async function listOpenCancels(db: Db, limit: number): Promise<OpenCancel[]> {
  return db
    .selectFrom('cancels as c')
    .innerJoin('orders as o', (join) =>
      join.onRef('o.customer_id', '=', 'c.customer_id').onRef('o.id', '=', 'c.order_id'),
    )
    .select(['c.customer_id as customerId', 'c.order_id as orderId', 'o.status'])
    .select('c.requested_at as requestedAt')
    .where('c.state', '=', 'requested')
    .where('o.completed_at', 'is', null)
    .orderBy('c.requested_at')
    .limit(limit)
    .execute();
}

export const cancelChecks: readonly Check[] = [
  {
    invariant: 'I15',
    name: 'cancel_requests_have_orders',
    count: sql`select count(*) as count from cancels`,
    broken: sql`
      select 'order ' || c.order_id as subject, 'cancel request without its order' as detail
      from cancels c where not exists (
        select from orders o where o.customer_id = c.customer_id and o.id = c.order_id)`,
  },
];
