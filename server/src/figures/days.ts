import { sql } from 'kysely';
import { dayMs, hourMs } from '../base/index.ts';
import { type Db, midnight, timestamps } from '../db/index.ts';
import { findNumberSpan } from './number-span.ts';
import { timedIn } from './sums.ts';
import { eventsSince } from './verify-days.ts';

/** A day (its midnight, UTC) that is due to be rolled up. */
export type DueDay = {
  day: Date;
  /** Whether it is over, and what was begun in it is committed. */
  isOver: boolean;
  closes: boolean;
};

/** How often the running day is rolled up at most, and which part of the time that may take. */
const everyMs = 60_000;
const busyOneIn = 50;
/** An answer of a provider, or a decision of staff, can come some days after the order. */
const openDays = 3;
/** What was begun before midnight is committed by then. */
const graceMs = hourMs;
const daysMax = 3_660;

/** The midnight (UTC) a moment's day began at. Pure. */
export function startOfDay(at: Date): Date {
  return new Date(Math.floor(at.getTime() / dayMs) * dayMs);
}

/**
 * Makes sure that every day from the first customer's on has a row. Days of a time when no worker
 * ran are among them.
 */
export async function addDays(db: Db, now: Date): Promise<void> {
  const today = startOfDay(now);
  const earliest = new Date(today.getTime() - daysMax * dayMs);
  await sql`
    insert into figure_days (day)
    select generate_series(greatest(${earliest}::timestamptz, coalesce(
        (select max(day) from figure_days where day <= ${today}::timestamptz),
        (select date_trunc('day', created_at, 'UTC') from customers order by id limit 1),
        ${today}::timestamptz)),
      ${today}::timestamptz, interval '24 hours')
    on conflict do nothing`.execute(db);
}

/**
 * The open day that is due, the newest first: the running day after a minute, or later where
 * rolling it up takes long; one that is over an hour after its end and on each of the three days
 * that follow, with the last of which it is closed.
 */
export async function findDueDay(db: Db, now: Date): Promise<DueDay | undefined> {
  const today = startOfDay(now);
  const found = await sql<DueDay>`
    select day, ${now}::timestamptz >= ended as "isOver",
      ${now}::timestamptz >= ended + interval '1 day' * ${openDays}::int as closes
    from (
      select *, day + interval '24 hours' + interval '1 millisecond' * ${graceMs}::int as ended
      from figure_days where not is_closed
    ) d
    where day <= ${today}::timestamptz and (rolled_at is null
      or rolled_at > ${now}::timestamptz + interval '1 millisecond' * ${graceMs}::int
      or case when day = ${today}::timestamptz
        then rolled_at + interval '1 millisecond'
          * greatest(${everyMs}::int, took_ms * ${busyOneIn}::bigint) <= ${now}::timestamptz
        else ${now}::timestamptz >= ended and rolled_at < ended + interval '1 day' * least(
          ${openDays}::int, floor(extract(epoch from ${now}::timestamptz - ended) / 86400)::int)
        end)
    order by day desc limit 1`.execute(db);
  return found.rows[0];
}

type LateDay = { day: Date; acceptedAt: Date };

/**
 * Opens closed days again whose orders were accepted by their providers after the day was summed up
 * last, as events of these orders in a span that is over tell: their cost is of the day they were
 * placed on, and what comes back of it would be taken off a day, and the cost nowhere be added.
 * Days whose events are dropped stay as they are.
 */
export async function reopenLateDays(db: Db, span: { from: Date; to: Date }): Promise<void> {
  // Nearly all events are of orders of the last days: these are left out before any is looked up.
  const before = new Date(span.to.getTime() - openDays * dayMs);
  const { last } = await findNumberSpan(db, { from: before, to: before });
  const late = await sql<LateDay>`
    select ${midnight('o.created_at')} as day, max(d.accepted_at) as "acceptedAt"
    from order_events e
    join deliveries d on d.customer_id = e.customer_id and d.order_id = e.order_id
    join orders o on o.customer_id = e.customer_id and o.id = e.order_id and o.kind = 'single'
    where ${timedIn(span, sql`e.created_at`)} and e.order_id <= ${last}
      and d.accepted_at > o.created_at + interval '1 day' * ${openDays}::int
    group by 1`.execute(db);
  if (late.rows.length === 0) return;
  await sql`
    update figure_days set is_closed = false, rolled_at = null
    where day in (
      select f.day
      from unnest(${timestamps(late.rows.map(({ day }) => day))},
        ${timestamps(late.rows.map(({ acceptedAt }) => acceptedAt))}) as l (day, accepted_at)
      join figure_days f on f.day = l.day
      where f.is_closed and f.day >= ${eventsSince}
        and f.rolled_at < l.accepted_at + interval '1 millisecond' * ${graceMs}::int
      order by f.day for update of f)`.execute(db);
}
