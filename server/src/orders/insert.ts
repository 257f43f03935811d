import { type RawBuilder, sql } from 'kysely';
import { type CustomerId, minuteMs, type OrderId } from '../base/index.ts';
import { type Db, isCluster, type Tx } from '../db/index.ts';
import type { PlacementEntry } from './rules.ts';

/** An order to store; a child also has its parent and which run of it it is. */
export type NewOrder = PlacementEntry & { parentId?: OrderId; run?: number };

/** Stores orders with their deliveries, and the schedule of those that are parents. */
export async function insertOrders(tx: Tx, orders: readonly NewOrder[], at: Date): Promise<void> {
  if (orders.length === 0) return;
  if (isCluster(tx)) {
    // In one statement a cluster would show the rows of each part to all nodes.
    await storeOrders(orderRows(orders), at).execute(tx);
    const isRouted = orders.some(({ draft }) => draft.route !== null);
    if (isRouted) await storeDeliveries(orderRows(orders), at).execute(tx);
  } else {
    await sql`
      with o as materialized (select * from ${orderRows(orders)}),
        placed as (${storeOrders(sql`o`, at)})
      ${storeDeliveries(sql`o`, at)}`.execute(tx);
  }
  await insertDripFeeds(tx, orders, at);
  await insertSubscriptions(tx, orders);
}

type Value = string | number | boolean | null;

type Column = {
  name: string;
  type: string;
  read: (order: NewOrder) => Value;
  /** Stands for what the only order of a statement has there. */
  place: symbol;
};

function column(name: string, type: string, read: Column['read']): Column {
  return { name, type, read, place: Symbol(name) };
}

/** What of an order is stored, and what its route is. */
const columns: readonly Column[] = [
  column('customer_id', 'int', ({ draft }) => draft.customerId),
  column('id', 'bigint', ({ id }) => String(id)),
  column('service_id', 'int', ({ draft }) => draft.serviceId),
  column('type', 'text', ({ draft }) => draft.type),
  column('kind', 'text', ({ draft }) => draft.kind),
  column('link', 'text', ({ draft }) => draft.link),
  column('quantity', 'bigint', ({ draft }) => String(draft.quantity)),
  column('charge', 'bigint', ({ draft }) => String(draft.charge)),
  column('details', 'text', ({ draft }) => JSON.stringify(draft.details)),
  column('parent_id', 'bigint', ({ parentId }) => parentId?.toString() ?? null),
  column('run', 'int', ({ run }) => run ?? null),
  column('request_id', 'text', ({ draft }) => draft.request?.id ?? null),
  column('request_hash', 'text', ({ draft }) => hexOf(draft.request?.hash)),
  column('provider_id', 'int', ({ draft }) => draft.route?.providerId ?? null),
  column('external_service_id', 'text', ({ draft }) => draft.route?.externalId ?? null),
  column('route_position', 'int', ({ draft }) => draft.route?.position ?? null),
  column('is_delegated', 'boolean', ({ draft }) => draft.route?.isDelegated ?? null),
];

/** The rows of some orders as an item of `from`. */
export function orderRows(orders: readonly NewOrder[]): RawBuilder<unknown> {
  // Booleans as text, as every list (db/arrays.ts); one alone has to be one.
  const inList = (value: Value) => (typeof value === 'boolean' ? String(value) : value);
  const arrays = columns.map(({ type, read }) => {
    const values = orders.map((order) => inList(read(order)));
    return sql`${values}::${sql.raw(type)}[]`;
  });
  const names = columns.map(({ name }) => sql.ref(name));
  return sql`unnest(${sql.join(arrays)}) as o (${sql.join(names)})`;
}

/** The row of one order, whose values are put in later; PostgreSQL takes it for no set. */
export function orderRow(): RawBuilder<unknown> {
  const values = columns.map(
    ({ name, type, place }) => sql`${place}::${sql.raw(type)} as ${sql.ref(name)}`,
  );
  return sql`(select ${sql.join(values)}) as o`;
}

/** What is put into `orderRow`. */
export function orderValues(order: NewOrder): [place: symbol, value: unknown][] {
  return columns.map(({ place, read }) => [place, read(order)]);
}

