import { type Selectable, sql } from 'kysely';
import type { CustomerId, OrderId } from '../base/index.ts';
import type { Db, Schema } from '../db/index.ts';

/** A cancellation that is not decided. Provider and note are for staff alone. */
export type OpenCancel = {
  customerId: CustomerId;
  orderId: OrderId;
  status: string;
  requestedAt: Date;
  /** `manual` waits for staff; the others for their provider. */
  delivery: Selectable<Schema['cancels']>['delivery'];
  /** The provider's name; null for what is staff's. */
  provider: string | null;
  /** What went wrong, or what the provider said. */
  note: string;
};

/**
 * Cancel requests on orders that still run: those that wait for staff before the others, oldest
 * first.
 */
export async function listOpenCancels(db: Db, limit: number): Promise<OpenCancel[]> {
  return db
    .selectFrom('cancels as c')
    .innerJoin('orders as o', (join) =>
      join.onRef('o.customer_id', '=', 'c.customer_id').onRef('o.id', '=', 'c.order_id'),
    )
    .leftJoin('providers as p', 'p.id', 'c.provider_id')
    .select(['c.customer_id as customerId', 'c.order_id as orderId', 'o.status'])
    .select(['c.requested_at as requestedAt', 'c.delivery', 'p.name as provider', 'c.note'])
    .where('c.state', '=', 'requested')
    .where('o.completed_at', 'is', null)
    .orderBy(sql`c.delivery = 'manual'`, 'desc')
    .orderBy('c.requested_at')
    .orderBy('c.order_id')
    .limit(limit)
    .execute();
}
