import { sql } from 'kysely';
import type { CustomerId, OrderId, ProviderId } from '../base/index.ts';
import type { Db, Json } from '../db/index.ts';

/** An order that waits for staff, with what is known about it. Never shown to customers. */
export type WaitingOrder = {
  customerId: CustomerId;
  orderId: OrderId;
  providerId: ProviderId;
  provider: string;
  /** `unknown`, `margin`, `rejected` …, or `flagged: ` and what the provider said. */
  reason: string;
  since: Date;
  externalId: string | null;
  attempt: number | null;
  attemptReason: string | null;
  raw: string | null;
  evidence: Json | null;
};

/** The staff queue of delivery, oldest first: what is held, unknown, or reported unreadably. */
export async function listWaiting(db: Db, limit: number): Promise<WaitingOrder[]> {
  const found = await sql<WaitingOrder>`
    select d.customer_id as "customerId", d.order_id as "orderId",
      d.provider_id as "providerId", p.name as provider,
      case d.state when 'unknown' then 'unknown' else d.reason end as reason,
      coalesce(a.ended_at, d.created_at) as since, d.external_id as "externalId",
      a.number as attempt, a.reason as "attemptReason", a.raw, a.evidence
    from deliveries d
    join providers p on p.id = d.provider_id
    left join attempts a on a.customer_id = d.customer_id and a.order_id = d.order_id
      and a.number = d.attempts
    where d.reason <> '' or d.state = 'unknown'
    order by coalesce(a.ended_at, d.created_at), d.order_id limit ${limit}`.execute(db);
  return found.rows;
}

/** A step of an order's delivery, for staff. */
export type DeliveryStep = { at: Date; actor: string; kind: string; detail: Json };

/** What happened to an order on its way: its attempts and events, oldest first. */
export async function readDeliverySteps(
  db: Db,
  key: { customerId: CustomerId; orderId: OrderId },
): Promise<DeliveryStep[]> {
  const found = await sql<DeliveryStep>`
    select * from (
      select a.started_at as at, 'system:forwarder' as actor, 'sent' as kind,
        jsonb_build_object('attempt', a.number, 'provider', p.name, 'service',
          a.external_service_id) as detail, 0 as rank
      from attempts a join providers p on p.id = a.provider_id
      where a.customer_id = ${key.customerId} and a.order_id = ${key.orderId}
      union all
      select a.ended_at, coalesce(a.resolved_by, 'system:forwarder'), a.state,
        jsonb_strip_nulls(jsonb_build_object('attempt', a.number, 'externalId', a.external_id,
          'reason', nullif(a.reason, ''), 'raw', nullif(a.raw, ''))), 1
      from attempts a
      where a.customer_id = ${key.customerId} and a.order_id = ${key.orderId}
        and a.ended_at is not null
      union all
      select created_at, actor, kind, detail, 2 from delivery_events
      where customer_id = ${key.customerId} and order_id = ${key.orderId}
    ) steps order by at, rank`.execute(db);
  return found.rows;
}

/** How dispatch does, for the red state: nothing here should stand still. */
export type DispatchState = {
  /** Orders due for more than a minute at providers that take orders. */
  overdue: number;
  oldestDueAt: Date | null;
  lastSentAt: Date | null;
  unknown: number;
  oldestUnknownAt: Date | null;
  waiting: number;
  /** Providers that are stopped for lack of funds or a refused key. */
  stopped: string[];
};

/** Reads the state of dispatch in one statement. */
export async function readDispatchState(db: Db, now: Date): Promise<DispatchState> {
  const found = await sql<DispatchState>`
    select
      (select count(*)::int from deliveries d join providers p on p.id = d.provider_id
        where d.state = 'due' and d.due_at < ${now}::timestamptz - interval '1 minute'
          and p.state = 'on') as overdue,
      (select min(d.due_at) from deliveries d join providers p on p.id = d.provider_id
        where d.state = 'due' and p.state = 'on') as "oldestDueAt",
      (select max(last_sent_at) from providers) as "lastSentAt",
      (select count(*)::int from deliveries d
        where d.state = 'unknown' or d.reason = 'unknown') as unknown,
      (select min(a.ended_at) from attempts a
        join deliveries d on d.customer_id = a.customer_id and d.order_id = a.order_id
          and d.attempts = a.number
        where a.state = 'unknown' and (d.state = 'unknown' or d.reason = 'unknown'))
        as "oldestUnknownAt",
      (select count(*)::int from deliveries where reason <> '') as waiting,
      (select coalesce(array_agg(name order by name), '{}') from providers
        where paused_by in ('funds', 'key')) as stopped`.execute(db);
  const [row] = found.rows;
  if (row === undefined) throw new Error('the state of dispatch is one row');
  return row;
}
