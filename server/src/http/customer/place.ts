import { createRoute, z } from '@hono/zod-openapi';
import { formatAmount } from '../../base/index.ts';
import { type FieldName, orderFields, placeOrder, requestIdLengthMax } from '../../orders/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import { amountSchema, answers, createApi, takes } from '../open-api.ts';
import { refuseSuspended } from './suspended.ts';

const fieldNames = Object.keys(orderFields) as [FieldName];
const textLengthMax = 1_000_000;

/** What tells a repeated order from another. */
export const requestIdSchema = z
  .string()
  .min(1)
  .max(requestIdLengthMax)
  .regex(/^[\x21-\x7e]+$/);

const placeRoute = createRoute({
  method: 'post',
  path: '/orders',
  summary: 'Place an order; the same requestId again answers with the same order',
  request: {
    body: takes(
      z.object({
        service: z.int().min(1),
        fields: z
          .partialRecord(z.enum(fieldNames), z.string().max(textLengthMax))
          .describe('by name, as the parameters of the panel API v2'),
        requestId: requestIdSchema.optional(),
      }),
    ),
  },
  responses: answers(
    z.object({ id: z.int(), charge: amountSchema, balance: amountSchema }),
    'The order that was placed',
  ),
});

/** Places orders one by one. */
export function placeApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>().openapi(placeRoute, async (c) => {
    const { service, fields, requestId } = c.req.valid('json');
    const { customerId } = c.var.actor;
    const terms = await refuseSuspended(ctx, c.var.actor);
    const given = Object.entries(fields).map(([name, text]) => [name, text.trim()] as const);
    const id = await placeOrder(ctx, c.var.actor, {
      terms,
      fields: new Map([
        ...given.filter(([, text]) => text !== ''),
        ['service', String(service)],
        ...(requestId === undefined ? [] : [['request_id', requestId] as const]),
      ]),
    });
    const order = await ctx.db
      .selectFrom('orders as o')
      .innerJoin('wallets as w', 'w.customer_id', 'o.customer_id')
      .select(['o.charge', 'w.balance'])
      .where('o.customer_id', '=', customerId)
      .where('o.id', '=', id)
      .executeTakeFirstOrThrow();
    const [charge, balance] = [formatAmount(order.charge), formatAmount(order.balance)];
    return c.json({ id: Number(id), charge, balance }, 200);
  });
}
