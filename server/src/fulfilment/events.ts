import { sql } from 'kysely';
import { type Actor, type CustomerId, formatActor, type OrderId } from '../base/index.ts';
import { bigints, type Tx } from '../db/index.ts';

/** What happened to an order on its way, besides its attempts. Staff read it in the timeline. */
export type DeliveryEvent = {
  customerId: CustomerId;
  orderId: OrderId;
  kind: DeliveryEventKind;
  detail: Readonly<Record<string, string | number | boolean | null>>;
};

export type DeliveryEventKind =
  /** Waits for staff. */
  | 'held'
  /** Goes to the next route. */
  | 'rerouted'
  /** Nobody knows whether the attempt arrived. */
  | 'unknown'
  /** What became of an unknown attempt was found out. */
  | 'resolved'
  /** An answer that came after the attempt had been decided otherwise. */
  | 'late_answer'
  /** A report that was not applied. */
  | 'flagged'
  /** A decision of staff. */
  | 'decided'
  /** A refill or a cancellation was passed on. */
  | 'forwarded';

/** Appends events; they are never rewritten. */
export async function writeDeliveryEvents(
  tx: Tx,
  events: readonly DeliveryEvent[],
  by: { actor: Actor; at: Date },
): Promise<void> {
  if (events.length === 0) return;
  await sql`
    insert into delivery_events (customer_id, order_id, kind, detail, actor, created_at)
    select e.customer_id, e.order_id, e.kind, e.detail::jsonb, ${formatActor(by.actor)},
      ${by.at}::timestamptz
    from unnest(${events.map((event) => event.customerId)}::int[],
      ${bigints(events.map((event) => event.orderId))},
      ${events.map((event) => event.kind)}::text[],
      ${events.map((event) => JSON.stringify(event.detail))}::text[]
    ) as e (customer_id, order_id, kind, detail)`.execute(tx);
}
