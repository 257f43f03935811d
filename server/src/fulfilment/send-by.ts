import { sql } from 'kysely';
import { type Actor, AppError, type OrderId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { type LockedOrder, lockOrders, markDelivered } from '../orders/index.ts';
import { writeDeliveryEvents } from './events.ts';

/** A route of the order's service, and how the order stood before. */
type Sent = { provider: string; from: string | null };

/**
 * Sends an order that was not sent yet by a route of its service, at once: one that is due by
 * another route, or by the same again; or one that staff were to deliver. One that waits for a
 * decision is decided instead, as it may be there already.
 * @throws AppError `not_allowed` for a customer, `not_found` for an unknown order, `conflict` for
 *   one that is final, sent already, waits for a decision, or can't go by that route
 */
export async function sendBy(
  ctx: Ctx,
  actor: Actor,
  input: { orderId: OrderId; position: number },
): Promise<void> {
  requireStaff(actor, 'orders');
  const { orderId, position } = input;
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const order = (await lockOrders(tx, [orderId])).get(orderId);
    if (order === undefined) throw new AppError('not_found', `no order ${orderId}`);
    if (order.completedAt !== null) {
      throw new AppError('conflict', `order ${orderId} is already ${order.status}`);
    }
    const sent =
      (await moveDue(tx, { order, position, at })) ?? (await handOver(tx, { order, position, at }));
    if (sent === undefined) {
      const why = 'it is sent already, waits for a decision, or there is no such route for it';
      throw new AppError('conflict', `order ${orderId} can't go by route ${position}: ${why}`);
    }
    const { customerId } = order;
    const detail = { decision: 'send_by', position, provider: sent.provider };
    await writeDeliveryEvents(tx, [{ customerId, orderId, kind: 'decided', detail }], {
      actor,
      at,
    });
    await recordAudit(tx, {
      actor,
      action: 'delivery.send_by',
      subject: `order:${orderId}`,
      customerId,
      before: { provider: sent.from },
      after: { provider: sent.provider, position },
      at,
    });
  });
}

type Sending = { order: LockedOrder; position: number; at: Date };

/** Under the row's lock nobody is sending it. */
async function moveDue(tx: Tx, { order, position, at }: Sending): Promise<Sent | undefined> {
  const moved = await sql<Sent>`
    with due as (
      select d.*, p.name as from_name from deliveries d join providers p on p.id = d.provider_id
      where d.customer_id = ${order.customerId} and d.order_id = ${order.id} and d.state = 'due'
      for update of d
    )
    update deliveries d set provider_id = r.provider_id, external_service_id = r.external_id,
      route_position = r.position, is_delegated = r.is_delegated, failures = 0,
      due_at = ${at}::timestamptz
    from due, orders o, service_routes r, providers p
    where d.customer_id = due.customer_id and d.order_id = due.order_id
      and o.customer_id = due.customer_id and o.id = due.order_id
      and r.service_id = due.service_id and r.position = ${position}::int
      and (r.is_delegated or not (o.kind = 'subscription' or o.details ? 'runs'))
      and p.id = r.provider_id
    returning p.name as provider, due.from_name as from`.execute(tx);
  return moved.rows[0];
}

/** An order of staff's becomes a provider's; a parent's runs are sent, it itself is not. */
async function handOver(tx: Tx, { order, position, at }: Sending): Promise<Sent | undefined> {
  if (order.kind !== 'single') return undefined;
  const written = await sql<Sent>`
    with written as (
      insert into deliveries (customer_id, order_id, service_id, provider_id,
        external_service_id, route_position, is_delegated, state, due_at, created_at)
      select o.customer_id, o.id, o.service_id, r.provider_id, r.external_id, r.position,
        r.is_delegated, 'due', ${at}::timestamptz, ${at}::timestamptz
      from orders o join service_routes r on r.service_id = o.service_id
        and r.position = ${position}::int
      where o.customer_id = ${order.customerId} and o.id = ${order.id}
        and not o.details ? 'runs'
      on conflict do nothing
      returning provider_id
    )
    select p.name as provider, null as from
    from written join providers p on p.id = provider_id`.execute(tx);
  if (written.rows.length > 0) await markDelivered(tx, order);
  return written.rows[0];
}
