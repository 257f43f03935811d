import { createRoute, z } from '@hono/zod-openapi';
import {
  AppError,
  amount,
  convertCost,
  formatAmount,
  formatRate,
  type ProviderId,
  parseRate,
  parseSmallId,
} from '../../base/index.ts';
import {
  type ImportInput,
  importServices,
  listProviderCategories,
  listProviderServices,
  previewImport,
  syncProvider,
} from '../../catalog/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { amountSchema, answers, createApi, pageQuery, smallIdSchema, takes } from '../open-api.ts';

const namesMax = 20_000;
const params = z.object({ providerId: smallIdSchema });

const categoriesRoute = createRoute({
  method: 'get',
  path: '/providers/{providerId}/catalog/categories',
  summary: "The categories of a provider's stored catalog",
  request: { params },
  responses: answers(
    z.object({
      categories: z.array(z.object({ name: z.string(), services: z.int(), imported: z.int() })),
    }),
    "In the provider's order; without what has no price",
  ),
});

const servicesRoute = createRoute({
  method: 'get',
  path: '/providers/{providerId}/catalog/services',
  summary: "Search a provider's stored catalog",
  request: {
    params,
    query: pageQuery.extend({
      category: z.string().max(200).optional(),
      search: z.string().max(200).optional().describe('words of name, category or id'),
    }),
  },
  responses: answers(
    z.object({
      rows: z.array(
        z.object({
          externalId: z.string(),
          name: z.string(),
          category: z.string(),
          type: z.string(),
          cost: amountSchema.nullable().describe("in the provider's currency"),
          min: z.int().nullable(),
          max: z.int().nullable(),
          refill: z.boolean(),
          cancel: z.boolean(),
          dripfeed: z.boolean(),
          isMissing: z.boolean(),
          importedAs: z.int().nullable(),
        }),
      ),
      next: z.string().nullable(),
    }),
    "In the provider's order",
  ),
});

const importBody = z.object({
  categories: z.array(z.string().max(200)).max(namesMax).optional(),
  externalIds: z.array(z.string().max(50)).max(namesMax).optional(),
  category: z
    .string()
    .max(200)
    .optional()
    .describe('where new services come to; default: as it is called there'),
  markupBasisPoints: z.int().describe('on top of the cost, in hundredths of a percent'),
  markupFixed: amountSchema.optional().describe('added after that'),
  rateStep: amountSchema.optional().describe('rates are rounded up to multiples of this'),
  rateMin: amountSchema.optional().describe('no rate is below this'),
  updatesMarkup: z.boolean().optional().describe('also of what was imported before'),
});

const warningSchema = z.object({
  subject: z.string().describe("the provider's service, or a category"),
  code: z.enum([
    'no_price',
    'free',
    'rate_too_large',
    'bad_bounds',
    'unknown_type',
    'no_name',
    'not_listed',
  ]),
  isSkipped: z.boolean(),
});

const previewRoute = createRoute({
  method: 'post',
  path: '/providers/{providerId}/import/preview',
  summary: 'What an import would do now',
  request: { params, body: takes(importBody) },
  responses: answers(
    z.object({
      created: z.int(),
      existing: z.int(),
      skipped: z.int(),
      warnings: z.array(warningSchema),
      rows: z.array(
        z.object({
          externalId: z.string(),
          name: z.string(),
          category: z.string(),
          cost: amountSchema.nullable().describe("in the provider's currency"),
          ownCost: amountSchema.nullable().describe("in the panel's"),
          rate: amountSchema.nullable(),
          isImported: z.boolean(),
        }),
      ),
    }),
    'The first 200 rows; nothing is written',
  ),
});

const importRoute = createRoute({
  method: 'post',
  path: '/providers/{providerId}/import',
  summary: "Make services of a provider's; from then on they follow it",
  request: { params, body: takes(importBody) },
  responses: answers(
    z.object({
      created: z.array(z.object({ serviceId: z.int(), externalId: z.string() })),
      existing: z.int(),
      updated: z.int(),
      warnings: z.array(warningSchema),
    }),
    'What was done',
  ),
});

