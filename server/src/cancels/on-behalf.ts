import { type Actor, AppError, type OrderId } from '../base/index.ts';
import type { CatalogStore } from '../catalog/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit } from '../db/index.ts';
import { readOwner } from '../orders/index.ts';
import { requestCancelsIn } from './request.ts';

/**
 * Asks for an order to be cancelled in the customer's place, by the customer's rules: what no
 * provider has is cancelled and refunded at once.
 * @throws AppError `not_allowed` for a customer, `incorrect_order` for an unknown order, else what
 *   the customer would be refused by
 */
export async function requestCancelFor(
  ctx: Ctx & { catalog: CatalogStore },
  actor: Actor,
  orderId: OrderId,
): Promise<void> {
  requireStaff(actor, 'orders');
  const at = ctx.clock.now();
  const { customerId } = await readOwner(ctx.db, orderId);
  await inTransaction(ctx.db, async (tx) => {
    const asked = { actor, customerId, orderIds: [orderId] };
    const [outcome] = await requestCancelsIn(tx, ctx, asked);
    if (outcome instanceof AppError) throw outcome;
    await recordAudit(tx, {
      actor,
      action: 'cancel.request',
      subject: `order:${orderId}`,
      customerId,
      at,
    });
  });
}
