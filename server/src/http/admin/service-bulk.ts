import { createRoute, z } from '@hono/zod-openapi';
import {
  type CategoryId,
  formatRate,
  int32Max,
  type Markup,
  parseRate,
  type Rate,
  rate,
  type ServiceId,
} from '../../base/index.ts';
import {
  moveServices,
  type PriceChange,
  placeCategory,
  planPrices,
  renameCategory,
  repriceServices,
  switchServices,
} from '../../catalog/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import {
  amountSchema,
  answers,
  answersNothing,
  createApi,
  smallIdSchema,
  takes,
} from '../open-api.ts';

const servicesMax = 20_000;
const idSchema = z.int().min(1).max(int32Max);
const idsSchema = z.array(idSchema).min(1).max(servicesMax);
const countSchema = z.object({ changed: z.int() });

const switchRoute = createRoute({
  method: 'post',
  path: '/services/switch',
  summary: 'Put services on or off sale, hide or show them',
  request: {
    body: takes(
      z.object({
        serviceIds: idsSchema,
        enabled: z.boolean().optional(),
        hidden: z.boolean().optional(),
      }),
    ),
  },
  responses: answers(countSchema, 'How many were changed'),
});

const moveRoute = createRoute({
  method: 'post',
  path: '/services/move',
  summary: 'Move services to a place of a category',
  request: {
    body: takes(
      z.object({
        serviceIds: idsSchema,
        category: z.union([z.object({ id: idSchema }), z.object({ name: z.string().max(200) })]),
        beforeId: idSchema.nullable().describe('null: to the end'),
      }),
    ),
  },
  responses: answers(z.object({ categoryId: z.int() }), 'The category'),
});

const signedSchema = z.string().regex(/^-?\d{1,8}(\.\d{1,5})?$/);
const priceSchema = z.object({
  base: z.enum(['cost', 'rate']).describe("from what the provider asks, or from today's rates"),
  basisPoints: z.int().describe('hundredths of a percent'),
  fixed: signedSchema.openapi({ example: '-0.05' }),
  step: amountSchema.describe('rates are rounded up to multiples of this'),
  min: amountSchema.describe('no rate is below this'),
});

const planRoute = createRoute({
  method: 'post',
  path: '/services/prices/preview',
  summary: 'What a change of prices would make of rates',
  request: { body: takes(z.object({ serviceIds: idsSchema, change: priceSchema })) },
  responses: answers(
    z.object({
      rows: z.array(
        z.object({
          serviceId: z.int(),
          name: z.string(),
          before: amountSchema,
          after: amountSchema.nullable().describe('null: it stays as it is'),
          warning: z.enum(['no_cost', 'free', 'rate_too_large']).nullable(),
        }),
      ),
      basis: z.string().describe('names this plan; another one when rates or costs have changed'),
    }),
    'Nothing is written',
  ),
});

const repriceRoute = createRoute({
  method: 'post',
  path: '/services/prices',
  summary: 'Change prices as planned; refused when rates or costs have changed since',
  request: {
    body: takes(z.object({ serviceIds: idsSchema, change: priceSchema, basis: z.string() })),
  },
  responses: answers(countSchema, 'How many have another rate now'),
});

const categoryParams = z.object({ categoryId: smallIdSchema });

const placeRoute = createRoute({
  method: 'post',
  path: '/categories/{categoryId}/move',
  summary: 'Move a category before another one, or to the end',
  request: {
    params: categoryParams,
    body: takes(z.object({ beforeId: idSchema.nullable() })),
  },
  responses: answersNothing,
});

const renameRoute = createRoute({
  method: 'patch',
  path: '/categories/{categoryId}',
  summary: 'Rename a category',
  request: {
    params: categoryParams,
    body: takes(z.object({ name: z.string().trim().min(1).max(200) })),
  },
  responses: answersNothing,
});

/** Changes of many services at once, and of their order. */
export function serviceBulkApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/services/prices/preview', requireArea('services'));
  return api
    .openapi(switchRoute, async (c) => {
      const { serviceIds, enabled, hidden } = c.req.valid('json');
      const to = {
        ...(enabled === undefined ? {} : { enabled }),
        ...(hidden === undefined ? {} : { hidden }),
      };
      const changed = await switchServices(ctx, c.var.actor, { serviceIds: asIds(serviceIds), to });
      return c.json({ changed }, 200);
    })
    .openapi(moveRoute, async (c) => {
      const { serviceIds, category, beforeId } = c.req.valid('json');
      const categoryId = await moveServices(ctx, c.var.actor, {
        serviceIds: asIds(serviceIds),
        category: 'id' in category ? { id: category.id as CategoryId } : category,
        beforeId: beforeId as ServiceId | null,
      });
      return c.json({ categoryId }, 200);
    })
    .openapi(planRoute, async (c) => {
      const { serviceIds, change } = c.req.valid('json');
      const { rows, basis } = await planPrices(ctx.db, asIds(serviceIds), toChange(change));
      const views = rows.map(({ serviceId, name, before, after, warning }) => ({
        ...{ serviceId, name, warning, before: formatRate(before) },
        after: after === null ? null : formatRate(after),
      }));
      return c.json({ rows: views, basis }, 200);
    })
    .openapi(repriceRoute, async (c) => {
      const { serviceIds, change, basis } = c.req.valid('json');
      const input = { serviceIds: asIds(serviceIds), change: toChange(change), basis };
      return c.json({ changed: await repriceServices(ctx, c.var.actor, input) }, 200);
    })
    .openapi(placeRoute, async (c) => {
      const categoryId = c.req.valid('param').categoryId as CategoryId;
      const beforeId = c.req.valid('json').beforeId as CategoryId | null;
      await placeCategory(ctx, c.var.actor, { categoryId, beforeId });
      return c.body(null, 204);
    })
    .openapi(renameRoute, async (c) => {
      const categoryId = c.req.valid('param').categoryId as CategoryId;
      await renameCategory(ctx, c.var.actor, { categoryId, name: c.req.valid('json').name });
      return c.body(null, 204);
    });
}

function asIds(ids: readonly number[]): ServiceId[] {
  return ids as ServiceId[];
}

function toChange({ base, ...given }: z.infer<typeof priceSchema>): PriceChange {
  const markup: Markup = {
    basisPoints: given.basisPoints,
    fixed: toSignedRate(given.fixed),
    step: parseRate(given.step, 'step'),
    min: parseRate(given.min, 'min'),
  };
  return { base, markup };
}

/** A fixed amount lowers rates when it is negative. */
function toSignedRate(text: string): Rate {
  return text.startsWith('-') ? rate(-parseRate(text.slice(1), 'fixed')) : parseRate(text, 'fixed');
}
