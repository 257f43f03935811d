import { type RawBuilder, sql } from 'kysely';
import { type CustomerId, minuteMs } from '../base/index.ts';
import type { Db } from '../db/index.ts';
import { lateAccepted } from './rules.ts';

/** How dispatch does as a whole: nothing here should stand still. */
export type DispatchState = {
  /** Orders that are due for long at providers which are on and have sent nothing meanwhile. */
  overdue: number;
  oldestDueAt: Date | null;
  /** Orders of which nobody knows whether they arrived, also those that staff have to decide. */
  unknown: number;
  oldestUnknownAt: Date | null;
  /** Orders that wait for staff. */
  waiting: number;
  /** The time of the backup this panel was restored from, until staff confirm that; else null. */
  restoredFrom: Date | null;
  /** Customers whose money is stopped, as their books or orders don't add up; at most 100. */
  moneyStops: CustomerId[];
  /** Names of providers that are stopped for lack of funds or a refused key; for staff alone. */
  stopped: string[];
};

/** Something that is as it should be, or not. The detail names no provider: anybody may read it. */
export type DispatchCheck = {
  name: 'restore' | 'books' | 'dispatch' | 'providers' | 'unknown' | 'waiting';
  ok: boolean;
  detail: string;
};

const stopsShown = 100;
const lateMs = minuteMs;
/** Of a provider that may be called once a minute, an order need not leave within one. */
const lateSlots = 5;
const unknownMs = 15 * minuteMs;

/**
 * Reads the state of dispatch in one statement. Orders that became final meanwhile, settled by
 * hand, wait for nobody. By the indexes of what is due and what waits: its time does not grow
 * with what was ever delivered.
 */
export async function readDispatchState(db: Db, now: Date): Promise<DispatchState> {
  const late = new Date(now.getTime() - lateMs);
  const found = await sql<DispatchState>`
    with still as (
      select count(*)::int as count, min(d.due_at) as oldest from providers p
      join deliveries d on d.provider_id = p.id and d.state = 'due'
        and d.due_at < ${late}::timestamptz
      where p.state = 'on' and (p.last_sent_at is null or p.last_sent_at
        < ${late}::timestamptz - interval '1 minute' * ${lateSlots}::int / p.calls_per_minute_max)
    ), open as (
      ${openBecause(sql`d.state = 'unknown' and d.due_at is not null`)}
      union all ${openBecause(sql`d.reason <> ''`)}
    )
    select
      (select count from still) as overdue, (select oldest from still) as "oldestDueAt",
      (select count(*)::int from open where is_unknown) as unknown,
      (select min(ended_at) from open where is_unknown) as "oldestUnknownAt",
      (select count(*)::int from open where reason <> '') as waiting,
      (select max(backup_at) from restores where confirmed_at is null) as "restoredFrom",
      array(select customer_id from money_stops where lifted_at is null
        order by customer_id limit ${stopsShown}::int) as "moneyStops",
      (select coalesce(array_agg(name order by name), '{}') from providers
        where paused_by in ('funds', 'key')) as stopped`.execute(db);
  const [row] = found.rows;
  if (row === undefined) throw new Error('the state of dispatch is one row');
  return row;
}

const openBecause = (condition: RawBuilder<unknown>) => sql`
  select d.reason, d.reason in ('', 'unknown') as is_unknown, a.ended_at
  from providers p join deliveries d on d.provider_id = p.id
  join orders o on o.customer_id = d.customer_id and o.id = d.order_id
  left join attempts a on a.customer_id = d.customer_id and a.order_id = d.order_id
    and a.number = d.attempts
  where ${condition} and (o.completed_at is null or d.reason = ${lateAccepted})`;

/**
 * What of dispatch is as it should be. Orders that wait for staff are work, and no fault by
 * themselves. Pure.
 */
export function judgeDispatch(state: DispatchState, now: Date): DispatchCheck[] {
  const { overdue, oldestDueAt, unknown, oldestUnknownAt, waiting, stopped } = state;
  const isOld = oldestUnknownAt !== null && now.getTime() - oldestUnknownAt.getTime() > unknownMs;
  const { restoredFrom, moneyStops } = state;
  return [
    {
      name: 'restore',
      ok: restoredFrom === null,
      detail:
        restoredFrom === null
          ? 'nothing waits for a restore to be confirmed'
          : `restored from a backup of ${timeText(restoredFrom)}: nothing is sent until confirmed`,
    },
    {
      name: 'books',
      ok: moneyStops.length === 0,
      detail:
        moneyStops.length === 0
          ? 'what changed adds up'
          : `customers whose money is stopped, as it does not add up: ${moneyStops.length}`,
    },
    {
      name: 'dispatch',
      ok: overdue === 0,
      detail:
        overdue === 0
          ? 'what is due is sent'
          : `due and not sent: ${overdue}, since ${timeText(oldestDueAt)}`,
    },
    {
      name: 'providers',
      ok: stopped.length === 0,
      detail: `out of funds or key refused: ${stopped.length}`,
    },
    {
      name: 'unknown',
      ok: !isOld,
      detail: `unknown whether placed: ${unknown}${
        unknown === 0 ? '' : `, since ${timeText(oldestUnknownAt)}`
      }`,
    },
    { name: 'waiting', ok: true, detail: `waiting for staff: ${waiting}` },
  ];
}

function timeText(at: Date | null): string {
  return at?.toISOString() ?? 'long ago';
}
