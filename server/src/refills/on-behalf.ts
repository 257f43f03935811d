import { type Actor, AppError, type OrderId, type RefillId } from '../base/index.ts';
import type { CatalogStore } from '../catalog/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit } from '../db/index.ts';
import { readOwner } from '../orders/index.ts';
import { requestRefillsIn } from './request.ts';

/**
 * Asks for a refill in the customer's place, by the customer's rules.
 * @throws AppError `not_allowed` for a customer, `incorrect_order` for an unknown order, else what
 *   the customer would be refused by
 */
export async function requestRefillFor(
  ctx: Ctx & { catalog: CatalogStore },
  actor: Actor,
  orderId: OrderId,
): Promise<RefillId> {
  requireStaff(actor, 'orders');
  const at = ctx.clock.now();
  const { customerId } = await readOwner(ctx.db, orderId);
  return inTransaction(ctx.db, async (tx) => {
    const [outcome] = await requestRefillsIn(tx, ctx, { customerId, orderIds: [orderId] });
    if (outcome === undefined) throw new Error('one order has one outcome');
    if (outcome instanceof AppError) throw outcome;
    await recordAudit(tx, {
      actor,
      action: 'refill.request',
      subject: `refill:${outcome.refillId}`,
      customerId,
      after: { order: orderId.toString() },
      at,
    });
    return outcome.refillId;
  });
}
