import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  type CustomerId,
  type OrderId,
  type ProviderId,
  type RefillId,
  reach,
  type ServiceId,
} from '../base/index.ts';
import type { CatalogStore } from '../catalog/index.ts';
import { bigints, type Ctx, inTransaction, type Tx } from '../db/index.ts';
import { lockOrders } from '../orders/index.ts';
import { type RefillFacts, refuseRefill } from './refuse.ts';

export type RefillOutcome = { refillId: RefillId } | AppError;

const ordersMax = 100;

/** `providerId`: who delivered the order; null: staff. */
type LockedFacts = RefillFacts & { providerId: ProviderId | null };

/**
 * Asks for refills of orders, answering each in the order asked. What a provider delivered is due
 * to be passed on to it; the rest waits for staff. The orders' rows are locked, so however many ask
 * at once an order has one open refill.
 * @returns per order the refill's id, or why it is refused
 */
export async function requestRefills(
  ctx: Ctx & { catalog: CatalogStore },
  actor: Actor & { kind: 'customer' },
  orderIds: readonly OrderId[],
): Promise<RefillOutcome[]> {
  if (orderIds.length > ordersMax) {
    throw new AppError('invalid_input', `at most ${ordersMax} orders at once`);
  }
  const { customerId } = actor;
  const outcomes = await inTransaction(ctx.db, (tx) =>
    requestRefillsIn(tx, ctx, { customerId, orderIds }),
  );
  await reach('refill.after_commit');
  return outcomes;
}

/** The block behind it, whoever asks. */
export async function requestRefillsIn(
  tx: Tx,
  ctx: Ctx & { catalog: CatalogStore },
  input: { customerId: CustomerId; orderIds: readonly OrderId[] },
): Promise<RefillOutcome[]> {
  const { customerId, orderIds } = input;
  const now = ctx.clock.now();
  const facts = await readFacts(tx, ctx, input);
  const outcomes: RefillOutcome[] = [];
  for (const orderId of orderIds) {
    const order = facts.get(orderId);
    if (order === undefined) {
      outcomes.push(new AppError('incorrect_order', `no order ${orderId}`));
      continue;
    }
    const refusal = refuseRefill(order, now);
    if (refusal !== undefined) {
      outcomes.push(refusal);
      continue;
    }
    const { providerId } = order;
    const refillId = await insertRefill(tx, { customerId, orderId, providerId, now });
    facts.set(orderId, { ...order, lastRefill: { requestedAt: now, isOpen: true } });
    outcomes.push({ refillId });
  }
  await reach('refill.before_commit');
  return outcomes;
}

/** Each order is looked up by its key, as in `findRefillRefusals`. */
async function readFacts(
  tx: Tx,
  ctx: { catalog: CatalogStore },
  input: { customerId: CustomerId; orderIds: readonly OrderId[] },
): Promise<Map<OrderId, LockedFacts>> {
  const { customerId } = input;
  const locked = await lockOrders(tx, input.orderIds, customerId);
  const own = [...locked.keys()];
  if (own.length === 0) return new Map();
  const found = await sql<{
    id: OrderId;
    serviceId: ServiceId;
    requestedAt: Date | null;
    isOpen: boolean | null;
    providerId: ProviderId | null;
  }>`
    select o.id, o.service_id as "serviceId", r.requested_at as "requestedAt",
      r.status in ('Pending', 'In progress') as "isOpen", d.provider_id as "providerId"
    from unnest(${bigints(own)}) k (id)
    cross join lateral (
      select * from orders where customer_id = ${customerId} and id = k.id limit 1
    ) o
    left join deliveries d on d.customer_id = ${customerId} and d.order_id = o.id
      and d.external_id is not null
    left join lateral (
      select requested_at, status from refills r
      where r.customer_id = ${customerId} and r.order_id = o.id order by r.id desc limit 1
    ) r on true`.execute(tx);
  return new Map(
    found.rows.flatMap((row) => {
      const order = locked.get(row.id);
      if (order === undefined) return [];
      const lastRefill =
        row.requestedAt === null
          ? null
          : { requestedAt: row.requestedAt, isOpen: row.isOpen === true };
      const service = ctx.catalog.current().services.get(row.serviceId);
      const { providerId } = row;
      return [[row.id, { ...order, service, lastRefill, providerId }]];
    }),
  );
}

async function insertRefill(
  tx: Tx,
  input: { customerId: CustomerId; orderId: OrderId; providerId: ProviderId | null; now: Date },
): Promise<RefillId> {
  const { customerId, orderId, providerId, now } = input;
  const isManual = providerId === null;
  const found = await sql<{ id: RefillId }>`
    insert into refills (customer_id, id, order_id, status, requested_at, updated_at, delivery,
      provider_id, due_at)
    values (${customerId}, nextval('refill_ids'), ${orderId}, 'Pending', ${now}, ${now},
      ${isManual ? 'manual' : 'due'}, ${providerId}, ${isManual ? null : now}::timestamptz)
    returning id`.execute(tx);
  const [row] = found.rows;
  if (row === undefined) throw new Error('insert returned no row');
  return row.id;
}
