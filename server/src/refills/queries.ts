import { sql } from 'kysely';
import type { CustomerId, OrderId, RefillId } from '../base/index.ts';
import { bigints, type Check, type Db } from '../db/index.ts';
import type { RefillStatus } from './request.ts';

/** The status of a customer's refills; another customer's or an unknown one is missing. */
export async function readRefillStatuses(
  db: Db,
  customerId: CustomerId,
  refillIds: readonly RefillId[],
): Promise<Map<RefillId, RefillStatus>> {
  const found = await sql<{ id: RefillId; status: RefillStatus }>`
    select id, status from refills
    where customer_id = ${customerId} and id = any(${bigints(refillIds)})`.execute(db);
  return new Map(found.rows.map((row) => [row.id, row.status]));
}

export type OpenRefill = {
  refillId: RefillId;
  customerId: CustomerId;
  orderId: OrderId;
  status: RefillStatus;
  requestedAt: Date;
};

/** The staff queue: refills that wait for a decision, oldest first. */
export async function listOpenRefills(db: Db, limit: number): Promise<OpenRefill[]> {
  return db
    .selectFrom('refills')
    .select(['id as refillId', 'customer_id as customerId', 'order_id as orderId', 'status'])
    .select('requested_at as requestedAt')
    .where('status', 'in', ['Pending', 'In progress'])
    .orderBy('requested_at')
    .limit(limit)
    .execute();
}

export const refillChecks: readonly Check[] = [
  {
    invariant: 'I15',
    name: 'one_open_refill_per_order',
    count: sql`select count(*) as count from refills`,
    broken: sql`
      select 'order ' || order_id as subject, count(*) || ' open refills' as detail
      from refills where status in ('Pending', 'In progress')
      group by customer_id, order_id having count(*) > 1`,
  },
];
