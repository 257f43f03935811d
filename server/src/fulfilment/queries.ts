import { type RawBuilder, sql } from 'kysely';
import type { CustomerId, OrderId, ProviderId } from '../base/index.ts';
import type { Db, Json, Schema } from '../db/index.ts';
import { lateAccepted } from './rules.ts';

/** An order that waits for staff, with what is known about it. Never shown to customers. */
export type WaitingOrder = {
  customerId: CustomerId;
  orderId: OrderId;
  providerId: ProviderId;
  provider: string;
  /** The provider's service, and what was ordered of it: by these it is found there. */
  externalServiceId: string;
  link: string;
  quantity: bigint;
  /** `following`: it runs there, and its report can't be applied; `done`: it is closed here. */
  state: 'held' | 'unknown' | 'following' | 'done';
  /** `unknown`, `margin`, `rejected` …, or `flagged: ` and what the provider said. */
  reason: string;
  since: Date;
  externalId: string | null;
  attempt: number | null;
  attemptReason: string | null;
  raw: string | null;
  evidence: Json | null;
};

const waitingBecause = (condition: RawBuilder<unknown>) => sql`
  select d.customer_id as "customerId", d.order_id as "orderId",
    d.provider_id as "providerId", p.name as provider, d.state,
    d.external_service_id as "externalServiceId", o.link, o.quantity,
    coalesce(nullif(d.reason, ''), 'unknown') as reason,
    coalesce(a.ended_at, d.created_at) as since, coalesce(d.external_id, (
      select detail ->> 'externalId' from delivery_events e
      where e.customer_id = d.customer_id and e.order_id = d.order_id and e.kind = 'late_answer'
        and d.reason = ${lateAccepted}
      order by e.id desc limit 1)) as "externalId",
    a.number as attempt, nullif(a.reason, '') as "attemptReason", nullif(a.raw, '') as raw,
    nullif(a.evidence, '{}') as evidence
  from deliveries d
  join providers p on p.id = d.provider_id
  join orders o on o.customer_id = d.customer_id and o.id = d.order_id
  left join attempts a on a.customer_id = d.customer_id and a.order_id = d.order_id
    and a.number = d.attempts
  where ${condition} and (o.completed_at is null or d.reason = ${lateAccepted})`;

/**
 * What waits in the staff queues of delivery: held, unknown, or reported unreadably. Orders that
 * became final meanwhile, settled by hand, are in it no more, but those that a provider accepted
 * after that. Each part is found by an index of its own.
 */
export const selectWaiting = sql`
  ${waitingBecause(sql`d.state = 'unknown' and d.due_at is not null`)}
  union all ${waitingBecause(sql`d.reason <> ''`)}`;

/** The staff queues of delivery together, oldest first. */
export async function listWaiting(db: Db, limit: number): Promise<WaitingOrder[]> {
  const found = await sql<WaitingOrder>`
    select * from (${selectWaiting}) waiting
    order by since, "orderId" limit ${limit}`.execute(db);
  return found.rows;
}

/** How the delivery of an order stands. Never shown to customers. */
export type DeliveryState = {
  state: Schema['deliveries']['state'];
  provider: string;
  reason: string;
  externalId: string | null;
  dueAt: Date | null;
};

/** How an order's delivery stands; undefined for one that staff deliver. */
export async function readDelivery(
  db: Db,
  key: { customerId: CustomerId; orderId: OrderId },
): Promise<DeliveryState | undefined> {
  return db
    .selectFrom('deliveries as d')
    .innerJoin('providers as p', 'p.id', 'd.provider_id')
    .select(['d.state', 'p.name as provider', 'd.reason', 'd.external_id as externalId'])
    .select('d.due_at as dueAt')
    .where('d.customer_id', '=', key.customerId)
    .where('d.order_id', '=', key.orderId)
    .executeTakeFirst();
}

/** A step of an order's delivery, for staff. */
export type DeliveryStep = { at: Date; actor: string; kind: string; detail: Json };

/**
 * What happened to an order on its way: its attempts and events, oldest first. An attempt that
 * staff decided ended as unknown, and what they decided is an event of theirs; one that they
 * placed by hand was never sent.
 */
export async function readDeliverySteps(
  db: Db,
  key: { customerId: CustomerId; orderId: OrderId },
): Promise<DeliveryStep[]> {
  const found = await sql<DeliveryStep>`
    with tries as (
      select a.*, p.name as provider, lease_until > started_at as is_sent,
        case when resolved_by like 'staff:%' then 'unknown' else a.state end as ended_as
      from attempts a join providers p on p.id = a.provider_id
      where a.customer_id = ${key.customerId} and a.order_id = ${key.orderId}
    )
    select * from (
      select started_at as at, 'system:forwarder' as actor, 'sent' as kind,
        jsonb_build_object('attempt', number, 'provider', provider, 'service',
          external_service_id) as detail, 0 as rank
      from tries where is_sent
      union all
      select ended_at, case ended_as when 'unknown' then 'system:forwarder'
          else coalesce(resolved_by, 'system:forwarder') end, ended_as,
        jsonb_strip_nulls(jsonb_build_object('attempt', number,
          'externalId', case when ended_as = 'accepted' then external_id end,
          'reason', nullif(reason, ''), 'raw', nullif(raw, ''))), 1
      from tries where is_sent and ended_at is not null
      union all
      select created_at, actor, kind, detail, 2 from delivery_events e
      where customer_id = ${key.customerId} and order_id = ${key.orderId}
        and not (kind = 'unknown' and exists (
          select from tries where number::text = e.detail ->> 'attempt' and ended_as = 'unknown'))
    ) steps order by at, rank`.execute(db);
  return found.rows;
}
