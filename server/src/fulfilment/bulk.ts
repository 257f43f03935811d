import { type Actor, AppError, assertNever, type OrderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import type { Ctx } from '../db/index.ts';
import { type OrderStatus, settleOrder } from '../orders/index.ts';
import { acknowledgeDelivery } from './acknowledge.ts';
import { decideDelivery } from './decide.ts';

/** What staff do with several orders at once. */
export type BulkAct =
  | { kind: 'settle'; status: OrderStatus; note?: string }
  | { kind: 'send_again' }
  | { kind: 'refund' }
  | { kind: 'acknowledge' }
  /** Requests have folders beside this one, so whoever calls hands their command in. */
  | { kind: 'request'; request: (orderId: OrderId) => Promise<unknown> };

/** `failed`: by a mistake of the panel's own, which its log tells. */
export type BulkOutcome = AppError | 'failed' | null;

const ordersMax = 100;

/**
 * Does the same with each of some orders, in a transaction each, so that one that is refused takes
 * no other along, nor does one of which something failed. Sending again and refunding are for
 * orders that wait for a decision, acknowledging for flagged and late accepted ones.
 * @returns per order, as they were named, the refusal; null: it is done
 * @throws AppError `not_allowed` for a customer, `invalid_input` for more than 100
 */
export async function actOnOrders(
  ctx: Ctx,
  actor: Actor,
  input: { orderIds: readonly OrderId[]; act: BulkAct },
): Promise<BulkOutcome[]> {
  requireStaff(actor, 'orders');
  const { orderIds, act } = input;
  if (orderIds.length > ordersMax) {
    throw new AppError('invalid_input', `at most ${ordersMax} orders at once`);
  }
  const outcomes: BulkOutcome[] = [];
  for (const orderId of orderIds) {
    try {
      await actOn(ctx, actor, { orderId, act });
      outcomes.push(null);
    } catch (error) {
      if (error instanceof AppError) outcomes.push(error);
      else {
        // What was done with those before it is committed, and has to be told.
        ctx.log.error({ error, orderId, act: act.kind }, 'one of several orders failed');
        outcomes.push('failed');
      }
    }
  }
  return outcomes;
}

async function actOn(
  ctx: Ctx,
  actor: Actor,
  { orderId, act }: { orderId: OrderId; act: BulkAct },
): Promise<void> {
  switch (act.kind) {
    case 'settle': {
      const { status, note } = act;
      await settleOrder(ctx, actor, { orderId, status, ...(note && { note }) });
      return;
    }
    case 'send_again':
    case 'refund':
      return decideDelivery(ctx, actor, { orderId, decision: { kind: act.kind } });
    case 'acknowledge':
      return acknowledgeDelivery(ctx, actor, orderId);
    case 'request':
      await act.request(orderId);
      return;
    default:
      return assertNever(act);
  }
}
