import { sql } from 'kysely';
import { dayMs } from '../base/index.ts';
import { type Ctx, inTransaction, isCluster, type Tx } from '../db/index.ts';
import { addDays, type DueDay, findDueDay, reopenLateDays } from './days.ts';
import { findNumberSpan } from './number-span.ts';
import { figuresOf, sumUp, timedIn, timesOf } from './sums.ts';

const statementTimeout = '10min';

/**
 * Rolls up the day that is due, if one is: its figures are computed anew from orders, transfers and
 * events, and take the place of what was there. So it may be repeated, interrupted and run by
 * several workers, of which one does it.
 * @returns how many days were rolled up: 1 or 0
 */
export async function rollUpDue(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  await addDays(ctx.db, now);
  const due = await findDueDay(ctx.db, now);
  if (due === undefined) return 0;
  return inTransaction(ctx.db, async (tx) => {
    const locked = await sql`
      select from figure_days where day = ${due.day}::timestamptz and not is_closed
      for update skip locked`.execute(tx);
    if (locked.rows.length === 0) return 0;
    await rollUpDay(tx, due, now);
    return 1;
  });
}

async function rollUpDay(tx: Tx, due: DueDay, now: Date): Promise<void> {
  const startedMs = performance.now();
  await allowForWholeDay(tx);
  const span = { from: due.day, to: new Date(due.day.getTime() + dayMs) };
  const summed = await sumUp(tx, { ...span, numbers: await findNumberSpan(tx, span) });
  await sql`delete from figures where day = ${due.day}::timestamptz`.execute(tx);
  await sql`delete from delivery_times where day = ${due.day}::timestamptz`.execute(tx);
  await sql`
    insert into delivery_times (day, provider_id, service_id, bucket, orders)
    select ${due.day}::timestamptz, t.* from (${timesOf(summed)}) t`.execute(tx);
  await sql`
    insert into figures (day, provider_id, service_id, orders, charge, refunded, cost, attempts,
      failures, completed, partial, canceled, uncosted, uncosted_revenue)
    select ${due.day}::timestamptz, f.* from (${figuresOf(summed)}) f
    where (orders, charge, refunded, cost, attempts, completed, partial, canceled, uncosted)
      is distinct from (0, 0, 0, 0, 0, 0, 0, 0, 0)`.execute(tx);
  const { deposits, bonuses, adjustments } = await readMoneyIn(tx, span);
  await sql`
    update figure_days set rolled_at = ${now}::timestamptz, is_closed = ${due.closes}::boolean,
      took_ms = ${Math.round(performance.now() - startedMs)}::int,
      deposits = ${deposits}::numeric, bonuses = ${bonuses}::numeric,
      adjustments = ${adjustments}::numeric
    where day = ${due.day}::timestamptz`.execute(tx);
  if (due.isOver) await reopenLateDays(tx, span);
}

/** A day of a busy panel is more than an ordinary statement may take. */
async function allowForWholeDay(tx: Tx): Promise<void> {
  if (isCluster(tx)) {
    // The shards' planners know nothing of what our sessions are told; they would read all of them.
    await sql`set local citus.propagate_set_commands to 'local'`.execute(tx);
    await sql`set local random_page_cost = 1.1`.execute(tx);
  }
  await sql.raw(`set local statement_timeout = '${statementTimeout}'`).execute(tx);
}

type MoneyIn = { deposits: string; bonuses: string; adjustments: string };

/** What came into wallets from outside, less what left them. */
async function readMoneyIn(tx: Tx, span: { from: Date; to: Date }): Promise<MoneyIn> {
  const found = await sql<MoneyIn>`
    select coalesce(sum(amount * sign) filter (where account = 'deposits'), 0)::text as deposits,
      coalesce(sum(amount * sign) filter (where account = 'bonuses'), 0)::text as bonuses,
      coalesce(sum(amount * sign) filter (where account = 'adjustments'), 0)::text as adjustments
    from (
      select amount, case when credit = 'wallet' then debit else credit end as account,
        case when credit = 'wallet' then 1 else -1 end as sign
      from transfers t where ${timedIn(span, sql`t.created_at`)}
    ) t`.execute(tx);
  return found.rows[0] ?? { deposits: '0', bonuses: '0', adjustments: '0' };
}
