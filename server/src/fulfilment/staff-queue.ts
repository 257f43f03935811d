import { type RawBuilder, sql } from 'kysely';
import type { Amount, OrderId, ServiceId } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import type { OrderStatus } from '../orders/index.ts';
import { exchanged } from '../providers/index.ts';
import { selectWaiting, type WaitingOrder } from './queries.ts';
import { lateAccepted } from './rules.ts';

/** The queues of delivery that staff work through. */
export type DeliveryQueue = 'unknown' | 'held' | 'margin' | 'flagged' | 'late';

/** An order that waits, with what a decision about it moves. Amounts in 10⁻⁸. */
export type QueuedOrder = WaitingOrder & {
  customer: string;
  serviceId: ServiceId;
  service: string;
  kind: 'single' | 'drip_feed' | 'subscription';
  status: OrderStatus;
  remains: bigint;
  charge: Amount;
  refunded: Amount;
  /** What it costs at the provider by its list, in the panel's currency; null: not known. */
  cost: Amount | null;
};

export type QueueCursor = { since: Date; orderId: OrderId };

const pageMax = 100;

/** By the provider's list, in its currency; a subscription costs by its posts. */
const listedCost = sql`case when o.kind <> 'subscription' then l.cost * case
  when o.type in ('Package', 'Custom Comments Package') then 1 else o.quantity / 1000.0 end end`;

/** One queue of delivery, oldest first. What waits is few, so all of it is read and a page kept. */
export async function listQueue(
  db: Db,
  page: { queue: DeliveryQueue; limit: number; after?: QueueCursor },
): Promise<{ orders: QueuedOrder[]; next: QueueCursor | null }> {
  const limit = Math.min(page.limit, pageMax);
  const { after } = page;
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(w.since, w."orderId")
          > (${after.since}::timestamptz, ${after.orderId.toString()}::bigint)`;
  const found = await sql<QueuedOrder>`
    select w.*, c.name as customer, o.service_id as "serviceId", s.name as service, o.kind,
      o.status, o.remains, o.charge, o.refunded,
      round(${exchanged(sql`coalesce(a.cost, ${listedCost})`, 'p')}) as cost
    from (${selectWaiting}) w
    join orders o on o.customer_id = w."customerId" and o.id = w."orderId"
    join services s on s.id = o.service_id
    join customers c on c.id = o.customer_id
    join providers p on p.id = w."providerId"
    left join attempts a on a.customer_id = o.customer_id and a.order_id = o.id
      and a.number = w.attempt and a.provider_id = w."providerId"
    left join provider_services l on l.provider_id = w."providerId"
      and l.external_id = w."externalServiceId"
    where ${conditionOf(page.queue)} and ${beyond}
    order by w.since, w."orderId" limit ${limit + 1}::int`.execute(db);
  const orders = found.rows.slice(0, limit);
  const last = orders.at(-1);
  const hasMore = found.rows.length > limit && last !== undefined;
  return { orders, next: hasMore ? { since: last.since, orderId: last.orderId } : null };
}

function conditionOf(queue: DeliveryQueue): RawBuilder<unknown> {
  switch (queue) {
    case 'unknown':
    case 'margin':
      return sql`w.reason = ${queue}`;
    case 'late':
      return sql`w.reason = ${lateAccepted}`;
    case 'flagged':
      return sql`w.state = 'following'`;
    case 'held':
      return sql`w.state = 'held' and w.reason not in ('unknown', 'margin', ${lateAccepted})`;
  }
}
