import { createRoute, z } from '@hono/zod-openapi';
import {
  type CustomerId,
  formatAmount,
  type OrderId,
  parseId,
  type ServiceId,
} from '../../base/index.ts';
import { type CancelView, readCancels } from '../../cancels/index.ts';
import { linkLengthMax, listOrders, type OrderFilter, type OrderRow } from '../../orders/index.ts';
import { findRefillRefusals } from '../../refills/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import { type CsvCell, csvResponse } from '../csv.ts';
import {
  amountSchema,
  answers,
  createApi,
  momentSchema,
  pageQuery,
  readCursor,
  refusalSchema,
  smallIdSchema,
  viewRefusal,
} from '../open-api.ts';
import { kindSchema, orderIdSchema, statusSchema } from './order-words.ts';

const rowsPerBatch = 1_000;

const filterQuery = z.object({
  status: statusSchema.optional(),
  kind: kindSchema.optional(),
  service: smallIdSchema.optional(),
  parent: orderIdSchema.optional().describe('only the runs or posts of this order'),
  search: z
    .string()
    .trim()
    .max(linkLengthMax)
    .optional()
    .describe('the number of an order, or its link in any usual spelling'),
});
type FilterQuery = z.infer<typeof filterQuery>;

const rowSchema = z
  .object({
    id: z.int(),
    service: z.int(),
    serviceName: z.string(),
    kind: kindSchema,
    status: statusSchema,
    link: z.string(),
    quantity: z.int(),
    charge: amountSchema.describe('as it was placed'),
    refunded: amountSchema.describe('of that, what has come back'),
    startCount: z.int().nullable(),
    remains: z.int(),
    parent: z.int().nullable(),
    run: z.int().nullable().describe('which run or post of its parent it is'),
    parts: z
      .object({ done: z.int(), total: z.int().nullable().describe('null: until it is stopped') })
      .nullable()
      .describe('the runs of a drip-feed, the posts of a subscription'),
    canPause: z.boolean(),
    createdAt: momentSchema,
    refillRefusal: refusalSchema.nullable().describe('null: a refill may be asked for'),
    cancelRefusal: refusalSchema.nullable().describe('null: it may be cancelled'),
  })
  .openapi('OrderRow');

const listRoute = createRoute({
  method: 'get',
  path: '/orders',
  summary: 'Your orders, newest first, and what may be asked for of each',
  request: { query: pageQuery.extend(filterQuery.shape) },
  responses: answers(
    z.object({ rows: z.array(rowSchema), next: z.string().nullable() }),
    'A page of them',
  ),
});

const exportRoute = createRoute({
  method: 'get',
  path: '/orders.csv',
  summary: 'All orders of a filter as a CSV file',
  request: { query: filterQuery },
  responses: { 200: { description: 'The file', content: { 'text/csv': { schema: z.string() } } } },
});

/** The list of a customer's orders. */
export function ordersApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>()
    .openapi(listRoute, async (c) => {
      const { customerId } = c.var.actor;
      const { cursor, limit, ...query } = c.req.valid('query');
      const before = cursor === undefined ? undefined : (readCursor(cursor) as OrderId);
      const orders = await listOrders(ctx.db, {
        ...filterOf(customerId, query),
        limit,
        ...(before !== undefined && { before }),
      });
      const ids = orders.map(({ id }) => id);
      const [refills, cancels] = await Promise.all([
        findRefillRefusals(ctx, customerId, ids),
        readCancels(ctx, customerId, ids),
      ]);
      const rows = orders.map((order) =>
        rowView(order, refills.get(order.id) ?? null, cancels.get(order.id)),
      );
      const last = orders.length === limit ? orders.at(-1) : undefined;
      return c.json({ rows, next: last === undefined ? null : String(last.id) }, 200);
    })
    .openapi(exportRoute, (c) => {
      const filter = filterOf(c.var.actor.customerId, c.req.valid('query'));
      return csvResponse('orders.csv', csvHead, readBatches(ctx, filter));
    });
}

type Filter = Omit<OrderFilter, 'limit' | 'before'>;

function filterOf(customerId: CustomerId, query: FilterQuery): Filter {
  const { status, kind, service, parent, search = '' } = query;
  const orderId = parseId(search.replace(/^#/, '')) as OrderId | undefined;
  return {
    customerId,
    ...(status !== undefined && { status }),
    ...(kind !== undefined && { kind }),
    ...(service !== undefined && { serviceId: service as ServiceId }),
    ...(parent !== undefined && { parentId: parent }),
    ...(orderId !== undefined && { orderId }),
    ...(orderId === undefined && search !== '' && { link: search }),
  };
}

function rowView(
  order: OrderRow,
  refillRefusal: Parameters<typeof viewRefusal>[0] | null,
  cancel: CancelView | undefined,
): z.infer<typeof rowSchema> {
  const { partsDone } = order;
  return {
    id: Number(order.id),
    service: order.serviceId,
    serviceName: order.service,
    kind: order.kind,
    status: order.status,
    link: order.link,
    quantity: Number(order.quantity),
    charge: formatAmount(order.charge),
    refunded: formatAmount(order.refunded),
    startCount: order.startCount === null ? null : Number(order.startCount),
    remains: Number(order.remains),
    parent: order.parentId === null ? null : Number(order.parentId),
    run: order.run,
    parts: partsDone === null ? null : { done: partsDone, total: order.parts },
    canPause: order.canPause,
    createdAt: order.createdAt.toISOString(),
    refillRefusal: refillRefusal && viewRefusal(refillRefusal),
    cancelRefusal: cancel?.refusal ? viewRefusal(cancel.refusal) : null,
  };
}

const csvHead = [
  ...['order', 'created', 'service', 'service_name', 'kind', 'status', 'link', 'quantity'],
  ...['start_count', 'remains', 'charge', 'refunded', 'parent'],
];

function csvCells(order: OrderRow): CsvCell[] {
  return [
    ...[order.id, order.createdAt.toISOString(), order.serviceId, order.service, order.kind],
    ...[order.status, order.link, order.quantity, order.startCount, order.remains],
    ...[formatAmount(order.charge), formatAmount(order.refunded), order.parentId],
  ];
}

async function* readBatches(ctx: CustomerApiContext, filter: Filter): AsyncGenerator<CsvCell[][]> {
  let before: OrderId | undefined;
  for (;;) {
    const orders = await listOrders(ctx.db, {
      ...filter,
      limit: rowsPerBatch,
      ...(before !== undefined && { before }),
    });
    yield orders.map(csvCells);
    before = orders.at(-1)?.id;
    if (orders.length < rowsPerBatch) return;
  }
}
