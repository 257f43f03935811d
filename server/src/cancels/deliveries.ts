import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  assert,
  type CustomerId,
  type OrderId,
  type ProviderId,
} from '../base/index.ts';
import { bigints, lockEach, onlyOf, onShardsOf, type Tx } from '../db/index.ts';
import { applyReports, type LockedOrder } from '../orders/index.ts';
import type { DeliveryFacts } from './rules.ts';

/** How far an order is with its provider, under the lock of that row. */
export type LockedDelivery = DeliveryFacts & {
  providerId: ProviderId;
  /** A drip-feed that its provider runs: one plain order here. */
  isDripFeed: boolean;
};

const actor: Actor = { kind: 'system', name: 'cancels' };

/**
 * Locks the deliveries of orders that are locked. Whoever sends an order locks the same row first,
 * so until this transaction ends an order that is not sent stays so.
 */
export async function lockDeliveries(
  tx: Tx,
  orders: readonly LockedOrder[],
): Promise<Map<OrderId, LockedDelivery>> {
  const locked = await lockEach(tx, orders, (some, only) => lockSome(tx, some, only));
  return new Map(locked.map((row) => [row.orderId, row]));
}

async function lockSome(
  tx: Tx,
  orders: readonly LockedOrder[],
  only: CustomerId | undefined,
): Promise<(LockedDelivery & { orderId: OrderId })[]> {
  const found = await sql<LockedDelivery & { orderId: OrderId }>`
    select d.order_id as "orderId", d.provider_id as "providerId", d.state, d.reason,
      d.external_id as "externalId", d.is_delegated and o.details ? 'runs' as "isDripFeed", exists (
        select from attempts a where a.customer_id = d.customer_id and a.order_id = d.order_id
          and a.state in ('sending', 'unknown', 'accepted')${onlyOf('a.customer_id', only)}
      ) as "mayBeThere"
    from unnest(${orders.map((order) => order.customerId)}::int[],
      ${bigints(orders.map((order) => order.id))}) as n (customer_id, order_id)
    join deliveries d on d.customer_id = n.customer_id and d.order_id = n.order_id
    join orders o on o.customer_id = n.customer_id and o.id = n.order_id
    where true${onlyOf('d.customer_id', only)}
    order by d.customer_id, d.order_id for update of d`.execute(tx);
  return found.rows;
}

/** Closes deliveries that no provider has; from here on nobody sends them. */
export async function closeUnsent(tx: Tx, orders: readonly LockedOrder[]): Promise<void> {
  const customerIds = orders.map((order) => order.customerId);
  const closed = await sql`
    update deliveries d set state = 'done', due_at = null, reason = ''
    from unnest(${customerIds}::int[],
      ${bigints(orders.map((order) => order.id))}) as n (customer_id, order_id)
    where d.customer_id = n.customer_id and d.order_id = n.order_id
      and (d.state = 'due' or (d.state = 'held' and d.reason <> 'unknown'))
      ${onShardsOf(tx, 'd.customer_id', customerIds)}
    returning d.order_id`.execute(tx);
  assert(closed.rows.length === orders.length, 'what is closed is locked, and not sent');
}

/**
 * Cancels orders that no provider has, and refunds them whole.
 * @throws AppError `money_stopped` when that of one of their customers is
 */
export async function cancelUnsent(
  tx: Tx,
  orders: readonly LockedOrder[],
  at: Date,
): Promise<void> {
  if (orders.length === 0) return;
  await closeUnsent(tx, orders);
  const reports = orders
    .filter((order) => order.kind === 'single')
    .map(({ id: orderId }) => ({ orderId, status: 'Canceled' as const, note: 'was not sent' }));
  const outcomes = await applyReports(tx, { actor, at, reports });
  const held = outcomes.find(({ outcome }) => outcome === 'held');
  if (held !== undefined) throw new AppError('money_stopped', held.reason);
  assert(
    outcomes.every(({ outcome }) => outcome === 'changed'),
    'an order that runs can be cancelled',
  );
}
