import { sql } from 'kysely';
import { type Actor, AppError, type CustomerId, type OrderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit } from '../db/index.ts';
import { writeDeliveryEvents } from './events.ts';
import { lateAccepted } from './rules.ts';

/**
 * Takes an order out of the queue that a provider took after it was closed here. Staff have seen
 * to it there; here nothing changes.
 * @throws AppError `not_allowed` for a customer, `not_found` when the order does not wait for that
 */
export async function acknowledgeDelivery(ctx: Ctx, actor: Actor, orderId: OrderId): Promise<void> {
  requireStaff(actor, 'orders');
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const found = await sql<{ customerId: CustomerId }>`
      update deliveries set reason = ''
      where customer_id = (select customer_id from orders where id = ${orderId})
        and order_id = ${orderId} and state = 'done' and reason = ${lateAccepted}
      returning customer_id as "customerId"`.execute(tx);
    const [row] = found.rows;
    if (row === undefined) {
      throw new AppError('not_found', `order ${orderId} has nothing to acknowledge`);
    }
    const { customerId } = row;
    const detail = { decision: 'acknowledge', was: lateAccepted };
    await writeDeliveryEvents(tx, [{ customerId, orderId, kind: 'decided', detail }], {
      actor,
      at,
    });
    await recordAudit(tx, {
      actor,
      action: 'delivery.acknowledge',
      subject: `order:${orderId}`,
      customerId,
      before: { reason: lateAccepted },
      after: { reason: '' },
      at,
    });
  });
}
