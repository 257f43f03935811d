import { createRoute, z } from '@hono/zod-openapi';
import { AppError, type RefillId } from '../../base/index.ts';
import { requestCancels } from '../../cancels/index.ts';
import { listRefills, type RefillRow, requestRefills } from '../../refills/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import {
  answers,
  createApi,
  momentSchema,
  pageQuery,
  readCursor,
  refusalSchema,
  takes,
  viewRefusal,
} from '../open-api.ts';
import { orderIdsSchema } from './order-words.ts';
import { refuseSuspended } from './suspended.ts';

const refillStatusSchema = z.enum(['Pending', 'In progress', 'Completed', 'Rejected', 'Error']);

/** A refill as its customer sees it. */
export const refillSchema = z
  .object({
    id: z.int(),
    order: z.int(),
    service: z.int(),
    serviceName: z.string(),
    link: z.string(),
    status: refillStatusSchema,
    requestedAt: momentSchema,
    updatedAt: momentSchema,
  })
  .openapi('Refill');

/** A refill as `refillSchema` has it. */
export function refillView(refill: RefillRow): z.infer<typeof refillSchema> {
  return {
    id: Number(refill.id),
    order: Number(refill.orderId),
    service: refill.serviceId,
    serviceName: refill.service,
    link: refill.link,
    status: refill.status,
    requestedAt: refill.requestedAt.toISOString(),
    updatedAt: refill.updatedAt.toISOString(),
  };
}

const listRoute = createRoute({
  method: 'get',
  path: '/refills',
  summary: 'Your refills, newest first',
  request: { query: pageQuery.extend({ status: refillStatusSchema.optional() }) },
  responses: answers(
    z.object({ rows: z.array(refillSchema), next: z.string().nullable() }),
    'A page of them',
  ),
});

const refillRoute = createRoute({
  method: 'post',
  path: '/orders/refill',
  summary: 'Ask for refills of up to 100 orders',
  request: { body: takes(z.object({ orders: orderIdsSchema })) },
  responses: answers(
    z.object({
      results: z.array(
        z.object({
          order: z.int(),
          refill: z.int().nullable(),
          refusal: refusalSchema.nullable(),
        }),
      ),
    }),
    'Per order the refill, or why there is none',
  ),
});

const cancelRoute = createRoute({
  method: 'post',
  path: '/orders/cancel',
  summary: 'Ask for up to 100 orders to be cancelled',
  request: { body: takes(z.object({ orders: orderIdsSchema })) },
  responses: answers(
    z.object({
      results: z.array(z.object({ order: z.int(), refusal: refusalSchema.nullable() })),
    }),
    'Per order why it is refused; null: it was asked for',
  ),
});

/** Refills, and what is asked for several orders at once. */
export function refillsApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>()
    .openapi(listRoute, async (c) => {
      const { cursor, limit, status } = c.req.valid('query');
      const before = cursor === undefined ? undefined : (readCursor(cursor) as RefillId);
      const rows = await listRefills(ctx.db, c.var.actor.customerId, {
        limit,
        ...(status !== undefined && { status }),
        ...(before !== undefined && { before }),
      });
      const last = rows.length === limit ? rows.at(-1) : undefined;
      const next = last === undefined ? null : String(last.id);
      return c.json({ rows: rows.map(refillView), next }, 200);
    })
    .openapi(refillRoute, async (c) => {
      await refuseSuspended(ctx, c.var.actor);
      const { orders } = c.req.valid('json');
      const outcomes = await requestRefills(ctx, c.var.actor, orders);
      const results = outcomes.map((outcome, index) => {
        const order = Number(orders[index]);
        return outcome instanceof AppError
          ? { order, refill: null, refusal: viewRefusal(outcome) }
          : { order, refill: Number(outcome.refillId), refusal: null };
      });
      return c.json({ results }, 200);
    })
    .openapi(cancelRoute, async (c) => {
      await refuseSuspended(ctx, c.var.actor);
      const { orders } = c.req.valid('json');
      const outcomes = await requestCancels(ctx, c.var.actor, orders);
      const results = outcomes.map((outcome, index) => ({
        order: Number(orders[index]),
        refusal: outcome instanceof AppError ? viewRefusal(outcome) : null,
      }));
      return c.json({ results }, 200);
    });
}
