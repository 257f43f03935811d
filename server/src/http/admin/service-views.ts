import { z } from '@hono/zod-openapi';
import { amount, convertCost, formatAmount, formatRate, int32Max } from '../../base/index.ts';
import type { StaffRoute, StaffServiceDetail } from '../../catalog/index.ts';
import type { RouteQuality } from '../../figures/index.ts';
import { orderTypes } from '../../orders/index.ts';
import { amountSchema } from '../open-api.ts';

const descriptionLettersMax = 5_000;
const averageTimeLettersMax = 200;
const routesMax = 20;

/** The 17 shapes of parameters a service can have. */
export const typeSchema = z.enum(Object.keys(orderTypes) as [keyof typeof orderTypes]);

const boundSchema = z.int().min(1).max(int32Max);

/** What staff set of a new service. */
export const serviceBody = z.object({
  name: z.string().trim().min(1).max(500),
  category: z.string().trim().min(1).max(200).describe('a new one is created'),
  type: typeSchema,
  rate: amountSchema.describe('per 1,000, or of one package'),
  min: boundSchema,
  max: boundSchema,
  refill: z.boolean().optional(),
  refillDays: z.int().min(1).max(36_500).nullable().optional().describe('null: for ever'),
  cancel: z.boolean().optional(),
  dripfeed: z.boolean().optional(),
  denyDuplicates: z.boolean().optional(),
  enabled: z.boolean().optional(),
  hidden: z.boolean().optional(),
  description: z.string().max(descriptionLettersMax).optional(),
  averageTime: z.string().max(averageTimeLettersMax).optional(),
});

export const serviceChangesBody = serviceBody.partial();

export const routesBody = z
  .array(
    z.object({
      providerId: z.int().min(1).max(int32Max),
      externalId: z.string().trim().min(1).max(50),
      isDelegated: z.boolean(),
      guardsMargin: z.boolean(),
    }),
  )
  .max(routesMax);

const qualitySchema = z
  .object({
    completed: z.int(),
    partial: z.int(),
    canceled: z.int(),
    attempts: z.int(),
    failures: z.int(),
    medianSeconds: z.number().nullable(),
    p95Seconds: z.number().nullable(),
  })
  .openapi('RouteQuality');

const routeSchema = z.object({
  providerId: z.int(),
  provider: z.string(),
  externalId: z.string(),
  isDelegated: z.boolean(),
  guardsMargin: z.boolean(),
  listed: z
    .object({
      name: z.string(),
      category: z.string(),
      type: z.string(),
      cost: amountSchema.nullable().describe("in the panel's currency"),
      providerCost: amountSchema.nullable().describe("in the provider's"),
      currency: z.string(),
      min: z.int().nullable(),
      max: z.int().nullable(),
      isMissing: z.boolean().describe('it was in the catalog, and is no more'),
    })
    .nullable()
    .describe('null: the stored catalog does not have it'),
  quality: qualitySchema.nullable().describe('the last 30 days; null: nothing delivered'),
});

/** A service as its page shows it. */
export const detailSchema = z
  .object({
    id: z.int(),
    category: z.string(),
    name: z.string(),
    type: typeSchema,
    rate: amountSchema,
    min: z.int(),
    max: z.int(),
    refill: z.boolean(),
    refillDays: z.int().nullable(),
    cancel: z.boolean(),
    dripfeed: z.boolean(),
    denyDuplicates: z.boolean(),
    enabled: z.boolean(),
    offBy: z.enum(['staff', 'sync']).nullable(),
    hidden: z.boolean(),
    description: z.string(),
    averageTime: z.string(),
    source: z
      .object({
        providerId: z.int(),
        provider: z.string(),
        externalId: z.string(),
        markupBasisPoints: z.int().describe('hundredths of a percent'),
        markupFixed: amountSchema,
        rateStep: amountSchema,
        rateMin: amountSchema,
      })
      .nullable()
      .describe('whom its rate follows'),
    routes: z.array(routeSchema),
    ownPrices: z.int().describe('how many customers have an own price for it'),
  })
  .openapi('StaffServiceDetail');

/** A service with its routes beside how they delivered. */
export function detailView(
  service: StaffServiceDetail,
  quality: readonly RouteQuality[],
): z.infer<typeof detailSchema> {
  const { rate, disabledBy, source, routes, categoryId: _, ...rest } = service;
  return {
    ...rest,
    rate: formatRate(rate),
    offBy: disabledBy,
    source: source && {
      providerId: source.providerId,
      provider: source.provider,
      externalId: source.externalId,
      markupBasisPoints: source.markup.basisPoints,
      markupFixed: formatRate(source.markup.fixed),
      rateStep: formatRate(source.markup.step),
      rateMin: formatRate(source.markup.min),
    },
    routes: routes.map((route) => routeView(route, quality)),
  };
}

function routeView(
  route: StaffRoute,
  qualities: readonly RouteQuality[],
): z.infer<typeof routeSchema> {
  const found = qualities.find(({ providerId }) => providerId === route.providerId);
  const { listed } = route;
  return {
    ...route,
    listed: listed && {
      name: listed.name,
      category: listed.category,
      type: listed.type,
      cost:
        listed.cost === null ? null : formatAmount(convertCost(listed.cost, listed.exchangeRate)),
      providerCost: listed.cost === null ? null : formatAmount(amount(listed.cost)),
      currency: listed.currency,
      min: listed.min,
      max: listed.max,
      isMissing: listed.isMissing,
    },
    quality: found === undefined ? null : qualityView(found),
  };
}

function qualityView(quality: RouteQuality): z.infer<typeof qualitySchema> {
  const { completed, partial, canceled, attempts, failures, medianSeconds, p95Seconds } = quality;
  return { completed, partial, canceled, attempts, failures, medianSeconds, p95Seconds };
}
