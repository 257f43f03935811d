import { sql } from 'kysely';
import {
  type Actor,
  type Amount,
  type CustomerId,
  formatActor,
  formatAmount,
  type OrderId,
} from '../base/index.ts';
import type { ServiceType } from '../catalog/index.ts';
import {
  bigints,
  isCluster,
  lockable,
  onlyOf,
  onShardsOf,
  type Schema,
  type Tx,
  timestamps,
} from '../db/index.ts';
import { isFinal, type OrderStatus, type Settlement } from './rules.ts';

/** An order's row, locked until the transaction ends. */
export type LockedOrder = {
  customerId: CustomerId;
  id: OrderId;
  kind: Schema['orders']['kind'];
  type: ServiceType;
  status: OrderStatus;
  quantity: bigint;
  charge: Amount;
  refunded: Amount;
  startCount: bigint | null;
  remains: bigint;
  parentId: OrderId | null;
  run: number | null;
  revision: number;
  completedAt: Date | null;
  /** Its customer's money is stopped: nothing can be refunded now. */
  isStopped: boolean;
};

export type OrderEvent = {
  /** The order as it was. */
  order: LockedOrder;
  kind: Schema['order_events']['kind'];
  next: Settlement;
  refund: Amount;
  note: string;
};

/**
 * Locks orders and their parents, in the order of customer and id everywhere: a parent is older
 * than its children, so it is locked first. An unknown id is missing from the answer; with a
 * customer given, so is every other customer's.
 */
export async function lockOrders(
  tx: Tx,
  orderIds: readonly OrderId[],
  customerId?: CustomerId,
): Promise<Map<OrderId, LockedOrder>> {
  if (orderIds.length === 0) return new Map();
  if (customerId === undefined && isCluster(tx)) return lockByCustomer(tx, orderIds);
  const found = await sql<LockedOrder>`
    with asked as (
      select o.* from unnest(${bigints(orderIds)}) k (id) cross join lateral (
        select customer_id, id, parent_id from orders o
        where o.id = k.id${onlyOf('o.customer_id', customerId)} limit 1
      ) o
    ), family as (
      select customer_id, id from asked
      union select customer_id, parent_id from asked where parent_id is not null
    )
    select o.customer_id as "customerId", o.id, o.kind, o.type, o.status, o.quantity, o.charge,
      o.refunded, o.start_count as "startCount", o.remains, o.parent_id as "parentId", o.run,
      o.revision, o.completed_at as "completedAt", w.stopped_at is not null as "isStopped"
    from (select * from family order by customer_id, id) f
    cross join lateral (
      select * from orders o where o.customer_id = f.customer_id and o.id = f.id
        ${onlyOf('o.customer_id', customerId)} limit 1
      for update
    ) o
    left join wallets w on w.customer_id = o.customer_id
      ${onlyOf('w.customer_id', customerId)}`.execute(tx);
  return new Map(found.rows.map((row) => [row.id, row]));
}

/** The same for orders of any customers in a cluster. */
async function lockByCustomer(
  tx: Tx,
  orderIds: readonly OrderId[],
): Promise<Map<OrderId, LockedOrder>> {
  const asked = await sql<{ id: OrderId; customerId: CustomerId }>`
    select id, customer_id as "customerId" from orders
    where id = any(${bigints(orderIds)})`.execute(tx);
  const locked = new Map<OrderId, LockedOrder>();
  for (const orders of lockable(tx, asked.rows, (order) => order.customerId)) {
    const ids = orders.map(({ id }) => id);
    const found = await lockOrders(tx, ids, orders[0]?.customerId);
    for (const [id, order] of found) locked.set(id, order);
  }
  return locked;
}

