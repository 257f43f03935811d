import { type Selectable, sql } from 'kysely';
import type { Amount, CustomerId, OrderId, ServiceId } from '../base/index.ts';
import type { Db, Schema } from '../db/index.ts';
import type { OrderKey, OrderStatus } from '../orders/index.ts';

/** A cancellation that waits for staff, with what accepting it gives back. Amounts in 10⁻⁸. */
export type WaitingCancel = {
  customerId: CustomerId;
  customer: string;
  orderId: OrderId;
  serviceId: ServiceId;
  service: string;
  kind: Schema['orders']['kind'];
  status: OrderStatus;
  link: string;
  quantity: bigint;
  remains: bigint;
  charge: Amount;
  refunded: Amount;
  provider: string | null;
  externalId: string | null;
  note: string;
  requestedAt: Date;
};

export type CancelCursor = { requestedAt: Date; orderId: OrderId };

const pageMax = 100;

/** Cancel requests that wait for staff on orders that still run, oldest first. */
export async function listWaitingCancels(
  db: Db,
  page: { limit: number; after?: CancelCursor },
): Promise<{ cancels: WaitingCancel[]; next: CancelCursor | null }> {
  const limit = Math.min(page.limit, pageMax);
  const { after } = page;
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(r.requested_at, r.order_id)
          > (${after.requestedAt}::timestamptz, ${after.orderId.toString()}::bigint)`;
  const found = await sql<WaitingCancel>`
    select r.customer_id as "customerId", c.name as customer, r.order_id as "orderId",
      o.service_id as "serviceId", s.name as service, o.kind, o.status, o.link, o.quantity,
      o.remains, o.charge, o.refunded, p.name as provider, d.external_id as "externalId", r.note,
      r.requested_at as "requestedAt"
    from cancels r
    join orders o on o.customer_id = r.customer_id and o.id = r.order_id
    join services s on s.id = o.service_id
    join customers c on c.id = r.customer_id
    left join deliveries d on d.customer_id = r.customer_id and d.order_id = r.order_id
    left join providers p on p.id = d.provider_id
    where r.state = 'requested' and r.delivery = 'manual' and o.completed_at is null and ${beyond}
    order by r.requested_at, r.order_id limit ${limit + 1}::int`.execute(db);
  const cancels = found.rows.slice(0, limit);
  const last = cancels.at(-1);
  const hasMore = found.rows.length > limit && last !== undefined;
  const next = hasMore ? { requestedAt: last.requestedAt, orderId: last.orderId } : null;
  return { cancels, next };
}

/** The cancel request of an order. For staff alone. */
export type StaffCancel = {
  state: Schema['cancels']['state'];
  delivery: Selectable<Schema['cancels']>['delivery'];
  provider: string | null;
  note: string;
  requestedAt: Date;
  decidedAt: Date | null;
};

/** An order's cancel request, with where it stands; undefined: none. */
export async function readStaffCancel(db: Db, key: OrderKey): Promise<StaffCancel | undefined> {
  return db
    .selectFrom('cancels as c')
    .leftJoin('providers as p', 'p.id', 'c.provider_id')
    .select(['c.state', 'c.delivery', 'p.name as provider', 'c.note'])
    .select(['c.requested_at as requestedAt', 'c.decided_at as decidedAt'])
    .where('c.customer_id', '=', key.customerId)
    .where('c.order_id', '=', key.orderId)
    .executeTakeFirst();
}
