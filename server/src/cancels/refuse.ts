import { sql } from 'kysely';
import { AppError, type CustomerId, type OrderId, type ServiceId } from '../base/index.ts';
import type { CatalogStore } from '../catalog/index.ts';
import { bigints, type Ctx, type Schema } from '../db/index.ts';
import { isFinal, type OrderKey, type OrderStatus } from '../orders/index.ts';

/** The refusals of a cancellation in the protocol's order. Pure. */
export function refuseCancel(facts: {
  isAllowed: boolean;
  wasRequested: boolean;
  isFinal: boolean;
}): AppError | undefined {
  if (!facts.isAllowed) return new AppError('cancel_disabled', 'the service has no cancel');
  if (facts.wasRequested) return new AppError('cancel_already_requested', 'asked before');
  if (facts.isFinal) return new AppError('order_already_final', 'the order is finished');
  return undefined;
}

/** What a customer may know of the cancellation of an order. */
export type CancelView = {
  /** The request there was; null: none. */
  request: { state: Schema['cancels']['state']; requestedAt: Date; decidedAt: Date | null } | null;
  /** Why the order may not be cancelled now, as `requestCancels` would say; null: it may. */
  refusal: AppError | null;
};

type CancelRow = {
  id: OrderId;
  status: OrderStatus;
  serviceId: ServiceId;
  state: Schema['cancels']['state'] | null;
  requestedAt: Date | null;
  decidedAt: Date | null;
};

/**
 * Reads whether orders were asked to be cancelled, and whether they may be. An unknown order or
 * another customer's is missing. Each is looked up by its key, as `findRefillRefusals` does.
 */
export async function readCancels(
  ctx: Ctx & { catalog: CatalogStore },
  customerId: CustomerId,
  orderIds: readonly OrderId[],
): Promise<Map<OrderId, CancelView>> {
  const { rows } = await sql<CancelRow>`
    select o.id, o.status, o.service_id as "serviceId", c.state,
      c.requested_at as "requestedAt", c.decided_at as "decidedAt"
    from unnest(${bigints(orderIds)}) k (id)
    cross join lateral (
      select * from orders where customer_id = ${customerId} and id = k.id limit 1
    ) o
    left join cancels c on c.customer_id = ${customerId} and c.order_id = o.id`.execute(ctx.db);
  return new Map(
    rows.map(({ id, status, serviceId, state, requestedAt, decidedAt }) => {
      const request = state && requestedAt && { state, requestedAt, decidedAt };
      const refusal = refuseCancel({
        isAllowed: ctx.catalog.current().services.get(serviceId)?.cancel === true,
        wasRequested: request !== null,
        isFinal: isFinal(status),
      });
      return [id, { request, refusal: refusal ?? null }];
    }),
  );
}

/**
 * Reads whether an order was asked to be cancelled, and whether it may be.
 * @throws AppError `incorrect_order` for an unknown order or another customer's
 */
export async function readCancel(
  ctx: Ctx & { catalog: CatalogStore },
  { customerId, orderId }: OrderKey,
): Promise<CancelView> {
  const view = (await readCancels(ctx, customerId, [orderId])).get(orderId);
  if (view === undefined) throw new AppError('incorrect_order', `no order ${orderId}`);
  return view;
}
