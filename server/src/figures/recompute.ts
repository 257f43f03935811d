import { sql } from 'kysely';
import type { Actor } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit } from '../db/index.ts';

/**
 * Has the days (UTC) from `from` on and before `to` summed up anew by the worker, closed ones too;
 * until it has done so they show what they showed. Days whose events are dropped stay as they are.
 * @returns how many days that are
 * @throws AppError `not_allowed`
 */
export async function recomputeFigures(
  ctx: Ctx,
  actor: Actor,
  span: { from: Date; to: Date },
): Promise<number> {
  requireStaff(actor, 'system');
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const opened = await sql`
      update figure_days set is_closed = false, rolled_at = null
      where day >= ${span.from}::timestamptz and day < ${span.to}::timestamptz
        and day >= coalesce((select max(until_time) from archived_months
          where history = 'order_events'), '-infinity')
      returning day`.execute(tx);
    await recordAudit(tx, {
      actor,
      action: 'figures.recompute',
      subject: 'figures',
      after: { from: span.from.toISOString(), to: span.to.toISOString() },
      at,
    });
    return opened.rows.length;
  });
}
