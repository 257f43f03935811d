import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  type CustomerId,
  type OrderId,
  reach,
  type ServiceId,
} from '../base/index.ts';
import type { CatalogStore } from '../catalog/index.ts';
import { bigints, type Ctx, inTransaction, onShardsOf, type Tx } from '../db/index.ts';
import { isFinal, type LockedOrder, lockOrders, stopParent } from '../orders/index.ts';
import { cancelUnsent, type LockedDelivery, lockDeliveries } from './deliveries.ts';
import { refuseCancel } from './refuse.ts';
import { chooseWay, type Way, waitMs } from './rules.ts';

export type CancelOutcome = 'requested' | AppError;

const ordersMax = 100;

/**
 * Asks for orders to be cancelled, answering each in the order asked. What was not sent to a
 * provider is cancelled and refunded at once; what a provider has is due to be cancelled there, and
 * refunded when its status says so; the rest waits for staff. The runs of a drip-feed and the posts
 * of a subscription that don't exist yet are the panel's own to stop, so a parent is stopped, and
 * its remaining runs refunded, at once; existing runs go on. One that a provider runs goes on,
 * and its posts are charged, until the provider says that it has ended.
 * @returns per order `requested`, or why it is refused
 */
export async function requestCancels(
  ctx: Ctx & { catalog: CatalogStore },
  actor: Actor & { kind: 'customer' },
  orderIds: readonly OrderId[],
): Promise<CancelOutcome[]> {
  if (orderIds.length > ordersMax) {
    throw new AppError('invalid_input', `at most ${ordersMax} orders at once`);
  }
  const { customerId } = actor;
  const outcomes = await inTransaction(ctx.db, (tx) =>
    requestCancelsIn(tx, ctx, { actor, customerId, orderIds }),
  );
  await reach('cancel.after_commit');
  return outcomes;
}

/** The block behind it, whoever asks. */
export async function requestCancelsIn(
  tx: Tx,
  ctx: Ctx & { catalog: CatalogStore },
  input: { actor: Actor; customerId: CustomerId; orderIds: readonly OrderId[] },
): Promise<CancelOutcome[]> {
  const { actor, customerId, orderIds } = input;
  const at = ctx.clock.now();
  const orders = await lockOrders(tx, orderIds, customerId);
  const facts = await readFacts(tx, orders);
  const taken: LockedOrder[] = [];
  const outcomes: CancelOutcome[] = [];
  for (const orderId of orderIds) {
    const order = orders.get(orderId);
    const fact = facts.get(orderId);
    if (order === undefined || fact === undefined) {
      outcomes.push(new AppError('incorrect_order', `no order ${orderId}`));
      continue;
    }
    const service = ctx.catalog.current().services.get(fact.serviceId);
    const refusal = refuseCancel({
      isAllowed: service?.cancel === true,
      wasRequested: fact.wasRequested,
      isFinal: isFinal(order.status),
    });
    outcomes.push(refusal ?? 'requested');
    if (refusal !== undefined) continue;
    taken.push(order);
    facts.set(orderId, { ...fact, wasRequested: true });
  }
  const requests = await planRequests(tx, taken);
  const rows = requests.map((one) => toRow(one, at));
  if (rows.length > 0) await tx.insertInto('cancels').values(rows).execute();
  await cancelHere(tx, requests, { actor, at });
  await reach('cancel.before_commit');
  return outcomes;
}

type Fact = { serviceId: ServiceId; wasRequested: boolean };

async function readFacts(
  tx: Tx,
  orders: ReadonlyMap<OrderId, LockedOrder>,
): Promise<Map<OrderId, Fact>> {
  if (orders.size === 0) return new Map();
  const keys = [...orders.values()];
  const customerIds = keys.map((o) => o.customerId);
  const found = await sql<Fact & { id: OrderId }>`
    select o.id, o.service_id as "serviceId", c.order_id is not null as "wasRequested"
    from unnest(${customerIds}::int[], ${bigints(keys.map((o) => o.id))})
      as k (customer_id, id)
    join orders o on o.customer_id = k.customer_id and o.id = k.id
    left join cancels c on c.customer_id = o.customer_id and c.order_id = o.id
    where true${onShardsOf(tx, 'o.customer_id', customerIds)}`.execute(tx);
  return new Map(found.rows.map((row) => [row.id, row]));
}

/** A request that is taken, and the way it goes. */
export type Request = { order: LockedOrder; delivery: LockedDelivery | undefined; way: Way };

/** Locks what the requests are about, and chooses their ways. */
export async function planRequests(tx: Tx, orders: readonly LockedOrder[]): Promise<Request[]> {
  const deliveries = await lockDeliveries(tx, orders);
  return orders.map((order): Request => {
    const delivery = deliveries.get(order.id);
    return { order, delivery, way: chooseWay(order, delivery) };
  });
}

/** Cancels what no provider has; a block. */
export async function cancelHere(
  tx: Tx,
  requests: readonly Request[],
  by: { actor: Actor; at: Date },
): Promise<void> {
  const here = requests.filter(({ way }) => way === 'panel');
  const unsent = here.filter(({ delivery }) => delivery !== undefined);
  await cancelUnsent(
    tx,
    unsent.map(({ order }) => order),
    by.at,
  );
  for (const { order } of here) {
    if (order.kind !== 'single') await stopParent(tx, { ...by, orderId: order.id });
  }
}

/** The request as it is stored. */
export function toRow({ order, delivery, way }: Request, at: Date) {
  const isDecided = way === 'panel';
  const row = {
    customer_id: order.customerId,
    order_id: order.id,
    state: isDecided ? ('accepted' as const) : ('requested' as const),
    requested_at: at,
    decided_at: isDecided ? at : null,
  };
  if (way !== 'provider' && way !== 'wait') {
    return { ...row, delivery: isDecided ? ('done' as const) : ('manual' as const) };
  }
  const dueAt = way === 'wait' ? new Date(at.getTime() + waitMs) : at;
  const providerId = delivery?.providerId ?? null;
  return { ...row, delivery: 'due' as const, provider_id: providerId, due_at: dueAt };
}