const syncRoute = createRoute({
  method: 'post',
  path: '/providers/{providerId}/sync',
  summary: 'Fetch the catalog of a provider, and let what was imported from it follow',
  request: {
    params,
    body: takes(
      z.object({ force: z.boolean().optional().describe('also when most of it is gone') }),
    ),
  },
  responses: answers(
    z.object({
      listed: z.int(),
      followed: z.int(),
      applied: z.int(),
      held: z.int(),
      warnings: z.array(z.object({ code: z.string(), serviceId: z.int().nullable() })),
    }),
    'What was done',
  ),
});

/** Catalogs of providers: looked at, imported from, synced. */
export function providerCatalogApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/providers/:providerId/catalog/*', requireArea('services'));
  api.use('/providers/:providerId/import/preview', requireArea('services'));
  return api
    .openapi(categoriesRoute, async (c) => {
      const providerId = c.req.valid('param').providerId as ProviderId;
      return c.json({ categories: await listProviderCategories(ctx.db, providerId) }, 200);
    })
    .openapi(servicesRoute, async (c) => {
      const providerId = c.req.valid('param').providerId as ProviderId;
      const { cursor, limit, category, search } = c.req.valid('query');
      const found = await listProviderServices(ctx.db, {
        ...{ providerId, limit },
        ...(category === undefined ? {} : { category }),
        ...(search === undefined ? {} : { search }),
        ...(cursor === undefined ? {} : { after: readCursor(cursor) }),
      });
      const last = found.length < limit ? undefined : found.at(-1);
      const rows = found.map(({ position: _, cost, ...row }) => {
        return { ...row, cost: cost === null ? null : formatAmount(amount(cost)) };
      });
      return c.json({ rows, next: last ? `${last.position}:${last.externalId}` : null }, 200);
    })
    .openapi(previewRoute, async (c) => {
      const providerId = c.req.valid('param').providerId as ProviderId;
      const input = toInput(providerId, c.req.valid('json'));
      const { exchangeRate, ...preview } = await previewImport(ctx.db, input);
      const rows = preview.rows.map(({ cost, rate, ...row }) => ({
        ...row,
        ownCost: cost === null ? null : formatAmount(convertCost(cost, exchangeRate)),
        cost: cost === null ? null : formatAmount(amount(cost)),
        rate: rate === null ? null : formatRate(rate),
      }));
      return c.json({ ...preview, rows }, 200);
    })
    .openapi(importRoute, async (c) => {
      const providerId = c.req.valid('param').providerId as ProviderId;
      const input = toInput(providerId, c.req.valid('json'));
      return c.json(await importServices(ctx, c.var.actor, input), 200);
    })
    .openapi(syncRoute, async (c) => {
      const providerId = c.req.valid('param').providerId as ProviderId;
      const { force = false } = c.req.valid('json');
      return c.json(await syncProvider(ctx, c.var.actor, { providerId, force }), 200);
    });
}

/** @throws AppError `invalid_input` for a cursor that is none of ours */
function readCursor(cursor: string): { position: number; externalId: string } {
  const [, digits = '', externalId = ''] = /^(\d+):(.+)$/.exec(cursor) ?? [];
  const position = parseSmallId(digits);
  if (position === undefined) {
    throw new AppError('invalid_input', 'the cursor is the next of a page');
  }
  return { position, externalId };
}

function toInput(providerId: ProviderId, body: z.infer<typeof importBody>): ImportInput {
  const { categories, externalIds, category, markupBasisPoints, updatesMarkup } = body;
  const { markupFixed: fixed, rateStep: step, rateMin: min } = body;
  return {
    ...{ providerId, markupBasisPoints },
    ...(categories === undefined ? {} : { categories }),
    ...(externalIds === undefined ? {} : { externalIds }),
    ...(category === undefined ? {} : { category }),
    ...(updatesMarkup === undefined ? {} : { updatesMarkup }),
    ...(fixed === undefined ? {} : { markupFixed: parseRate(fixed, 'markupFixed') }),
    ...(step === undefined ? {} : { rateStep: parseRate(step, 'rateStep') }),
    ...(min === undefined ? {} : { rateMin: parseRate(min, 'rateMin') }),
  };
}
