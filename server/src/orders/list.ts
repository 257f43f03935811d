import type { Amount, CustomerId, OrderId, ServiceId } from '../base/index.ts';
import type { Db, Json, Schema } from '../db/index.ts';
import type { OrderStatus } from './rules.ts';

/** An order as staff see it: whole, with what delivery needs. Amounts in 10⁻⁸. */
export type OrderRow = {
  id: OrderId;
  customerId: CustomerId;
  serviceId: ServiceId;
  service: string;
  type: string;
  kind: Schema['orders']['kind'];
  status: OrderStatus;
  link: string;
  quantity: bigint;
  charge: Amount;
  refunded: Amount;
  startCount: bigint | null;
  remains: bigint;
  details: Json;
  parentId: OrderId | null;
  createdAt: Date;
  updatedAt: Date;
};

export type OrderFilter = {
  orderId?: OrderId;
  customerId?: CustomerId;
  parentId?: OrderId;
  status?: OrderStatus;
  limit: number;
};

const ordersMax = 1_000;

/** Orders for staff, newest first, of any customer unless the filter names one. */
export async function listOrders(db: Db, filter: OrderFilter): Promise<OrderRow[]> {
  const { orderId, customerId, parentId, status } = filter;
  let query = db
    .selectFrom('orders as o')
    .innerJoin('services as s', 's.id', 'o.service_id')
    .select(['o.id', 'o.customer_id as customerId', 'o.service_id as serviceId'])
    .select(['s.name as service', 'o.type', 'o.kind', 'o.status', 'o.link', 'o.quantity'])
    .select(['o.charge', 'o.refunded', 'o.start_count as startCount', 'o.remains', 'o.details'])
    .select(['o.parent_id as parentId', 'o.created_at as createdAt', 'o.updated_at as updatedAt'])
    .orderBy('o.id', 'desc')
    .limit(Math.min(filter.limit, ordersMax));
  if (orderId !== undefined) query = query.where('o.id', '=', orderId);
  if (customerId !== undefined) query = query.where('o.customer_id', '=', customerId);
  if (parentId !== undefined) query = query.where('o.parent_id', '=', parentId);
  if (status !== undefined) query = query.where('o.status', '=', status);
  return query.execute();
}
