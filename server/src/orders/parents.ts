import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  amount,
  assert,
  type CustomerId,
  type OrderId,
} from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, type Tx } from '../db/index.ts';
import { isFinal, refundOf, type Settlement } from './rules.ts';
import {
  changeOrder,
  finishParents,
  refundTransfer,
  type SettleWork,
  startWork,
  writeWork,
} from './settle.ts';
import { type LockedOrder, lockOrders } from './settle-rows.ts';

/**
 * Stops a drip-feed or a subscription: no further run or post is ordered, and the runs not yet
 * created are refunded at once. Runs that exist go on; the parent is final when they are. Already
 * stopped or final parents stay as they are.
 */
export async function stopParent(
  tx: Tx,
  input: { actor: Actor; at: Date; orderId: OrderId },
): Promise<void> {
  const orders = await lockOrders(tx, [input.orderId]);
  const order = orders.get(input.orderId);
  assert(order !== undefined && order.kind !== 'single', 'stopParent is given a parent');
  if (isFinal(order.status)) return;
  const work = startWork(input.actor, input.at, orders);
  if (order.kind === 'subscription') await endSubscription(tx, work, order);
  else await stopRuns(tx, work, order);
  await writeWork(tx, work);
  await finishParents(tx, work);
}

/**
 * Pauses a drip-feed or subscription, or lets it go on. One that its provider runs can't be paused:
 * the protocol knows no such request.
 * @throws AppError `incorrect_order` for another customer's or an unknown order, `not_allowed` for
 *   staff without the permission, `conflict` for one that is not in the opposite state, or that its
 *   provider runs
 */
export async function setPaused(
  ctx: Ctx,
  actor: Actor,
  input: { orderId: OrderId; isPaused: boolean; note?: string },
): Promise<void> {
  if (actor.kind !== 'customer') requireStaff(actor, 'orders');
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const order = (await lockOrders(tx, [input.orderId])).get(input.orderId);
    const isOwn = actor.kind !== 'customer' || actor.customerId === order?.customerId;
    if (order === undefined || !isOwn) {
      throw new AppError('incorrect_order', `no order ${input.orderId}`);
    }
    if (input.isPaused && (await isRunByProvider(tx, order))) {
      throw new AppError(
        'conflict',
        `order ${order.id} is run elsewhere: it can only be cancelled`,
      );
    }
    await changeActivity(tx, {
      actor,
      at,
      order,
      isPaused: input.isPaused,
      note: input.note ?? '',
    });
  });
}

/** A subscription that is delivered as a whole, or a drip-feed that is one order. */
export async function isRunByProvider(tx: Tx, order: LockedOrder): Promise<boolean> {
  const found = await sql`
    select from deliveries d join orders o on o.customer_id = d.customer_id and o.id = d.order_id
    where d.customer_id = ${order.customerId} and d.order_id = ${order.id} and d.is_delegated
      and (o.kind = 'subscription' or o.details ? 'runs')`.execute(tx);
  return found.rows.length > 0;
}

/** The block behind `setPaused`, on a parent locked in this transaction. */
export async function changeActivity(
  tx: Tx,
  input: { actor: Actor; at: Date; order: LockedOrder; isPaused: boolean; note: string },
): Promise<void> {
  const { order, isPaused } = input;
  const [from, to] = isPaused ? (['Active', 'Paused'] as const) : (['Paused', 'Active'] as const);
  if (order.status !== from) {
    throw new AppError('conflict', `order ${order.id} is ${order.status}, not ${from}`);
  }
  const work = startWork(input.actor, input.at, new Map([[order.id, order]]));
  const next: Settlement = { ...order, status: to };
  changeOrder(work, order, { next, note: input.note });
  await writeWork(tx, work);
}

async function stopRuns(tx: Tx, work: SettleWork, parent: LockedOrder): Promise<void> {
  const stopped = await tx
    .updateTable('drip_feeds')
    .set({ next_run_at: null, stopped_at: work.at })
    .where('customer_id', '=', parent.customerId)
    .where('order_id', '=', parent.id)
    .where('next_run_at', 'is not', null)
    .returning(['quantity_per_run as quantityPerRun', 'runs', 'runs_done as runsDone'])
    .executeTakeFirst();
  if (stopped === undefined) return;
  const undelivered = stopped.quantityPerRun * BigInt(stopped.runs - stopped.runsDone);
  const refund = refundOf(parent, undelivered);
  const next: Settlement = { ...parent, refunded: amount(parent.refunded + refund) };
  changeOrder(work, parent, { next, kind: 'runs_stopped' });
  if (refund > 0n) work.transfers.push(refundTransfer(parent, refund));
}

async function endSubscription(tx: Tx, work: SettleWork, parent: LockedOrder): Promise<void> {
  await dropDuePosts(tx, parent);
  const next: Settlement = { ...parent, status: 'Canceled' };
  changeOrder(work, parent, { next });
}

/** Announced posts of a subscription that ended are never ordered. */
export async function dropDuePosts(
  tx: Tx,
  parent: { customerId: CustomerId; id: OrderId },
): Promise<void> {
  await tx
    .updateTable('subscription_posts')
    .set({ due_at: null })
    .where('customer_id', '=', parent.customerId)
    .where('order_id', '=', parent.id)
    .where('due_at', 'is not', null)
    .execute();
}
