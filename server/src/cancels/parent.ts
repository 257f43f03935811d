import { type Actor, AppError, type OrderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { isFinal, lockOrders } from '../orders/index.ts';
import { cancelHere, planRequests, type Request, toRow } from './request.ts';

/**
 * Cancels a drip-feed or subscription without a customer's request. What does not exist yet is
 * stopped and refunded; one that a provider runs is asked for there, as for a customer.
 * @returns `stopped`, or `requested` for one that goes on until its provider or staff have decided
 * @throws AppError `not_allowed` for a customer, `incorrect_order` when it is no such order,
 *   `conflict` when it is asked for already
 */
export async function cancelParent(
  ctx: Ctx,
  actor: Actor,
  orderId: OrderId,
): Promise<'stopped' | 'requested'> {
  requireStaff(actor, 'orders');
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const order = (await lockOrders(tx, [orderId])).get(orderId);
    const [request] = await planRequests(tx, order === undefined ? [] : [order]);
    const isParent = order?.kind !== 'single' || request?.delivery?.isDripFeed === true;
    if (order === undefined || request === undefined || !isParent) {
      throw new AppError('incorrect_order', `order ${orderId} is no drip-feed or subscription`);
    }
    if (isFinal(order.status)) return 'stopped';
    if (request.delivery !== undefined) await askAgain(tx, request, { actor, at });
    await cancelHere(tx, [request], { actor, at });
    return request.way === 'panel' ? 'stopped' : 'requested';
  });
}

/** Also after staff rejected the customer's own request; one that is open is not doubled. */
async function askAgain(
  tx: Tx,
  request: Request,
  { actor, at }: { actor: Actor; at: Date },
): Promise<void> {
  const { customerId, id: orderId } = request.order;
  const row = toRow(request, at);
  const { customer_id: _, order_id: __, ...changed } = row;
  const written = await tx
    .insertInto('cancels')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['customer_id', 'order_id'])
        .doUpdateSet({ ...changed, failures: 0, note: '' })
        .where('cancels.state', '<>', 'requested'),
    )
    .returning('order_id')
    .executeTakeFirst();
  if (written === undefined) {
    throw new AppError('conflict', `order ${orderId} is asked to be cancelled already`);
  }
  await recordAudit(tx, {
    actor,
    action: 'cancel.request',
    subject: `order:${orderId}`,
    customerId,
    after: { delivery: row.delivery },
    at,
  });
}