function hexOf(hash: Uint8Array | undefined): string | null {
  return hash === undefined ? null : Buffer.from(hash).toString('hex');
}

/** When orders are stored, or what stands for that. */
export type Moment = Date | RawBuilder<Date>;

/** The part of a statement that stores the orders of `rows`, an item of `from`. */
export function storeOrders(rows: RawBuilder<unknown>, at: Moment): RawBuilder<unknown> {
  return sql`
    insert into orders (customer_id, id, service_id, type, kind, status, link, quantity, charge,
      remains, details, parent_id, run, request_id, request_hash, created_at, updated_at,
      has_delivery)
    select customer_id, id, service_id, type, kind,
      case kind when 'single' then 'Pending' else 'Active' end, link, quantity, charge,
      quantity, details::jsonb, parent_id, run, request_id, decode(request_hash, 'hex'),
      ${at}::timestamptz, ${at}::timestamptz, provider_id is not null
    from ${rows}`;
}

/**
 * The part that has those delivered which a provider delivers. From here on such an order is due to
 * be sent: it is stored and forwarded, or neither.
 */
export function storeDeliveries(rows: RawBuilder<unknown>, at: Moment): RawBuilder<unknown> {
  return sql`
    insert into deliveries (customer_id, order_id, service_id, provider_id, external_service_id,
      route_position, is_delegated, state, due_at, created_at)
    select customer_id, id, service_id, provider_id, external_service_id, route_position,
      is_delegated, 'due', ${at}::timestamptz, ${at}::timestamptz
    from ${rows} where provider_id is not null`;
}

/** Says of an order that a delivery of it was made after it. */
export async function markDelivered(
  tx: Tx,
  { customerId, id }: { customerId: CustomerId; id: OrderId },
): Promise<void> {
  await tx
    .updateTable('orders')
    .set({ has_delivery: true })
    .where('customer_id', '=', customerId)
    .where('id', '=', id)
    // One from before orders said so stays as it is.
    .where('has_delivery', '=', false)
    .execute();
}

async function insertDripFeeds(tx: Tx, orders: readonly NewOrder[], at: Date): Promise<void> {
  const rows = orders.flatMap(({ id, draft }) =>
    draft.dripFeed === null
      ? []
      : {
          customer_id: draft.customerId,
          order_id: id,
          quantity_per_run: draft.dripFeed.quantityPerRun,
          runs: draft.dripFeed.runs,
          interval_minutes: draft.dripFeed.intervalMinutes,
          next_run_at: at,
        },
  );
  if (rows.length > 0) await tx.insertInto('drip_feeds').values(rows).execute();
}

async function insertSubscriptions(tx: Tx, orders: readonly NewOrder[]): Promise<void> {
  const rows = orders.flatMap(({ id, draft }) => {
    const { subscription } = draft;
    if (subscription === null) return [];
    return {
      customer_id: draft.customerId,
      order_id: id,
      username: subscription.username,
      min: subscription.min,
      max: subscription.max,
      delay_minutes: subscription.delayMinutes,
      posts: subscription.posts,
      old_posts: subscription.oldPosts,
      expires_at: subscription.expiresAt,
    };
  });
  if (rows.length > 0) await tx.insertInto('subscriptions').values(rows).execute();
}

/** Fresh order numbers, in order. Numbers that end up unused leave a gap and nothing else. */
export async function allocateOrderIds(db: Db, count: number): Promise<OrderId[]> {
  // As one text: a row for each costs more than all else that is done for a number.
  const { rows } = await sql<{ ids: string | null }>`
    select string_agg(nextval('order_ids')::text, ',') as ids
    from generate_series(1, ${count}::int)`.execute(db);
  return rows[0]?.ids?.split(',').map((id) => BigInt(id) as OrderId) ?? [];
}

/** When the run after this one is due: never two at once, also after a long stop. */
export function nextRunAt(input: { due: Date; intervalMinutes: number; now: Date }): Date {
  const intervalMs = input.intervalMinutes * minuteMs;
  const regular = input.due.getTime() + intervalMs;
  return new Date(regular > input.now.getTime() ? regular : input.now.getTime() + intervalMs);
}
