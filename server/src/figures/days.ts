import { sql } from 'kysely';
import { dayMs, hourMs } from '../base/index.ts';
import type { Db } from '../db/index.ts';

/** A day (its midnight, UTC) that is due to be rolled up. */
export type DueDay = { day: Date; closes: boolean };

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
    select day, ${now}::timestamptz >= ended + interval '1 day' * ${openDays}::int as closes
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
