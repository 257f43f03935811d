import { sql } from 'kysely';
import type { Amount, ProviderId } from '../base/index.ts';
import type { Db, Json, Schema } from '../db/index.ts';
import type { OrderKey } from '../orders/index.ts';
import { exchanged } from '../providers/index.ts';

/** All that is known of an order's delivery. For staff alone. */
export type StaffDelivery = {
  state: Schema['deliveries']['state'];
  reason: string;
  providerId: ProviderId;
  provider: string;
  externalServiceId: string;
  /** Which of the service's routes it goes by, from 1. */
  routePosition: number;
  /** The provider runs its posts or runs by itself. */
  isDelegated: boolean;
  externalId: string | null;
  dueAt: Date | null;
  acceptedAt: Date | null;
  /** What the provider said last, as it said it. */
  seen: string | null;
};

/** One try to have an order delivered. For staff alone. */
export type StaffAttempt = {
  number: number;
  provider: string;
  externalServiceId: string;
  state: Schema['attempts']['state'];
  externalId: string | null;
  reason: string;
  /** The provider's answer as it came. */
  raw: string;
  /** What it costs there, in 10⁻⁸ of the panel's currency; null: not known. */
  cost: Amount | null;
  evidence: Json;
  resolvedBy: string | null;
  startedAt: Date;
  endedAt: Date | null;
};

/** An order's delivery; undefined for one that staff deliver. */
export async function readStaffDelivery(db: Db, key: OrderKey): Promise<StaffDelivery | undefined> {
  return db
    .selectFrom('deliveries as d')
    .innerJoin('providers as p', 'p.id', 'd.provider_id')
    .select(['d.state', 'd.reason', 'd.provider_id as providerId', 'p.name as provider'])
    .select(['d.external_service_id as externalServiceId', 'd.route_position as routePosition'])
    .select(['d.is_delegated as isDelegated', 'd.external_id as externalId', 'd.due_at as dueAt'])
    .select(['d.accepted_at as acceptedAt', 'd.seen'])
    .where('d.customer_id', '=', key.customerId)
    .where('d.order_id', '=', key.orderId)
    .executeTakeFirst();
}

/** An order's attempts, oldest first. Costs are converted at today's exchange rates. */
export async function readStaffAttempts(db: Db, key: OrderKey): Promise<StaffAttempt[]> {
  const found = await sql<StaffAttempt>`
    select a.number, p.name as provider, a.external_service_id as "externalServiceId", a.state,
      a.external_id as "externalId", a.reason, a.raw, a.evidence, a.resolved_by as "resolvedBy",
      round(${exchanged(sql`a.cost`, 'p')}) as cost,
      a.started_at as "startedAt", a.ended_at as "endedAt"
    from attempts a join providers p on p.id = a.provider_id
    where a.customer_id = ${key.customerId} and a.order_id = ${key.orderId}
    order by a.number`.execute(db);
  return found.rows;
}

/**
 * What delivery of an order costs at its providers, with its runs and posts, in 10⁻⁸ of the panel's
 * currency: what is not delivered is taken to cost nothing, as providers give that back. Null where
 * it isn't known of any of them.
 */
export async function readOrderCost(db: Db, key: OrderKey): Promise<Amount | null> {
  const found = await sql<{ cost: Amount | null }>`
    select round(sum(${exchanged(sql`a.cost`, 'p')} * case
        when o.status in ('Partial', 'Canceled') and o.quantity > 0
          then (o.quantity - o.remains)::numeric / o.quantity
        else 1 end)) as cost
    from orders o
    join attempts a on a.customer_id = o.customer_id and a.order_id = o.id
      and a.state = 'accepted'
    join providers p on p.id = a.provider_id
    where o.customer_id = ${key.customerId} and (o.id = ${key.orderId}
      or o.parent_id = ${key.orderId})`.execute(db);
  return found.rows[0]?.cost ?? null;
}

/** A way an order can be sent. */
export type StaffSendRoute = {
  position: number;
  providerId: ProviderId;
  provider: string;
  externalServiceId: string;
  isOn: boolean;
};

/** The routes of an order's service by which it could go, the first first. */
export async function readSendRoutes(db: Db, key: OrderKey): Promise<StaffSendRoute[]> {
  const found = await sql<StaffSendRoute>`
    select r.position, r.provider_id as "providerId", p.name as provider,
      r.external_id as "externalServiceId", p.state = 'on' as "isOn"
    from orders o
    join service_routes r on r.service_id = o.service_id
    join providers p on p.id = r.provider_id
    where o.customer_id = ${key.customerId} and o.id = ${key.orderId}
      and (r.is_delegated or not (o.kind <> 'single' or o.details ? 'runs'))
    order by r.position`.execute(db);
  return found.rows;
}
