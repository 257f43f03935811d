import { type Actor, AppError, type OrderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import {
  applyReports,
  type LockedOrder,
  lockOrders,
  type OrderReport,
  stopParent,
} from '../orders/index.ts';
import { closeUnsent, type LockedDelivery, lockDeliveries } from './deliveries.ts';
import { isUnsent } from './rules.ts';

/** What staff decide: cancelled whole, cancelled with what is undelivered, or not at all. */
export type CancelDecision =
  | { kind: 'accept' }
  | { kind: 'accept_partly'; remains: bigint }
  | { kind: 'reject' };

/**
 * Decides a customer's cancel request, also one that was passed on; the order's provider is not
 * asked any more then. Accepting settles the order as `Canceled`, or as `Partial` with what
 * remains, and refunds it in the same transaction.
 * @throws AppError `not_allowed` for a customer, `not_found` when no request is open, `conflict`
 *   when the order became final meanwhile, `invalid_input` for impossible remains
 */
export async function decideCancel(
  ctx: Ctx,
  actor: Actor,
  input: { orderId: OrderId; decision: CancelDecision },
): Promise<void> {
  requireStaff(actor, 'orders');
  const { orderId, decision } = input;
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const order = (await lockOrders(tx, [orderId])).get(orderId);
    const deliveries = await lockDeliveries(tx, order === undefined ? [] : [order]);
    const decided =
      order &&
      (await tx
        .updateTable('cancels')
        .set({
          state: decision.kind === 'reject' ? 'rejected' : 'accepted',
          decided_at: at,
          delivery: 'done',
          due_at: null,
        })
        .where('customer_id', '=', order.customerId)
        .where('order_id', '=', orderId)
        .where('state', '=', 'requested')
        .returning('order_id')
        .executeTakeFirst());
    if (order === undefined || decided === undefined) {
      throw new AppError('not_found', `no open cancel request for order ${orderId}`);
    }
    await recordAudit(tx, {
      actor,
      action: 'cancel.decide',
      subject: `order:${orderId}`,
      customerId: order.customerId,
      after: { decision: decision.kind },
      at,
    });
    if (decision.kind === 'reject') return;
    const delivery = deliveries.get(orderId);
    await cancelOrder(tx, order, { actor, at, decision, delivery });
  });
}

type Accepted = {
  actor: Actor;
  at: Date;
  decision: Exclude<CancelDecision, { kind: 'reject' }>;
  delivery: LockedDelivery | undefined;
};

async function cancelOrder(tx: Tx, order: LockedOrder, accepted: Accepted): Promise<void> {
  const { actor, at, decision, delivery } = accepted;
  const { id: orderId } = order;
  if (order.completedAt !== null) {
    throw new AppError('conflict', `order ${orderId} is already ${order.status}`);
  }
  // What is not sent yet is not sent any more.
  if (delivery !== undefined && isUnsent(delivery)) await closeUnsent(tx, [order]);
  if (order.kind !== 'single') {
    if (decision.kind === 'accept') return stopParent(tx, { actor, at, orderId });
    throw new AppError('invalid_input', 'a subscription has no remains: cancel it whole');
  }
  const report: OrderReport =
    decision.kind === 'accept'
      ? { orderId, status: 'Canceled' }
      : { orderId, status: 'Partial', remains: decision.remains };
  const [outcome] = await applyReports(tx, { actor, at, reports: [report] });
  if (outcome?.outcome === 'held') throw new AppError('money_stopped', outcome.reason);
  if (outcome?.outcome !== 'changed') {
    throw new AppError('invalid_input', outcome?.reason ?? 'nothing changed');
  }
}
