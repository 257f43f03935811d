import { sql } from 'kysely';
import { type Actor, assertNever, type OrderId, type ProviderId } from '../base/index.ts';
import {
  bigints,
  type Ctx,
  claimDueRows,
  inTransaction,
  lockEach,
  onlyOf,
  type Tx,
} from '../db/index.ts';
import { type LockedOrder, lockOrders, raiseVersions } from '../orders/index.ts';
import { cancelHere, planRequests, type Request } from './request.ts';
import { waitMs } from './rules.ts';

const cancelsPerRoundMax = 100;
const closedPerRoundMax = 500;
const actor: Actor = { kind: 'system', name: 'cancels' };

/**
 * Looks again at cancellations that wait until it is known whether a provider has the order. Once
 * it surely has not, the order is cancelled and refunded; once it has, the provider is asked; what
 * is final by now is done.
 * @returns how many were looked at
 */
export async function resolveCancels(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    // Looked for without locks, as the locks have to be taken in the order of everywhere: order,
    // delivery, cancellation.
    const found = await sql<{ orderId: OrderId }>`
      select c.order_id as "orderId"
      from cancels c
      join orders o on o.customer_id = c.customer_id and o.id = c.order_id
      join deliveries d on d.customer_id = c.customer_id and d.order_id = c.order_id
      join wallets w on w.customer_id = c.customer_id and w.stopped_at is null
      where c.delivery = 'due' and c.due_at <= ${now}::timestamptz
        and (d.external_id is null or d.provider_id <> c.provider_id
          or o.completed_at is not null or d.state <> 'following')
      order by c.due_at limit ${cancelsPerRoundMax}`.execute(tx);
    if (found.rows.length === 0) return 0;
    const orders = await lockOrders(
      tx,
      found.rows.map((row) => row.orderId),
    );
    const asked = found.rows.flatMap((row) => orders.get(row.orderId) ?? []);
    const requests = await planRequests(tx, asked);
    const due = await lockDue(tx, asked, now);
    const waiting = requests.filter(({ order }) => due.has(order.id));
    await cancelTogether(tx, waiting, now);
    for (const request of waiting) await resolveCancel(tx, request, now);
    return asked.length;
  });
}

/** Which of the cancellations still wait, now that nobody else can change them. */
async function lockDue(tx: Tx, orders: readonly LockedOrder[], now: Date): Promise<Set<OrderId>> {
  const rows = await lockEach(tx, orders, async (some, only) => {
    const found = await sql<{ orderId: OrderId }>`
      select order_id as "orderId" from cancels
      where order_id = any(${bigints(some.map((order) => order.id))}) and delivery = 'due'
        and due_at <= ${now}::timestamptz${onlyOf('customer_id', only)}
      order by customer_id, order_id for update`.execute(tx);
    return found.rows;
  });
  return new Set(rows.map((row) => row.orderId));
}

/** Cancels what no provider has, of all customers together. */
async function cancelTogether(tx: Tx, waiting: readonly Request[], at: Date): Promise<void> {
  const here = waiting.filter(({ order, way }) => order.completedAt === null && way === 'panel');
  // Subscriptions, which follow one by one, raise them after wallets are locked.
  await raiseVersions(
    tx,
    here.map(({ order }) => order.customerId),
  );
  await cancelHere(tx, here, { actor, at });
}

/** Notes what a request has come to, or where it goes from here. */
async function resolveCancel(tx: Tx, request: Request, now: Date): Promise<void> {
  const { order, delivery, way } = request;
  if (order.completedAt !== null) return finish(tx, order, { state: endOf(order.status), now });
  switch (way) {
    case 'panel':
      return finish(tx, order, { state: 'accepted', now });
    case 'manual':
      return move(tx, order, { delivery: 'manual', due_at: null });
    case 'provider':
    case 'wait': {
      const dueAt = way === 'provider' ? now : new Date(now.getTime() + waitMs);
      return move(tx, order, { provider_id: delivery?.providerId ?? null, due_at: dueAt });
    }
    default:
      return assertNever(way);
  }
}

/** What a request has come to by how its order ended. */
function endOf(status: string): 'accepted' | 'rejected' {
  return status === 'Canceled' || status === 'Partial' ? 'accepted' : 'rejected';
}

async function move(
  tx: Tx,
  order: LockedOrder,
  to: { delivery?: 'manual'; provider_id?: ProviderId | null; due_at: Date | null },
): Promise<void> {
  await tx
    .updateTable('cancels')
    .set(to)
    .where('customer_id', '=', order.customerId)
    .where('order_id', '=', order.id)
    .execute();
}

/** Nothing more is done for a request; one that staff decided meanwhile stays as they did. */
async function finish(
  tx: Tx,
  order: LockedOrder,
  end: { state: 'accepted' | 'rejected'; now: Date },
): Promise<void> {
  await sql`
    update cancels set delivery = 'done', due_at = null,
      state = case when state = 'requested' then ${end.state} else state end,
      decided_at = coalesce(decided_at, ${end.now}::timestamptz)
    where customer_id = ${order.customerId} and order_id = ${order.id}`.execute(tx);
}

/**
 * Closes requests that a provider has taken, or that wait for staff, and whose orders are final by
 * now: how an order ended decides what was asked. At most some hundreds at a time; one that others
 * hold is left for the next.
 * @returns how many there were
 */
export async function closeCancels(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  const over = sql`from cancels c
    join orders o on o.customer_id = c.customer_id and o.id = c.order_id
    where c.state = 'requested' and c.delivery in ('following', 'manual')
      and o.completed_at is not null`;
  const query = { due: over, customerId: 'c.customer_id', limit: closedPerRoundMax };
  const closed = await claimDueRows(ctx.db, query, async (only, limit) => {
    const { rows } = await sql`
      with over as (
        select c.customer_id, c.order_id, o.status ${over}${onlyOf('c.customer_id', only)}
        order by c.customer_id, c.order_id limit ${limit}
        for update of c skip locked
      )
      update cancels c set delivery = 'done', decided_at = ${now}::timestamptz,
        state = case when o.status in ('Canceled', 'Partial') then 'accepted' else 'rejected' end
      from over o where o.customer_id = c.customer_id and o.order_id = c.order_id
        ${onlyOf('c.customer_id', only)}
      returning c.order_id`.execute(ctx.db);
    return rows;
  });
  return closed.length;
}
