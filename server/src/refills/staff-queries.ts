import { type Selectable, sql } from 'kysely';
import type { CustomerId, OrderId, RefillId, ServiceId } from '../base/index.ts';
import type { Db, Schema } from '../db/index.ts';
import type { OrderKey } from '../orders/index.ts';
import type { RefillStatus } from './rules.ts';

/** A refill with who does it. For staff alone. */
export type StaffRefill = {
  id: RefillId;
  customerId: CustomerId;
  customer: string;
  orderId: OrderId;
  serviceId: ServiceId;
  service: string;
  link: string;
  quantity: bigint;
  status: RefillStatus;
  /** `manual` and `unknown` wait for staff. */
  delivery: Selectable<Schema['refills']>['delivery'];
  provider: string | null;
  /** Its number at the provider, and that of its order there. */
  externalId: string | null;
  externalOrderId: string | null;
  note: string;
  requestedAt: Date;
  updatedAt: Date;
};

const pageMax = 100;
const perOrderMax = 100;

const selectRefills = sql`
  select r.id, r.customer_id as "customerId", c.name as customer, r.order_id as "orderId",
    o.service_id as "serviceId", s.name as service, o.link, o.quantity, r.status, r.delivery,
    p.name as provider, r.external_id as "externalId", d.external_id as "externalOrderId", r.note,
    r.requested_at as "requestedAt", r.updated_at as "updatedAt"
  from refills r
  join orders o on o.customer_id = r.customer_id and o.id = r.order_id
  join services s on s.id = o.service_id
  join customers c on c.id = r.customer_id
  left join deliveries d on d.customer_id = r.customer_id and d.order_id = r.order_id
  left join providers p on p.id = coalesce(r.provider_id, d.provider_id)`;

/** Refills that wait for staff, oldest first. */
export async function listWaitingRefills(
  db: Db,
  page: { limit: number; after?: RefillId },
): Promise<StaffRefill[]> {
  const { after = 0n } = page;
  const found = await sql<StaffRefill>`
    ${selectRefills}
    where r.status in ('Pending', 'In progress') and r.delivery in ('manual', 'unknown')
      and r.id > ${after.toString()}::bigint
    order by r.id limit ${Math.min(page.limit, pageMax)}::int`.execute(db);
  return found.rows;
}

/** The refills of an order, newest first. */
export async function readStaffRefills(db: Db, key: OrderKey): Promise<StaffRefill[]> {
  const found = await sql<StaffRefill>`
    ${selectRefills}
    where r.customer_id = ${key.customerId} and r.order_id = ${key.orderId}
    order by r.id desc limit ${perOrderMax}::int`.execute(db);
  return found.rows;
}
