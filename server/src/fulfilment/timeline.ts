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

/** What is left of an order's history. */
export type CustomerTimeline = {
  entries: CustomerEntry[];
  /** How many changes after its placing are not there any more. */
  archived: number;
};

/**
 * What a customer may know of an order: how it was placed, and every change of its status, counts
 * and charge since. It reads nothing of delivery, and of events no actor and no note, so whoever
 * delivers it and what they say can't be in it. Where the last of them are dropped, the order as it
 * is stands for its end; what went back to the balance then is in its statement.
 * @throws AppError `incorrect_order` for an unknown order or another customer's
 */
export async function readCustomerTimeline(db: Db, key: OrderKey): Promise<CustomerTimeline> {
  const found = await sql<CustomerEntry & { archived: number }>`
    with events as (
      select id, created_at, before, after, refund from order_events
      where customer_id = ${key.customerId} and order_id = ${key.orderId} and kind <> 'ignored'
    ), placed as (
      select *, (revision - (select count(*) from events))::int as archived from orders
      where customer_id = ${key.customerId} and id = ${key.orderId}
    )
    select at, status, "startCount", remains, refund, archived from (
      select 0 as id, o.created_at as at, case o.kind when 'single' then 'Pending' else 'Active' end
          as status, null::bigint as "startCount", o.quantity as remains, 0::bigint as refund,
        archived
      from placed o
      union all
      select id, created_at, after ->> 'status', (after ->> 'start_count')::bigint,
        (after ->> 'remains')::bigint, refund, 0
      from events
      union all
      select 1, coalesce(completed_at, updated_at), status, start_count, remains, 0, 0
      from placed where archived > 0 and archived = revision
    ) entries order by id`.execute(db);
  const [first] = found.rows;
  if (first === undefined) throw new AppError('incorrect_order', `no order ${key.orderId}`);
  const entries = found.rows.map(({ archived: _, ...entry }) => entry);
  return { entries, archived: first.archived };
}

/** How many changes of an order are not in its timeline any more, as their months are dropped. */
export async function countArchived(db: Db, key: OrderKey): Promise<number> {
  const found = await sql<{ archived: number }>`
    select (revision - (select count(*) from order_events e where e.customer_id = o.customer_id
      and e.order_id = o.id and e.kind <> 'ignored'))::int as archived
    from orders o where customer_id = ${key.customerId} and id = ${key.orderId}`.execute(db);
  return found.rows[0]?.archived ?? 0;
}
