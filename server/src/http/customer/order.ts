import { createRoute, z } from '@hono/zod-openapi';
import { type CustomerId, formatAmount, type OrderId } from '../../base/index.ts';
import { readCancel } from '../../cancels/index.ts';
import { readCustomerTimeline } from '../../fulfilment/index.ts';
import { type OrderDetail, readOrder, setPaused } from '../../orders/index.ts';
import { findRefillRefusal, listRefills } from '../../refills/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import {
  amountSchema,
  answers,
  answersNothing,
  createApi,
  momentSchema,
  refusalSchema,
  takes,
  viewRefusal,
} from '../open-api.ts';
import { kindSchema, orderIdSchema, statusSchema } from './order-words.ts';
import { refillSchema, refillView } from './refills.ts';
import { refuseSuspended } from './suspended.ts';

const refillsShownMax = 20;
const parameterSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/** An order with its fields, as its customer reads them. */
export const orderSchema = z
  .object({
    id: z.int(),
    service: z.int(),
    serviceName: z.string(),
    type: z.string(),
    kind: kindSchema,
    status: statusSchema,
    link: z.string(),
    quantity: z.int(),
    charge: amountSchema.describe('as it was placed'),
    refunded: amountSchema.describe('of that, what has come back'),
    startCount: z.int().nullable(),
    remains: z.int(),
    parameters: z.record(z.string(), parameterSchema),
    parent: z.int().nullable(),
    run: z.int().nullable().describe('which run or post of its parent it is'),
    createdAt: momentSchema,
    updatedAt: momentSchema,
    completedAt: momentSchema.nullable(),
    dripFeed: z
      .object({
        quantityPerRun: z.int(),
        runs: z.int(),
        runsDone: z.int(),
        intervalMinutes: z.int(),
        nextRunAt: momentSchema.nullable(),
      })
      .nullable(),
    subscription: z
      .object({
        min: z.int(),
        max: z.int(),
        delayMinutes: z.int(),
        posts: z.int().nullable().describe('new ones; null: until it is stopped'),
        postsDone: z.int(),
        oldPosts: z.int().describe('existing ones, besides'),
        expiresAt: momentSchema.nullable(),
      })
      .nullable(),
    canPause: z.boolean(),
  })
  .openapi('Order');

const entrySchema = z.object({
  at: momentSchema,
  status: statusSchema,
  startCount: z.int().nullable(),
  remains: z.int(),
  refund: amountSchema.describe('what went back then; below 0: was taken back'),
});

const answerSchema = z.object({
  order: orderSchema,
  timeline: z.array(entrySchema),
  archivedChanges: z.int().describe('older changes that are not in the timeline any more'),
  refills: z.array(refillSchema),
  refillRefusal: refusalSchema.nullable().describe('null: a refill may be asked for'),
  cancelRefusal: refusalSchema.nullable().describe('null: it may be cancelled'),
  cancel: z
    .object({
      state: z.enum(['requested', 'accepted', 'rejected']),
      requestedAt: momentSchema,
      decidedAt: momentSchema.nullable(),
    })
    .nullable(),
});
type OrderAnswer = z.infer<typeof answerSchema>;

const params = z.object({ orderId: orderIdSchema });

const readRoute = createRoute({
  method: 'get',
  path: '/orders/{orderId}',
  summary: 'One order: its fields, what happened to it, and what may be asked for',
  request: { params },
  responses: answers(answerSchema, 'The order as it is now'),
});

const pauseRoute = createRoute({
  method: 'put',
  path: '/orders/{orderId}/paused',
  summary: 'Pause a drip-feed or subscription, or let it go on',
  request: { params, body: takes(z.object({ isPaused: z.boolean() })) },
  responses: answersNothing,
});

/** One order with all that belongs to it. */
export function orderApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>()
    .openapi(readRoute, async (c) => {
      const { customerId } = c.var.actor;
      return c.json(await readAll(ctx, customerId, c.req.valid('param').orderId), 200);
    })
    .openapi(pauseRoute, async (c) => {
      await refuseSuspended(ctx, c.var.actor);
      const { orderId } = c.req.valid('param');
      const { isPaused } = c.req.valid('json');
      await setPaused(ctx, c.var.actor, { orderId, isPaused });
      return c.body(null, 204);
    });
}

async function readAll(
  ctx: CustomerApiContext,
  customerId: CustomerId,
  orderId: OrderId,
): Promise<OrderAnswer> {
  const key = { customerId, orderId };
  const [order, timeline, refills, refillRefusal, cancel] = await Promise.all([
    readOrder(ctx.db, key),
    readCustomerTimeline(ctx.db, key),
    listRefills(ctx.db, customerId, { orderId, limit: refillsShownMax }),
    findRefillRefusal(ctx, key),
    readCancel(ctx, key),
  ]);
  return {
    order: orderView(order),
    timeline: timeline.entries.map((entry) => ({
      at: entry.at.toISOString(),
      status: entry.status,
      startCount: entry.startCount === null ? null : Number(entry.startCount),
      remains: Number(entry.remains),
      refund: formatAmount(entry.refund),
    })),
    archivedChanges: timeline.archived,
    refills: refills.map(refillView),
    refillRefusal: refillRefusal && viewRefusal(refillRefusal),
    cancelRefusal: cancel.refusal && viewRefusal(cancel.refusal),
    cancel: cancel.request && {
      state: cancel.request.state,
      requestedAt: cancel.request.requestedAt.toISOString(),
      decidedAt: cancel.request.decidedAt?.toISOString() ?? null,
    },
  };
}

/** An order as `orderSchema` has it. */
export function orderView(order: OrderDetail): OrderAnswer['order'] {
  const { dripFeed, subscription } = order;
  return {
    id: Number(order.id),
    service: order.serviceId,
    serviceName: order.service,
    type: order.type,
    kind: order.kind,
    status: order.status,
    link: order.link,
    quantity: Number(order.quantity),
    charge: formatAmount(order.charge),
    refunded: formatAmount(order.refunded),
    startCount: order.startCount === null ? null : Number(order.startCount),
    remains: Number(order.remains),
    parameters: z.record(z.string(), parameterSchema).parse(order.details),
    parent: order.parentId === null ? null : Number(order.parentId),
    run: order.run,
    createdAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
    completedAt: order.completedAt?.toISOString() ?? null,
    dripFeed: dripFeed && {
      ...dripFeed,
      quantityPerRun: Number(dripFeed.quantityPerRun),
      nextRunAt: toIso(dripFeed.nextRunAt),
    },
    subscription: subscription && {
      ...subscription,
      expiresAt: toIso(subscription.expiresAt),
    },
    canPause: order.canPause,
  };
}

/** The database prints moments in its session's time zone. */
function toIso(text: string | null): string | null {
  return text === null ? null : new Date(text).toISOString();
}
