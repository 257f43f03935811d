import { createRoute, z } from '@hono/zod-openapi';
import { AppError, formatAmount } from '../../base/index.ts';
import {
  checkMassOrder,
  massLinesMax,
  type PlacedLine,
  placeMassOrder,
} from '../../orders/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import {
  amountSchema,
  answers,
  createApi,
  refusalSchema,
  takes,
  viewRefusal,
} from '../open-api.ts';
import { requestIdSchema } from './place.ts';
import { refuseSuspended } from './suspended.ts';

/** More than a link may have, so that a link too long is refused as one line, not the whole. */
const lineLengthMax = 10_000;
const lineSchema = z.string().max(lineLengthMax).openapi({
  example: '12 | 1000 | https://example.com/post',
});

const checkRoute = createRoute({
  method: 'post',
  path: '/mass-orders/check',
  summary: 'Say of each line `service | quantity | link` what placing it now would do',
  request: { body: takes(z.object({ lines: z.array(lineSchema).max(massLinesMax) })) },
  responses: answers(
    z.object({
      lines: z.array(
        z.object({
          order: z
            .object({ service: z.int(), quantity: z.int(), charge: amountSchema })
            .nullable()
            .describe('null: this line is no order'),
          refusal: refusalSchema.nullable().describe('null: it would be placed'),
        }),
      ),
      total: amountSchema.describe('of all lines that are refused for nothing but funds'),
    }),
    'Nothing is charged',
  ),
});

const outcomes = ['placed', 'refused', 'unknown'] as const;

const placeRoute = createRoute({
  method: 'post',
  path: '/mass-orders',
  summary:
    'Place lines, each by itself; a line under a requestId it had before is not placed again',
  request: {
    body: takes(
      z.object({
        lines: z
          .array(z.object({ text: lineSchema, requestId: requestIdSchema }))
          .max(massLinesMax),
      }),
    ),
  },
  responses: answers(
    z.object({
      lines: z.array(
        z.object({
          outcome: z
            .enum(outcomes)
            .describe('unknown: send the line again under its requestId to find out'),
          id: z.int().nullable(),
          refusal: refusalSchema.nullable(),
        }),
      ),
    }),
    'What became of each line',
  ),
});

/** Many orders from lines of text. */
export function massOrderApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>()
    .openapi(checkRoute, async (c) => {
      const terms = await refuseSuspended(ctx, c.var.actor);
      const { lines } = c.req.valid('json');
      const checked = await checkMassOrder(ctx, c.var.actor, { terms, lines });
      const views = checked.lines.map(({ order, refusal }) => ({
        order: order && {
          service: order.serviceId,
          quantity: Number(order.quantity),
          charge: formatAmount(order.charge),
        },
        refusal: refusal && viewRefusal(refusal),
      }));
      return c.json({ lines: views, total: formatAmount(checked.total) }, 200);
    })
    .openapi(placeRoute, async (c) => {
      const terms = await refuseSuspended(ctx, c.var.actor);
      const { lines } = c.req.valid('json');
      const placed = await placeMassOrder(ctx, c.var.actor, { terms, lines });
      return c.json({ lines: placed.map(placedView) }, 200);
    });
}

function placedView(line: PlacedLine) {
  const nothing = { id: null, refusal: null };
  if (line === 'unknown') return { ...nothing, outcome: 'unknown' as const };
  if (line instanceof AppError) {
    return { ...nothing, outcome: 'refused' as const, refusal: viewRefusal(line) };
  }
  return { ...nothing, outcome: 'placed' as const, id: Number(line.orderId) };
}
