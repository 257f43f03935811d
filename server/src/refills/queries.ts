import { type Selectable, sql } from 'kysely';
import type { CustomerId, OrderId, RefillId, ServiceId } from '../base/index.ts';
import { bigints, type Db, type Schema } from '../db/index.ts';
import type { RefillStatus } from './rules.ts';

/**
 * The status of a customer's refills; another customer's or an unknown one is missing. Each is
 * looked up by its key: a plan that is kept would read through all refills of a large customer.
 */
export async function readRefillStatuses(
  db: Db,
  customerId: CustomerId,
  refillIds: readonly RefillId[],
): Promise<Map<RefillId, RefillStatus>> {
  const found = await sql<{ id: RefillId; status: RefillStatus }>`
    select r.id, r.status
    from unnest(${bigints(refillIds)}) k (id)
    cross join lateral (
      select id, status from refills where customer_id = ${customerId} and id = k.id limit 1
    ) r`.execute(db);
  return new Map(found.rows.map((row) => [row.id, row.status]));
}

/** A refill that is not decided. Provider and note are for staff alone. */
export type OpenRefill = {
  refillId: RefillId;
  customerId: CustomerId;
  orderId: OrderId;
  status: RefillStatus;
  requestedAt: Date;
  /** `manual` and `unknown` wait for staff; the others for their provider. */
  delivery: Selectable<Schema['refills']>['delivery'];
  /** The provider's name; null for a refill that is staff's. */
  provider: string | null;
  externalId: string | null;
  /** What went wrong, or what the provider said. */
  note: string;
};

/** Refills that are not decided: those that wait for staff before the others, oldest first. */
export async function listOpenRefills(db: Db, limit: number): Promise<OpenRefill[]> {
  return db
    .selectFrom('refills as r')
    .leftJoin('providers as p', 'p.id', 'r.provider_id')
    .select(['r.id as refillId', 'r.customer_id as customerId', 'r.order_id as orderId'])
    .select(['r.status', 'r.requested_at as requestedAt', 'r.delivery', 'p.name as provider'])
    .select(['r.external_id as externalId', 'r.note'])
    .where('r.status', 'in', ['Pending', 'In progress'])
    .orderBy(sql`r.delivery in ('manual', 'unknown')`, 'desc')
    .orderBy('r.requested_at')
    .orderBy('r.id')
    .limit(limit)
    .execute();
}

/** A refill as its customer sees it. */
export type RefillRow = {
  id: RefillId;
  orderId: OrderId;
  serviceId: ServiceId;
  /** The service's name now. */
  service: string;
  link: string;
  status: RefillStatus;
  requestedAt: Date;
  updatedAt: Date;
};

export type RefillFilter = {
  orderId?: OrderId;
  status?: RefillStatus;
  /** Only older ones than this, for the next page. */
  before?: RefillId;
  limit: number;
};

const refillsMax = 100;

/** A customer's refills, newest first. It reads nothing of who does them. */
export async function listRefills(
  db: Db,
  customerId: CustomerId,
  filter: RefillFilter,
): Promise<RefillRow[]> {
  const { orderId, status, before } = filter;
  let query = db
    .selectFrom('refills as r')
    .innerJoin('orders as o', (join) =>
      join.onRef('o.customer_id', '=', 'r.customer_id').onRef('o.id', '=', 'r.order_id'),
    )
    .innerJoin('services as s', 's.id', 'o.service_id')
    .select(['r.id', 'r.order_id as orderId', 'o.service_id as serviceId', 's.name as service'])
    .select(['o.link', 'r.status', 'r.requested_at as requestedAt', 'r.updated_at as updatedAt'])
    .where('r.customer_id', '=', customerId)
    .orderBy('r.id', 'desc')
    .limit(Math.min(filter.limit, refillsMax));
  if (orderId !== undefined) query = query.where('r.order_id', '=', orderId);
  if (status !== undefined) query = query.where('r.status', '=', status);
  if (before !== undefined) query = query.where('r.id', '<', before);
  return query.execute();
}
