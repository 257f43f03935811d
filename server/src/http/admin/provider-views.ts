import { z } from '@hono/zod-openapi';
import { type Amount, formatAmount, parseAmount, zero } from '../../base/index.ts';
import type { ProviderDay, Spending } from '../../figures/index.ts';
import type { Health, Provider, ProviderChanges } from '../../providers/index.ts';
import { amountSchema, momentSchema } from '../open-api.ts';

/** What staff set of a provider; amounts as text. The key is written and never read. */
export const providerChangesBody = z.object({
  name: z.string().optional(),
  url: z.string().optional(),
  key: z.string().min(1).optional().describe('stored encrypted; nobody can read it again'),
  alias: z.string().optional().describe('what customers may read of it'),
  currency: z.string().optional(),
  exchangeRate: amountSchema.optional().describe("what one of its currency costs in the panel's"),
  callsPerMinuteMax: z.int().optional(),
  addTimeoutMs: z.int().optional(),
  requestIdField: z.string().nullable().optional(),
  idsIncrease: z.boolean().optional(),
  balanceLowMark: amountSchema.nullable().optional(),
  syncPrices: z.boolean().optional(),
  syncLimits: z.boolean().optional(),
  syncFlags: z.boolean().optional(),
  syncRemovals: z.boolean().optional(),
  syncReturns: z.boolean().optional(),
  priceJumpPercentMax: z.int().optional(),
});

export const providerBody = providerChangesBody.extend({
  name: z.string(),
  url: z.string(),
  key: z.string().min(1),
});

export const stateSchema = z.enum(['on', 'draining', 'paused']);

const summaryFields = {
  id: z.int(),
  name: z.string(),
  alias: z.string(),
  url: z.string(),
  currency: z.string(),
  state: stateSchema,
  pausedBy: z.enum(['staff', 'funds', 'key']).nullable(),
  hasKey: z.boolean(),
  isSandbox: z.boolean(),
  balance: amountSchema.nullable().describe("in the provider's currency"),
  balanceAt: momentSchema.nullable(),
  balanceLowMark: amountSchema.nullable(),
  isBalanceLow: z.boolean(),
  syncedAt: momentSchema.nullable(),
  lastSuccessAt: momentSchema.nullable(),
  lastFailureAt: momentSchema.nullable(),
  lastFailure: z.string(),
  calls: z.int().describe('of the last 24 hours'),
  failures: z.int(),
  errorRate: z.number().nullable(),
  actions: z.array(
    z.object({
      action: z.string(),
      calls: z.int(),
      failures: z.int(),
      medianMs: z.int().nullable().describe('half of the calls took less'),
    }),
  ),
  spentToday: amountSchema.describe("in the panel's currency"),
  spentMonth: amountSchema.describe('in the last 30 days'),
};

/** A provider in the list. */
export const summarySchema = z.object(summaryFields).openapi('Provider');

/** A provider with its settings and what it was paid day by day. */
export const providerDetailSchema = z
  .object({
    ...summaryFields,
    exchangeRate: amountSchema,
    callsPerMinuteMax: z.int(),
    addTimeoutMs: z.int(),
    requestIdField: z.string().nullable(),
    idsIncrease: z.boolean(),
    syncPrices: z.boolean(),
    syncLimits: z.boolean(),
    syncFlags: z.boolean(),
    syncRemovals: z.boolean(),
    syncReturns: z.boolean(),
    priceJumpPercentMax: z.int(),
    days: z.array(
      z.object({
        day: momentSchema,
        orders: z.int(),
        cost: amountSchema,
        revenue: amountSchema,
      }),
    ),
  })
  .openapi('ProviderDetail');

type Summary = z.infer<typeof summarySchema>;

const noHealth: Health = {
  calls: 0,
  failures: 0,
  errorRate: null,
  lastSuccessAt: null,
  lastFailureAt: null,
  lastFailure: '',
  actions: [],
};

/** A provider without its key, beside how it did and what it was paid. */
export function summaryView(
  provider: Provider,
  health: Health = noHealth,
  spending?: Spending,
): Summary {
  const { id, name, alias, url, currency, state, pausedBy, isSandbox } = provider;
  const { balance, balanceLowMark } = provider;
  const { calls, failures, errorRate, actions, lastFailure } = health;
  return {
    ...{ id, name, alias, url, currency, state, pausedBy, isSandbox },
    hasKey: provider.keySealed !== null,
    balance: textOf(balance),
    balanceAt: provider.balanceAt?.toISOString() ?? null,
    balanceLowMark: textOf(balanceLowMark),
    isBalanceLow: balance !== null && balanceLowMark !== null && balance < balanceLowMark,
    syncedAt: provider.syncedAt?.toISOString() ?? null,
    lastSuccessAt: health.lastSuccessAt?.toISOString() ?? null,
    lastFailureAt: health.lastFailureAt?.toISOString() ?? null,
    ...{ calls, failures, errorRate, actions, lastFailure },
    spentToday: formatAmount(spending?.recentCost ?? zero),
    spentMonth: formatAmount(spending?.cost ?? zero),
  };
}

/** A provider with its settings. */
export function providerDetailView(
  summary: Summary,
  provider: Provider,
  days: readonly ProviderDay[],
): z.infer<typeof providerDetailSchema> {
  const { callsPerMinuteMax, addTimeoutMs, requestIdField, idsIncrease } = provider;
  const { syncPrices, syncLimits, syncFlags, syncRemovals, syncReturns } = provider;
  return {
    ...summary,
    exchangeRate: formatAmount(provider.exchangeRate as Amount),
    ...{ callsPerMinuteMax, addTimeoutMs, requestIdField, idsIncrease },
    ...{ syncPrices, syncLimits, syncFlags, syncRemovals, syncReturns },
    priceJumpPercentMax: provider.priceJumpPercentMax,
    days: days.map(({ day, orders, cost, revenue }) => ({
      day: day.toISOString(),
      orders,
      cost: formatAmount(cost),
      revenue: formatAmount(revenue),
    })),
  };
}

/**
 * What a form says, with its amounts read.
 * @throws AppError `invalid_input`
 */
export function toChanges(body: z.infer<typeof providerChangesBody>): ProviderChanges {
  const { exchangeRate, balanceLowMark, ...rest } = body;
  return {
    ...rest,
    ...(exchangeRate === undefined
      ? {}
      : { exchangeRate: parseAmount(exchangeRate, 'exchangeRate') }),
    ...(balanceLowMark === undefined
      ? {}
      : {
          balanceLowMark:
            balanceLowMark === null ? null : parseAmount(balanceLowMark, 'balanceLowMark'),
        }),
  };
}

function textOf(value: Amount | null): string | null {
  return value === null ? null : formatAmount(value);
}