/** Writes the new state of changed orders; `raiseVersions` has to follow. */
export async function writeSettlements(
  tx: Tx,
  orders: readonly LockedOrder[],
  at: Date,
): Promise<void> {
  if (orders.length === 0) return;
  const column = <T>(read: (order: LockedOrder) => T): T[] => orders.map(read);
  // The pause before a refill and the days for it count from when the order came to its status, so
  // one final status after another sets that time anew, and new remains alone don't.
  const completedAt = (order: LockedOrder) => (isFinal(order.status) ? at : null);
  const customerIds = column((o) => o.customerId);
  await sql`
    update orders o set status = n.status, start_count = n.start_count, remains = n.remains,
      refunded = n.refunded, revision = n.revision, updated_at = ${at}::timestamptz,
      completed_at = case when n.status = o.status then o.completed_at else n.completed_at end
    from unnest(
      ${customerIds}::int[], ${bigints(column((o) => o.id))},
      ${column((o) => o.status)}::text[], ${bigints(column((o) => o.startCount))},
      ${bigints(column((o) => o.remains))}, ${bigints(column((o) => o.refunded))},
      ${column((o) => o.revision)}::int[], ${timestamps(column(completedAt))}
    ) as n (customer_id, id, status, start_count, remains, refunded, revision, completed_at)
    where o.customer_id = n.customer_id and o.id = n.id
      ${onShardsOf(tx, 'o.customer_id', customerIds)}`.execute(tx);
}

/**
 * Raises the version of some customers' orders, by which readers know that what they have in
 * memory is no longer true. It locks them in the order of everybody; a statement of several
 * customers would in a cluster lock them in the order of its shards.
 */
export async function raiseVersions(tx: Tx, customerIds: readonly CustomerId[]): Promise<void> {
  const inOrder = [...new Set(customerIds)].sort((a, b) => a - b);
  for (const some of lockable(tx, inOrder, (customerId) => customerId)) {
    await sql`
      insert into order_versions (customer_id, version)
      ${isCluster(tx) ? sql`values (${some[0]}::int, 1)` : sql`select unnest(${some}::int[]), 1`}
      on conflict (customer_id) do update set version = order_versions.version + 1`.execute(tx);
  }
}

/** Writes who changed what, before and after; events are never rewritten. */
export async function writeEvents(
  tx: Tx,
  events: readonly OrderEvent[],
  by: { actor: Actor; at: Date },
): Promise<void> {
  if (events.length === 0) return;
  const column = <T>(read: (event: OrderEvent) => T): T[] => events.map(read);
  await sql`
    insert into order_events (customer_id, order_id, revision, kind, before, after, refund, note,
      actor, created_at)
    select e.customer_id, e.order_id, e.revision, e.kind, e.before::jsonb, e.after::jsonb, e.refund,
      e.note, ${formatActor(by.actor)}, ${by.at}::timestamptz
    from unnest(
      ${column((e) => e.order.customerId)}::int[], ${bigints(column((e) => e.order.id))},
      ${column((e) => e.order.revision + (e.kind === 'ignored' ? 0 : 1))}::int[],
      ${column((e) => e.kind)}::text[], ${column((e) => describe(e.order))}::text[],
      ${column((e) => describe(e.next))}::text[], ${bigints(column((e) => e.refund))},
      ${column((e) => e.note)}::text[]
    ) as e (customer_id, order_id, revision, kind, before, after, refund, note)`.execute(tx);
}

/** Of some drip-feed parents, those that have no run left and no child running. */
export async function readFinishedParents(
  tx: Tx,
  parents: readonly LockedOrder[],
): Promise<LockedOrder[]> {
  if (parents.length === 0) return [];
  const customerIds = parents.map((p) => p.customerId);
  const found = await sql<{ id: OrderId }>`
    select d.order_id as id
    from unnest(${customerIds}::int[], ${bigints(parents.map((p) => p.id))})
      as p (customer_id, order_id)
    join drip_feeds d using (customer_id, order_id)
    where d.next_run_at is null${onShardsOf(tx, 'd.customer_id', customerIds)} and not exists (
      select from orders o
      where o.customer_id = d.customer_id and o.parent_id = d.order_id and o.completed_at is null
    )`.execute(tx);
  const finished = new Set(found.rows.map((row) => row.id));
  return parents.filter((parent) => finished.has(parent.id));
}

function describe(state: Settlement): string {
  return JSON.stringify({
    status: state.status,
    start_count: state.startCount === null ? null : String(state.startCount),
    remains: String(state.remains),
    refunded: formatAmount(state.refunded),
  });
}
