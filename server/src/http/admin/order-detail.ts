import { createRoute, z } from '@hono/zod-openapi';
import { type Amount, amount, formatAmount, type OrderId } from '../../base/index.ts';
import { readCancel, readStaffCancel, type StaffCancel } from '../../cancels/index.ts';
import {
  countArchived,
  readOrderCost,
  readSendRoutes,
  readStaffAttempts,
  readStaffDelivery,
  readStaffTimeline,
  type StaffAttempt,
  type StaffDelivery,
  type TimelineEntry,
} from '../../fulfilment/index.ts';
import { readOrder, readOwner } from '../../orders/index.ts';
import { findRefillRefusal, readStaffRefills } from '../../refills/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { orderSchema, orderView } from '../customer/order.ts';
import { orderIdSchema } from '../customer/order-words.ts';
import {
  amountSchema,
  answers,
  createApi,
  momentSchema,
  refusalSchema,
  viewRefusal,
} from '../open-api.ts';
import { deliveryStateSchema, evidenceSchema, evidenceView } from './order-views.ts';
import { staffRefillSchema, staffRefillView } from './refill-views.ts';

const valueSchema = z.record(z.string(), z.unknown());

const deliverySchema = z
  .object({
    state: deliveryStateSchema,
    reason: z.string(),
    providerId: z.int(),
    provider: z.string(),
    externalServiceId: z.string(),
    routePosition: z.int(),
    isDelegated: z.boolean().describe('its provider makes the runs or posts by itself'),
    externalId: z.string().nullable(),
    dueAt: momentSchema.nullable(),
    acceptedAt: momentSchema.nullable(),
    seen: z.string().nullable().describe('what the provider said last'),
  })
  .openapi('StaffDelivery');

const attemptSchema = z
  .object({
    number: z.int(),
    provider: z.string(),
    externalServiceId: z.string(),
    state: z.enum(['sending', 'accepted', 'rejected', 'not_sent', 'unknown']),
    externalId: z.string().nullable(),
    reason: z.string(),
    raw: z.string().describe("the provider's answer as it came"),
    cost: amountSchema.nullable().describe("in the panel's currency"),
    evidence: evidenceSchema.nullable(),
    resolvedBy: z.string().nullable(),
    startedAt: momentSchema,
    endedAt: momentSchema.nullable(),
  })
  .openapi('StaffAttempt');

const entrySchema = z
  .object({
    at: momentSchema,
    actor: z.string(),
    kind: z.string(),
    before: valueSchema,
    after: valueSchema,
    refund: amountSchema,
    note: z.string(),
  })
  .openapi('StaffTimelineEntry');

const cancelSchema = z
  .object({
    state: z.enum(['requested', 'accepted', 'rejected']),
    delivery: z.enum(['manual', 'due', 'sending', 'following', 'unknown', 'done']),
    provider: z.string().nullable(),
    note: z.string(),
    requestedAt: momentSchema,
    decidedAt: momentSchema.nullable(),
  })
  .openapi('StaffCancel');

const detailSchema = z.object({
  order: orderSchema,
  customer: z.object({ id: z.int(), name: z.string() }),
  money: z.object({
    charge: amountSchema,
    refunded: amountSchema,
    cost: amountSchema.nullable().describe('null: not known'),
    margin: amountSchema.nullable(),
  }),
  delivery: deliverySchema.nullable().describe('null: staff deliver it'),
  routes: z.array(
    z.object({
      position: z.int(),
      providerId: z.int(),
      provider: z.string(),
      externalServiceId: z.string(),
      isOn: z.boolean(),
    }),
  ),
  attempts: z.array(attemptSchema),
  timeline: z.array(entrySchema),
  archivedChanges: z.int().describe('older changes that are not in the timeline any more'),
  refills: z.array(staffRefillSchema),
  cancel: cancelSchema.nullable(),
  refillRefusal: refusalSchema.nullable().describe('null: a refill may be asked for'),
  cancelRefusal: refusalSchema.nullable().describe('null: it may be asked to be cancelled'),
});
type Detail = z.infer<typeof detailSchema>;

const readRoute = createRoute({
  method: 'get',
  path: '/orders/{orderId}',
  summary: 'One order with its customer, money, delivery, attempts, timeline, refills',
  request: { params: z.object({ orderId: orderIdSchema }) },
  responses: answers(detailSchema, 'The order as it is now'),
});

/** One order with all there is to know. */
export function orderDetailApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.get('/orders/:orderId', requireArea('orders'));
  return api.openapi(readRoute, async (c) =>
    c.json(await readAll(ctx, c.req.valid('param').orderId), 200),
  );
}

async function readAll(ctx: AdminApiContext, orderId: OrderId): Promise<Detail> {
  const { db } = ctx;
  const { customerId, customer } = await readOwner(db, orderId);
  const key = { customerId, orderId };
  const [order, cost, delivery, routes, attempts] = await Promise.all([
    readOrder(db, key),
    readOrderCost(db, key),
    readStaffDelivery(db, key),
    readSendRoutes(db, key),
    readStaffAttempts(db, key),
  ]);
  const [timeline, archivedChanges, refills, cancel, refillRefusal, cancelView] = await Promise.all(
    [
      readStaffTimeline(db, key),
      countArchived(db, key),
      readStaffRefills(db, key),
      readStaffCancel(db, key),
      findRefillRefusal(ctx, key),
      readCancel(ctx, key),
    ],
  );
  return {
    order: orderView(order),
    customer: { id: customerId, name: customer },
    money: moneyView(order, cost),
    delivery: delivery === undefined ? null : deliveryView(delivery),
    routes,
    attempts: attempts.map(attemptView),
    timeline: timeline.map(entryView),
    archivedChanges,
    refills: refills.map(staffRefillView),
    cancel: cancel === undefined ? null : cancelOf(cancel),
    refillRefusal: refillRefusal && viewRefusal(refillRefusal),
    cancelRefusal: cancelView.refusal && viewRefusal(cancelView.refusal),
  };
}

function moneyView(
  { charge, refunded }: { charge: Amount; refunded: Amount },
  cost: Amount | null,
): Detail['money'] {
  return {
    charge: formatAmount(charge),
    refunded: formatAmount(refunded),
    cost: cost === null ? null : formatAmount(cost),
    margin: cost === null ? null : formatAmount(amount(charge - refunded - cost)),
  };
}

function deliveryView(delivery: StaffDelivery): NonNullable<Detail['delivery']> {
  return {
    ...delivery,
    dueAt: delivery.dueAt?.toISOString() ?? null,
    acceptedAt: delivery.acceptedAt?.toISOString() ?? null,
  };
}

function attemptView(attempt: StaffAttempt): Detail['attempts'][number] {
  return {
    ...attempt,
    cost: attempt.cost === null ? null : formatAmount(attempt.cost),
    evidence: evidenceView(attempt.evidence),
    startedAt: attempt.startedAt.toISOString(),
    endedAt: attempt.endedAt?.toISOString() ?? null,
  };
}

function entryView(entry: TimelineEntry): Detail['timeline'][number] {
  return { ...entry, at: entry.at.toISOString(), refund: formatAmount(entry.refund) };
}

function cancelOf(cancel: StaffCancel): NonNullable<Detail['cancel']> {
  return {
    ...cancel,
    requestedAt: cancel.requestedAt.toISOString(),
    decidedAt: cancel.decidedAt?.toISOString() ?? null,
  };
}
