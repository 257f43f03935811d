import { sql } from 'kysely';
import { type Amount, AppError, zero } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import {
  type OrderEventView,
  type OrderKey,
  type OrderStatus,
  readTimeline,
} from '../orders/index.ts';
import { readDeliverySteps } from './queries.ts';

/** Something that happened to an order, with who did it. For staff alone. */
export type TimelineEntry = OrderEventView;

/**
 * All that happened to an order, oldest first: what changed it, and how it went to its provider. A
 * step of delivery has what is known about it as `after`, and nothing `before`.
 */
export async function readStaffTimeline(db: Db, key: OrderKey): Promise<TimelineEntry[]> {
  const steps = await readDeliverySteps(db, key);
  const events = await readTimeline(db, key);
  const entries = steps.map(
    ({ detail, ...step }): TimelineEntry => ({
      ...step,
      before: {},
      after: detail,
      refund: zero,
      note: '',
    }),
  );
  // The sort is stable, and a report that changes the order follows what brought it.
  return [...entries, ...events].sort((one, other) => one.at.getTime() - other.at.getTime());
}

/** How an order stood from a moment on, as its customer may read it. */
export type CustomerEntry = {
  at: Date;
  status: OrderStatus;
  startCount: bigint | null;
  remains: bigint;
  /** What went back to the balance then; below 0 where it was taken back. */
  refund: Amount;
};

/**
 * What a customer may know of an order: how it was placed, and every change of its status, counts
 * and charge since. It reads nothing of delivery, and of events no actor and no note, so whoever
 * delivers it and what they say can't be in it.
 * @throws AppError `incorrect_order` for an unknown order or another customer's
 */
export async function readCustomerTimeline(db: Db, key: OrderKey): Promise<CustomerEntry[]> {
  const found = await sql<CustomerEntry>`
    with events as (
      select id, created_at, before, after, refund from order_events
      where customer_id = ${key.customerId} and order_id = ${key.orderId} and kind <> 'ignored'
    )
    select at, status, "startCount", remains, refund from (
      select 0 as id, o.created_at as at, coalesce(e.before ->> 'status', o.status) as status,
        (case when e.id is null then o.start_count::text else e.before ->> 'start_count'
          end)::bigint as "startCount",
        coalesce((e.before ->> 'remains')::bigint, o.remains) as remains, 0::bigint as refund
      from orders o left join (select * from events order by id limit 1) e on true
      where o.customer_id = ${key.customerId} and o.id = ${key.orderId}
      union all
      select id, created_at, after ->> 'status', (after ->> 'start_count')::bigint,
        (after ->> 'remains')::bigint, refund
      from events
    ) entries order by id`.execute(db);
  if (found.rows.length > 0) return found.rows;
  throw new AppError('incorrect_order', `no order ${key.orderId}`);
}
