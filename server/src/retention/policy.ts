import { type Actor, AppError } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, type Db, inTransaction, recordAudit } from '../db/index.ts';
import type { MonthsKept } from './rules.ts';

/** How long history is kept, and what is done with a month before it goes. */
export type Policy = MonthsKept & {
  /** Whether it is written into a file first. */
  isExported: boolean;
};

const monthsMax = 240;

/** The policy as it is now. */
export async function readPolicy(db: Db): Promise<Policy> {
  return selectPolicy(db).executeTakeFirstOrThrow();
}

/**
 * Changes how long history is kept. What is due by the new policy goes at the worker's next look,
 * within the hour.
 * @throws AppError `not_allowed`, `invalid_input` with the setting's name as its detail
 */
export async function updatePolicy(
  ctx: Ctx,
  actor: Actor,
  changes: Partial<Policy>,
): Promise<void> {
  requireStaff(actor, 'settings');
  for (const name of ['eventsMonths', 'callsMonths'] as const) {
    const months = changes[name] ?? 1;
    if (Number.isInteger(months) && months >= 1 && months <= monthsMax) continue;
    const message = `months are whole numbers from 1 to ${monthsMax}`;
    throw new AppError('invalid_input', message, { detail: name });
  }
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const before = await selectPolicy(tx).forUpdate().executeTakeFirstOrThrow();
    const after = { ...before, ...changes };
    await tx
      .updateTable('retention')
      .set({
        events_months: after.eventsMonths,
        calls_months: after.callsMonths,
        is_exported: after.isExported,
      })
      .execute();
    const change = { before, after, at };
    await recordAudit(tx, { actor, action: 'retention.set', subject: 'retention', ...change });
  });
}

function selectPolicy(db: Db) {
  return db
    .selectFrom('retention')
    .select(['events_months as eventsMonths', 'calls_months as callsMonths'])
    .select('is_exported as isExported');
}
