import { type Actor, AppError, type RefillId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit } from '../db/index.ts';
import type { RefillStatus } from './request.ts';

/** Where a refill may go from where it is; a decided refill stays as it is. */
const nextStatuses: Readonly<Record<RefillStatus, readonly RefillStatus[]>> = {
  Pending: ['In progress', 'Completed', 'Rejected', 'Error'],
  'In progress': ['Completed', 'Rejected', 'Error'],
  Completed: [],
  Rejected: [],
  Error: [],
};

/**
 * Moves a refill: staff start, complete or reject it. The same status again changes nothing.
 * @throws AppError `not_allowed` for a customer, `refill_not_found`, `conflict` for a decided
 *   refill
 */
export async function decideRefill(
  ctx: Ctx,
  actor: Actor,
  input: { refillId: RefillId; status: RefillStatus },
): Promise<void> {
  requireStaff(actor);
  const { refillId, status } = input;
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const refill = await tx
      .selectFrom('refills')
      .select(['customer_id', 'status'])
      .where('id', '=', refillId)
      .forUpdate()
      .executeTakeFirst();
    if (refill === undefined) throw new AppError('refill_not_found', `no refill ${refillId}`);
    if (refill.status === status) return;
    if (!nextStatuses[refill.status].includes(status)) {
      throw new AppError('conflict', `refill ${refillId} is ${refill.status} and stays so`);
    }
    await tx
      .updateTable('refills')
      .set({ status, updated_at: at })
      .where('customer_id', '=', refill.customer_id)
      .where('id', '=', refillId)
      .where('status', '=', refill.status)
      .execute();
    await recordAudit(tx, {
      actor,
      action: 'refill.decide',
      subject: `refill:${refillId}`,
      customerId: refill.customer_id,
      before: { status: refill.status },
      after: { status },
      at,
    });
  });
}
