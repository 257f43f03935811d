import { sql } from 'kysely';
import {
  AppError,
  type CustomerId,
  dayMs,
  hourMs,
  type OrderId,
  type ServiceId,
} from '../base/index.ts';
import type { CatalogStore } from '../catalog/index.ts';
import { bigints, type Ctx } from '../db/index.ts';
import type { OrderKey, OrderStatus } from '../orders/index.ts';

/** An order as the refill rules see it; of refills only the newest counts. */
export type RefillFacts = {
  status: OrderStatus;
  kind: 'single' | 'drip_feed' | 'subscription';
  completedAt: Date | null;
  service: { refill: boolean; refillDays: number | null } | undefined;
  lastRefill: { requestedAt: Date; isOpen: boolean } | null;
};

const refillPauseMs = 24 * hourMs;

/**
 * Decides whether an order may be refilled now, in the protocol's order of refusals. Pure.
 * @returns the refusal, or undefined when it may; that it is too early says from when on it may
 */
export function refuseRefill(facts: RefillFacts, now: Date): AppError | undefined {
  const { service, lastRefill, completedAt } = facts;
  if (!service?.refill) return new AppError('refill_disabled', 'the service has no refill');
  // A parent's delivery is that of its runs or posts: refilled with them, it would come twice.
  if (facts.kind !== 'single') {
    return new AppError('refill_disabled', 'a parent is refilled by its runs or posts');
  }
  if (facts.status !== 'Completed' || completedAt === null) {
    return new AppError('order_not_completed', 'only a completed order is refilled');
  }
  const latest = Math.max(completedAt.getTime(), lastRefill?.requestedAt.getTime() ?? 0);
  if (now.getTime() - latest < refillPauseMs) {
    const detail = new Date(latest + refillPauseMs).toISOString();
    const message = 'less than 24 hours since completion or last refill';
    return new AppError('refill_too_early', message, { detail });
  }
  if (lastRefill?.isOpen) return new AppError('refill_running', 'a refill is still open');
  const { refillDays } = service;
  if (refillDays !== null && now.getTime() - completedAt.getTime() > refillDays * dayMs) {
    return new AppError('refill_window_over', `more than ${refillDays} days since completion`);
  }
  return undefined;
}

type FactRow = {
  id: OrderId;
  kind: RefillFacts['kind'];
  status: OrderStatus;
  completedAt: Date | null;
  serviceId: ServiceId;
  requestedAt: Date | null;
  isOpen: boolean | null;
};

/**
 * Why orders may not be refilled now, as `requestRefills` would say; null: it may. An unknown order
 * or another customer's is missing. Each is looked up by its key: a plan that is kept for customers
 * of any size would read through all orders of a large one.
 */
export async function findRefillRefusals(
  ctx: Ctx & { catalog: CatalogStore },
  customerId: CustomerId,
  orderIds: readonly OrderId[],
): Promise<Map<OrderId, AppError | null>> {
  const found = await sql<FactRow>`
    select o.id, o.kind, o.status, o.completed_at as "completedAt", o.service_id as "serviceId",
      r.requested_at as "requestedAt", r.status in ('Pending', 'In progress') as "isOpen"
    from unnest(${bigints(orderIds)}) k (id)
    cross join lateral (
      select * from orders where customer_id = ${customerId} and id = k.id limit 1
    ) o
    left join lateral (
      select requested_at, status from refills r
      where r.customer_id = ${customerId} and r.order_id = o.id order by r.id desc limit 1
    ) r on true`.execute(ctx.db);
  const now = ctx.clock.now();
  return new Map(
    found.rows.map(({ id, requestedAt, isOpen, serviceId, ...order }) => {
      const lastRefill = requestedAt && { requestedAt, isOpen: isOpen === true };
      const service = ctx.catalog.current().services.get(serviceId);
      const facts: RefillFacts = { ...order, service, lastRefill };
      return [id, refuseRefill(facts, now) ?? null];
    }),
  );
}

/**
 * Why an order may not be refilled now, as `requestRefills` would say; null when it may.
 * @throws AppError `incorrect_order` for an unknown order or another customer's
 */
export async function findRefillRefusal(
  ctx: Ctx & { catalog: CatalogStore },
  { customerId, orderId }: OrderKey,
): Promise<AppError | null> {
  const refusal = (await findRefillRefusals(ctx, customerId, [orderId])).get(orderId);
  if (refusal === undefined) throw new AppError('incorrect_order', `no order ${orderId}`);
  return refusal;
}
