import { type RawBuilder, sql } from 'kysely';
import {
  byEnd,
  countOf,
  everyChange,
  everyOrder,
  int4,
  keyOf,
  onto,
  orderKey,
  prove,
  proveAll,
  sumOf,
  text,
} from '../db/index.ts';

const placedStatus = "case o.kind when 'single' then 'Pending' else 'Active' end";
const noRefund = "'0.00'";

/** The state an order is placed in, as events have it; of `orders o`. */
export const placedState = sql`jsonb_build_object('status', ${sql.raw(placedStatus)},
  'start_count', null, 'remains', o.quantity::text, 'refunded', ${sql.raw(noRefund)})`;

/** A state of an order, and how many changes came before it. */
function stateOf(revision: string, fields: readonly string[]): RawBuilder<unknown> {
  const shown = fields.map((field) => text(`coalesce(${field}, '')`));
  return sql`sum(${onto(orderKey, int4(revision), ...shown)})`;
}
const inEvent = (side: 'before' | 'after', revision: string) =>
  stateOf(revision, [
    ...[`status_${side}`, `${side} ->> 'start_count'`],
    ...[`${side} ->> 'remains'`, `${side} ->> 'refunded'`],
  ]);
/** As `formatAmount` writes it. */
const refundedText = `case refunded when 0 then ${noRefund}
  else to_char(refunded / 100000000.0, 'FM99999999999990.00999999') end`;

const isChange = sql`is_change`;
const hasChanged = sql`revision <> 0 or refunded <> 0`;

/**
 * Every change leads from a state of its order to the next, with numbers that grow by one. What is
 * left when each state that is come to is taken off those that are gone from is where orders were
 * placed, and where they are now: so the history of each has no gap, begins and ends as the order
 * does, and has as many changes. Of events that changed nothing this says nothing. Only where no
 * month is dropped: then all events are there.
 */
export const eventChains = prove(
  [
    sumOf(everyChange, sql`${inEvent('after', 'revision')} filter (where ${isChange})`),
    sumOf(everyChange, sql`${inEvent('before', 'revision - 1')} filter (where ${isChange})`),
    sumOf(
      everyOrder,
      sql`${stateOf('revision', ['status', 'start_count::text', 'remains::text', refundedText])}
        filter (where ${hasChanged})`,
    ),
    sumOf(
      everyOrder,
      sql`${stateOf('0', [placedStatus, 'null', 'quantity::text', noRefund])}
        filter (where ${hasChanged})`,
    ),
    countOf({ from: sql`archived_months` }, sql`history = 'order_events'`),
  ],
  (after, before, now, placed, archived) => after - before === now - placed && archived === 0n,
);

/** For amounts: a sum of them times it is one of each order at once. */
export const ofOrder = (order: string) => sql`${keyOf(order)}::numeric`;

/** What orders say was given back, by the day on which they ended. */
export const refundedOfOrders = sumOf(
  everyOrder,
  sql`sum(${orderKey}::numeric * refunded) filter (where refunded <> 0)`,
  byEnd,
);

/** What the changes of an order came to, and gave back, is what the order says. */
export const settlements = proveAll(
  eventChains,
  prove(
    [
      sumOf(
        everyChange,
        sql`sum(${orderKey}::numeric * refund) filter (where refund <> 0 and ${isChange})`,
      ),
      refundedOfOrders,
    ],
    (given, said) => given === said,
  ),
);
