import { type Actor, type Amount, AppError, amount, formatAmount } from '../base/index.ts';
import type { Tx } from '../db/index.ts';

/**
 * Counts what a member of staff gives a customer to their day (UTC), and refuses what goes over
 * their limit; a block, in the transaction of the gift itself. The row of the member of staff is
 * the lock: two gifts at once take turns, the second sees the first. It is locked last, after
 * wallet and payment. The system, and who works on the machine itself, have no limit.
 * @throws AppError `not_allowed`, naming the limit and what is left of it today
 */
export async function countSpending(
  tx: Tx,
  actor: Actor,
  gift: { amount: Amount; at: Date },
): Promise<void> {
  if (actor.kind !== 'staff' || actor.access === 'full') return;
  const { staffId } = actor.access;
  const day = gift.at.toISOString().slice(0, 10);
  const staff = await tx
    .selectFrom('staff')
    .select('daily_limit as dailyLimit')
    .where('id', '=', staffId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (staff === undefined) throw new AppError('not_allowed', `${actor.name} is not on the staff`);
  const given = await tx
    .selectFrom('staff_spending')
    .select('amount')
    .where('staff_id', '=', staffId)
    .where('day', '=', day)
    .executeTakeFirst();
  const before = given?.amount ?? 0n;
  const { dailyLimit } = staff;
  if (dailyLimit !== null && before + gift.amount > dailyLimit) {
    const left = formatAmount(amount(before < dailyLimit ? dailyLimit - before : 0n));
    const limit = formatAmount(amount(dailyLimit));
    throw new AppError(
      'not_allowed',
      `${actor.name} may give customers ${limit} a day, and has ${left} left today`,
      { detail: `${limit} ${left}` },
    );
  }
  await tx
    .insertInto('staff_spending')
    .values({ staff_id: staffId, day, amount: gift.amount })
    .onConflict((oc) =>
      oc.columns(['staff_id', 'day']).doUpdateSet((eb) => ({
        amount: eb('staff_spending.amount', '+', eb.ref('excluded.amount')),
      })),
    )
    .execute();
}
