import { createRoute, z } from '@hono/zod-openapi';
import { AppError, formatAmount, type OrderId, parseId, type RefillId } from '../../base/index.ts';
import { listWaitingCancels } from '../../cancels/index.ts';
import { listStuckOrders, readQueues } from '../../figures/index.ts';
import { countWaiting, listQueue, type QueuedOrder } from '../../fulfilment/index.ts';
import { listWaitingRefills } from '../../refills/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { kindSchema, statusSchema } from '../customer/order-words.ts';
import { amountSchema, answers, createApi, momentSchema, pageQuery } from '../open-api.ts';
import { deliveryStateSchema, evidenceSchema, evidenceView } from './order-views.ts';
import { staffRefillSchema, staffRefillView } from './refill-views.ts';

const nextSchema = z.string().nullable().describe('cursor of the next page');

const countsSchema = z
  .object({
    unknown: z.int().describe('nobody knows whether their provider has them'),
    held: z.int().describe('refused everywhere, or out of reach'),
    margin: z.int().describe('they cost more than they were sold for'),
    flagged: z.int().describe('their provider says what can not be applied'),
    late: z.int().describe('taken by a provider after they were closed here'),
    refills: z.int(),
    cancels: z.int(),
    prices: z.int().describe('rates that jumped'),
    stuck: z.int().describe('slower than most of their service'),
  })
  .openapi('QueueCounts');

const countsRoute = createRoute({
  method: 'get',
  path: '/queues',
  summary: 'How much waits for staff, by queue',
  responses: answers(countsSchema, 'Counts'),
});

const orderFields = {
  orderId: z.int(),
  customerId: z.int(),
  customer: z.string(),
  serviceId: z.int(),
  service: z.string(),
  kind: kindSchema,
  status: statusSchema,
  link: z.string(),
  quantity: z.int(),
  remains: z.int(),
  charge: amountSchema,
  refunded: amountSchema,
};

const queuedSchema = z
  .object({
    ...orderFields,
    providerId: z.int(),
    provider: z.string(),
    externalServiceId: z.string(),
    state: z.enum(['held', 'unknown', 'following', 'done']),
    reason: z.string(),
    since: momentSchema,
    externalId: z.string().nullable(),
    attempt: z.int().nullable(),
    attemptReason: z.string().nullable(),
    raw: z.string().nullable().describe("the provider's last answer as it came"),
    evidence: evidenceSchema.nullable(),
    cost: amountSchema.nullable().describe("at the provider, in the panel's currency"),
  })
  .openapi('QueuedOrder');

const deliveriesRoute = createRoute({
  method: 'get',
  path: '/queues/deliveries',
  summary: 'Deliveries that wait for staff, with what was found out',
  request: {
    query: pageQuery.extend({ queue: z.enum(['unknown', 'held', 'margin', 'flagged', 'late']) }),
  },
  responses: answers(z.object({ rows: z.array(queuedSchema), next: nextSchema }), 'Oldest first'),
});

const refillsRoute = createRoute({
  method: 'get',
  path: '/queues/refills',
  summary: 'Refills that wait for staff',
  request: { query: pageQuery },
  responses: answers(
    z.object({ rows: z.array(staffRefillSchema), next: nextSchema }),
    'Oldest first',
  ),
});

const cancelsRoute = createRoute({
  method: 'get',
  path: '/queues/cancels',
  summary: 'Cancellations that wait for staff',
  request: { query: pageQuery },
  responses: answers(
    z.object({
      rows: z.array(
        z
          .object({
            ...orderFields,
            provider: z.string().nullable(),
            externalId: z.string().nullable(),
            note: z.string(),
            requestedAt: momentSchema,
          })
          .openapi('WaitingCancel'),
      ),
      next: nextSchema,
    }),
    'Oldest first',
  ),
});

const {
  charge: _charge,
  refunded: _refunded,
  customer: _customer,
  kind: _kind,
  ...stuckFields
} = orderFields;

const stuckRoute = createRoute({
  method: 'get',
  path: '/queues/stuck',
  summary: 'Orders that take longer than their service does',
  request: { query: pageQuery },
  responses: answers(
    z.object({
      rows: z.array(
        z
          .object({
            ...stuckFields,
            createdAt: momentSchema,
            stuckSince: momentSchema,
            provider: z.string().nullable(),
            delivery: deliveryStateSchema.nullable(),
          })
          .openapi('StuckOrder'),
      ),
      next: nextSchema,
    }),
    'Oldest first',
  ),
});

