import { type RawBuilder, sql } from 'kysely';
import {
  countOf,
  everyOrder,
  fingerprint,
  int4,
  int8,
  json,
  numeric,
  prove,
  type Source,
  sumOf,
  text,
} from '../db/index.ts';

/** The state an order is placed in, as events have it; of `orders o`. */
export const placedState = sql`jsonb_build_object(
  'status', case o.kind when 'single' then 'Pending' else 'Active' end,
  'start_count', null, 'remains', o.quantity::text, 'refunded', '0.00')`;

const stateOf = (order: string, state: RawBuilder<unknown>) =>
  json(state)(fingerprint(int4('customer_id'), int8(order)));
const shownOf = (order: string, status: string, remains: string) =>
  fingerprint(int4('customer_id'), int8(order), text(status), text(remains));
const cameTo = (shown: RawBuilder<bigint>, changes: string, refunds: string) =>
  sql`sum(${numeric(refunds)(int8(changes)(shown))})`;

/**
 * Each event beside the one before it of the same order; the last says what all of them came to.
 * States are taken as their fingerprints first, so that little is sorted.
 */
const everyEvent: Source = {
  from: sql`(
    select starts, shown, is_ignored, has_moved,
      lag(ends, 1, starts) over w as previous, lead(id) over w is null as is_last,
      first_value(starts) over w as first_start,
      count(*) filter (where not is_ignored) over w as changes,
      coalesce(sum(refund) filter (where not is_ignored) over w, 0) as refunds
    from (
      select customer_id, order_id, id, refund, kind = 'ignored' as is_ignored,
        before <> after as has_moved, ${stateOf('order_id', sql`before`)} as starts,
        ${stateOf('order_id', sql`after`)} as ends,
        ${shownOf('order_id', "after ->> 'status'", "after ->> 'remains'")} as shown
      from order_events
    ) e
    window w as (partition by customer_id, order_id order by id)
  ) e`,
};
const isChangesLast = sql`is_last and changes > 0`;
const hasChanged = sql`revision <> 0 or refunded <> 0`;

const archivedCount = countOf({ from: sql`archived_months` }, sql`history = 'order_events'`);

/**
 * What the changes of an order came to is what the order says, and an order that says so has such
 * changes. Only where no month is dropped: then all events are there. That an event of the kind
 * `ignored` changes nothing lets the last one stand for the last change.
 */
export const settlements = prove(
  [
    sumOf(
      everyEvent,
      sql`${cameTo(sql`shown`, 'changes', 'refunds')} filter (where ${isChangesLast})`,
    ),
    sumOf(
      everyOrder,
      sql`${cameTo(shownOf('id', 'status', 'remains::text'), 'revision', 'refunded')}
        filter (where ${hasChanged})`,
    ),
    countOf(everyEvent, sql`is_ignored and has_moved`),
    archivedCount,
  ],
  (told, said, moved, archived) => told === said && moved === 0n && archived === 0n,
);

/**
 * Each event begins where the one before ended, and the first where the order was placed; of orders
 * that never changed this says nothing.
 */
export const eventChains = prove(
  [
    countOf(everyEvent, sql`starts is distinct from previous`),
    sumOf(everyEvent, sql`sum(first_start) filter (where ${isChangesLast})`),
    sumOf(everyOrder, sql`sum(${stateOf('id', placedState)}) filter (where ${hasChanged})`),
    archivedCount,
  ],
  (breaks, begun, placed, archived) => breaks === 0n && begun === placed && archived === 0n,
);
