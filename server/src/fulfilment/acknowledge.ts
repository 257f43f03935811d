import { sql } from 'kysely';
import { type Actor, AppError, type OrderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit } from '../db/index.ts';
import { lockOrders } from '../orders/index.ts';
import { writeDeliveryEvents } from './events.ts';
import { lateAccepted } from './rules.ts';

/**
 * Takes an order out of the queue that staff have seen to at the provider: one that was taken there
 * after it was closed here, or whose report could not be applied. Here nothing else changes; one
 * that runs there is followed on, and comes back when its provider says something else that can't
 * be applied.
 * @throws AppError `not_allowed` for a customer, `not_found` when the order does not wait for that
 */
export async function acknowledgeDelivery(ctx: Ctx, actor: Actor, orderId: OrderId): Promise<void> {
  requireStaff(actor, 'orders');
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const order = (await lockOrders(tx, [orderId])).get(orderId);
    const none = new AppError('not_found', `order ${orderId} has nothing to acknowledge`);
    if (order === undefined) throw none;
    const { customerId } = order;
    const found = await sql<{ was: string }>`
      with waiting as (
        select customer_id, order_id, reason from deliveries
        where customer_id = ${customerId}
          and order_id = ${orderId} and reason <> ''
          and (state = 'following' or (state = 'done' and reason = ${lateAccepted}))
        for update
      )
      update deliveries d set reason = '' from waiting w
      where d.customer_id = ${customerId} and d.order_id = w.order_id
      returning w.reason as was`.execute(tx);
    const [row] = found.rows;
    if (row === undefined) throw none;
    const { was } = row;
    const detail = { decision: 'acknowledge', was };
    await writeDeliveryEvents(tx, [{ customerId, orderId, kind: 'decided', detail }], {
      actor,
      at,
    });
    await recordAudit(tx, {
      actor,
      action: 'delivery.acknowledge',
      subject: `order:${orderId}`,
      customerId,
      before: { reason: was },
      after: { reason: '' },
      at,
    });
  });
}
