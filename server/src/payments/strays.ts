import { type Actor, AppError, formatActor, type PaymentMethodId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, type Db, inTransaction, type Json, recordAudit } from '../db/index.ts';

/** What a gateway reported of a payment nobody knows. */
export type Stray = {
  id: bigint;
  methodId: PaymentMethodId;
  methodName: string;
  eventId: string;
  chargeId: string | null;
  report: Json;
  createdAt: Date;
};

/** Stray reports that wait for staff, oldest first, those after `after`. */
export async function listStrays(db: Db, limit: number, after = 0n): Promise<Stray[]> {
  return db
    .selectFrom('payment_strays as s')
    .innerJoin('payment_methods as m', 'm.id', 's.method_id')
    .select(['s.id', 's.method_id as methodId', 'm.name as methodName'])
    .select(['s.external_event_id as eventId', 's.charge_id as chargeId', 's.report'])
    .select(['s.created_at as createdAt'])
    .where('s.state', '=', 'open')
    .where('s.id', '>', after)
    .orderBy('s.id')
    .limit(limit)
    .execute();
}

/**
 * Takes a stray report off the list: it is about nothing of this panel.
 * @throws AppError `not_allowed`, `not_found` when it is not there, or not open any more
 */
export async function dismissStray(ctx: Ctx, actor: Actor, strayId: bigint): Promise<void> {
  requireStaff(actor, 'payments');
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const dismissed = await tx
      .updateTable('payment_strays')
      .set({ state: 'dismissed', decided_by: formatActor(actor), decided_at: at })
      .where('id', '=', strayId)
      .where('state', '=', 'open')
      .returning('report')
      .executeTakeFirst();
    if (dismissed === undefined) throw new AppError('not_found', `no open report ${strayId}`);
    const subject = `payment_stray:${strayId}`;
    const before = dismissed.report;
    await recordAudit(tx, { actor, action: 'payment_stray.dismiss', subject, before, at });
  });
}
