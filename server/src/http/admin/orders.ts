import { createRoute, z } from '@hono/zod-openapi';
import {
  AppError,
  type CustomerId,
  type OrderId,
  type ProviderId,
  parseId,
  type ServiceId,
} from '../../base/index.ts';
import { requestCancelFor } from '../../cancels/index.ts';
import {
  actOnOrders,
  type BulkAct,
  type BulkOutcome,
  listStaffOrders,
  type StaffOrderFilter,
} from '../../fulfilment/index.ts';
import { readProviders } from '../../providers/index.ts';
import { requestRefillFor } from '../../refills/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea, requireFresh } from '../access.ts';
import {
  kindSchema,
  orderIdSchema,
  orderIdsSchema,
  statusSchema,
} from '../customer/order-words.ts';
import {
  answers,
  createApi,
  pageQuery,
  refusalSchema,
  smallIdSchema,
  takes,
  viewRefusal,
} from '../open-api.ts';
import { deliveryStateSchema, staffOrderSchema, staffOrderView } from './order-views.ts';

const searchLettersMax = 2_048;
const noteLettersMax = 500;

const filterQuery = pageQuery.extend({
  search: z
    .string()
    .trim()
    .max(searchLettersMax)
    .optional()
    .describe('a number here or there, or a link'),
  status: statusSchema.optional(),
  service: smallIdSchema.optional(),
  provider: smallIdSchema.optional(),
  customer: smallIdSchema.optional(),
  kind: kindSchema.optional(),
  delivery: z
    .enum([...deliveryStateSchema.options, 'none'])
    .optional()
    .describe('none: those that staff deliver'),
  parent: orderIdSchema.optional().describe('its runs or posts'),
});

const listRoute = createRoute({
  method: 'get',
  path: '/orders',
  summary: 'Orders of all customers, newest first; a page may be short and still have a next one',
  request: { query: filterQuery },
  responses: answers(
    z.object({ rows: z.array(staffOrderSchema), next: z.string().nullable() }),
    'A page of them',
  ),
});

const namedSchema = z.array(z.object({ id: z.int(), name: z.string() }));

const choicesRoute = createRoute({
  method: 'get',
  path: '/orders/choices',
  summary: 'The services and providers that orders are filtered by',
  responses: answers(z.object({ services: namedSchema, providers: namedSchema }), 'By name'),
});

const bulkRoute = createRoute({
  method: 'post',
  path: '/orders/bulk',
  summary: 'Do the same with up to 100 orders, each by itself',
  description: 'Needs a fresh sign-in.',
  request: {
    body: takes(
      z.object({
        orders: orderIdsSchema,
        act: z.discriminatedUnion('kind', [
          z.object({
            kind: z.literal('settle'),
            status: z.enum(['Pending', 'In progress', 'Processing', 'Completed', 'Canceled']),
            note: z.string().trim().max(noteLettersMax).optional(),
          }),
          z.object({ kind: z.literal('send_again') }),
          z.object({ kind: z.literal('refund') }),
          z.object({ kind: z.literal('acknowledge') }),
          z.object({ kind: z.literal('request_refill') }),
          z.object({ kind: z.literal('request_cancel') }),
        ]),
      }),
    ),
  },
  responses: answers(
    z.object({
      results: z.array(z.object({ order: z.int(), refusal: refusalSchema.nullable() })),
    }),
    'Per order why it was refused; null: it is done',
  ),
});

/** Orders of all customers, and what is done with several at once. */
export function ordersApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/orders', requireArea('orders'));
  api.use('/orders/choices', requireArea('orders'));
  api.use('/orders/bulk', requireArea('orders'), requireFresh(ctx));
  return api
    .openapi(listRoute, async (c) => {
      const { orders, next } = await listStaffOrders(ctx.db, toFilter(c.req.valid('query')));
      const rows = orders.map(staffOrderView);
      return c.json({ rows, next: next === null ? null : String(next) }, 200);
    })
    .openapi(choicesRoute, async (c) => {
      const providers = await readProviders(ctx.db);
      const services = [...ctx.catalog.current().services.values()];
      return c.json({ services: byName(services), providers: byName(providers) }, 200);
    })
    .openapi(bulkRoute, async (c) => {
      const { orders, act } = c.req.valid('json');
      const { actor } = c.var;
      const requests = {
        request_refill: (orderId: OrderId) => requestRefillFor(ctx, actor, orderId),
        request_cancel: (orderId: OrderId) => requestCancelFor(ctx, actor, orderId),
      };
      const input = { orderIds: orders, act: toAct(act, requests) };
      const outcomes = await actOnOrders(ctx, actor, input);
      const results = orders.map((order, index) => {
        const refusal = outcomes[index] ?? null;
        return { order: Number(order), refusal: refusal && viewBulk(refusal) };
      });
      return c.json({ results }, 200);
    });
}

function viewBulk(refusal: NonNullable<BulkOutcome>): z.infer<typeof refusalSchema> {
  return refusal === 'failed' ? { code: refusal, detail: '' } : viewRefusal(refusal);
}

function byName(named: readonly { id: number; name: string }[]): z.infer<typeof namedSchema> {
  return named
    .map(({ id, name }) => ({ id, name }))
    .toSorted((one, other) => one.name.localeCompare(other.name));
}

/** @throws AppError `invalid_input` for a cursor that is none of ours */
function toFilter(query: z.infer<typeof filterQuery>): StaffOrderFilter {
  const { cursor, limit, search, status, kind, delivery, parent } = query;
  const before = cursor === undefined ? undefined : parseId(cursor);
  if (cursor !== undefined && before === undefined) {
    throw new AppError('invalid_input', 'the cursor is the next of a page');
  }
  return {
    limit,
    ...(search && { search }),
    ...(status && { status }),
    ...(kind && { kind }),
    ...(delivery && { delivery }),
    ...(parent && { parentId: parent }),
    ...(query.service && { serviceId: query.service as ServiceId }),
    ...(query.provider && { providerId: query.provider as ProviderId }),
    ...(query.customer && { customerId: query.customer as CustomerId }),
    ...(before && { before: before as OrderId }),
  };
}

type Asked = z.infer<
  (typeof bulkRoute)['request']['body']['content']['application/json']['schema']
>['act'];
type Requests = Readonly<
  Record<'request_refill' | 'request_cancel', (orderId: OrderId) => Promise<unknown>>
>;

function toAct(act: Asked, requests: Requests): BulkAct {
  switch (act.kind) {
    case 'settle': {
      const { kind, status, note } = act;
      return { kind, status, ...(note && { note }) };
    }
    case 'request_refill':
    case 'request_cancel':
      return { kind: 'request', request: requests[act.kind] };
    default:
      return act;
  }
}