/** What waits for staff. */
export function queuesApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/queues', requireArea('orders'));
  api.use('/queues/*', requireArea('orders'));
  return api
    .openapi(countsRoute, async (c) => {
      const [{ delivery: _, payments: __, ...queues }, { other, flagged, late }] =
        await Promise.all([readQueues(ctx.db, ctx.clock.now()), countWaiting(ctx.db)]);
      return c.json({ ...queues, held: other - flagged - late, flagged, late }, 200);
    })
    .openapi(deliveriesRoute, async (c) => {
      const { queue, limit, cursor } = c.req.valid('query');
      const after = toCursor(cursor);
      const { orders, next } = await listQueue(ctx.db, {
        ...{ queue, limit },
        ...(after && { after: { since: after.at, orderId: after.id } }),
      });
      const cursorOf = next && printCursor(next.since, next.orderId);
      return c.json({ rows: orders.map(queuedView), next: cursorOf }, 200);
    })
    .openapi(refillsRoute, async (c) => {
      const { limit, cursor } = c.req.valid('query');
      const after = cursor === undefined ? undefined : (parseId(cursor) as RefillId | undefined);
      const rows = await listWaitingRefills(ctx.db, { limit, ...(after && { after }) });
      const last = rows.length === limit ? rows.at(-1) : undefined;
      const next = last === undefined ? null : String(last.id);
      return c.json({ rows: rows.map(staffRefillView), next }, 200);
    })
    .openapi(cancelsRoute, async (c) => {
      const { limit, cursor } = c.req.valid('query');
      const after = toCursor(cursor);
      const { cancels, next } = await listWaitingCancels(ctx.db, {
        limit,
        ...(after && { after: { requestedAt: after.at, orderId: after.id } }),
      });
      const rows = cancels.map(({ requestedAt, ...cancel }) => ({
        ...cancel,
        ...numbersOf(cancel),
        charge: formatAmount(cancel.charge),
        refunded: formatAmount(cancel.refunded),
        requestedAt: requestedAt.toISOString(),
      }));
      return c.json({ rows, next: next && printCursor(next.requestedAt, next.orderId) }, 200);
    })
    .openapi(stuckRoute, async (c) => {
      const { limit, cursor } = c.req.valid('query');
      const after = toCursor(cursor);
      const { orders, next } = await listStuckOrders(ctx.db, ctx.clock.now(), {
        limit,
        ...(after && { after: { createdAt: after.at, orderId: after.id } }),
      });
      const rows = orders.map((order) => ({
        ...order,
        ...numbersOf(order),
        status: statusSchema.parse(order.status),
        createdAt: order.createdAt.toISOString(),
        stuckSince: order.stuckSince.toISOString(),
      }));
      return c.json({ rows, next: next && printCursor(next.createdAt, next.orderId) }, 200);
    });
}

function numbersOf(order: { orderId: OrderId; quantity: bigint; remains: bigint }) {
  const { orderId, quantity, remains } = order;
  return { orderId: Number(orderId), quantity: Number(quantity), remains: Number(remains) };
}

function queuedView(order: QueuedOrder): z.infer<typeof queuedSchema> {
  return {
    ...order,
    ...numbersOf(order),
    charge: formatAmount(order.charge),
    refunded: formatAmount(order.refunded),
    cost: order.cost === null ? null : formatAmount(order.cost),
    since: order.since.toISOString(),
    evidence: evidenceView(order.evidence),
  };
}

function printCursor(at: Date, id: OrderId): string {
  return `${at.getTime()}-${id}`;
}

/** @throws AppError `invalid_input` for a cursor that is none of ours */
function toCursor(cursor: string | undefined): { at: Date; id: OrderId } | undefined {
  if (cursor === undefined) return undefined;
  const [, time = '', text = ''] = /^(\d{1,15})-(\d{1,16})$/.exec(cursor) ?? [];
  const id = parseId(text);
  if (id === undefined) throw new AppError('invalid_input', 'the cursor is the next of a page');
  return { at: new Date(Number(time)), id: id as OrderId };
}
