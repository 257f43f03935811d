import { z } from '@hono/zod-openapi';
import { type Amount, formatAmount, parseAmount, zero } from '../../base/index.ts';
import type { LastSync } from '../../catalog/index.ts';
import type { ProviderDay, Spending } from '../../figures/index.ts';
import type { ProviderLoad } from '../../fulfilment/index.ts';
import type { Health, HealthDay, Provider, ProviderChanges } from '../../providers/index.ts';
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
  heldBackUntil: momentSchema.nullable().describe('it asked not to be called before; may be over'),
  syncedAt: momentSchema.nullable(),
  lastSuccessAt: momentSchema.nullable(),
  lastFailureAt: momentSchema.nullable(),
  lastFailure: z.string(),
  calls: z.int().describe('of the last 24 hours'),
  failures: z.int(),
  errorRate: z.number().nullable(),
  medianMs: z.int().nullable().describe('half of the calls took less'),
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
  orders: z
    .object({
      due: z.int().describe('to be sent'),
      inFlight: z.int(),
      following: z.int().describe('sent, and not done'),
      unknown: z.int().describe('nobody knows whether it has them'),
      held: z.int().describe('wait for staff'),
    })
    .describe('not done yet'),
};

/** A provider in the list. */
export const summarySchema = z.object(summaryFields).openapi('Provider');

const lastSyncSchema = z.object({
  at: momentSchema,
  failure: z.string().nullable().describe('why nothing was changed; null: it went well'),
  listed: z.int(),
  followed: z.int(),
  applied: z.int(),
  held: z.int(),
  warnings: z
    .array(
      z.object({
        code: z.string(),
        serviceId: z.int().nullable().describe('null: it is about the whole list'),
        service: z.string().nullable(),
      }),
    )
    .describe('the first hundred'),
  warningCount: z.int(),
});

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
    healthDays: z
      .array(
        z.object({
          day: momentSchema,
          calls: z.int(),
          failures: z.int(),
          medianMs: z.int().nullable(),
        }),
      )
      .describe('of the last 30 days; days without a call are left out'),
    lastSync: lastSyncSchema.nullable(),
  })
  .openapi('ProviderDetail');

type Summary = z.infer<typeof summarySchema>;

const noHealth: Health = {
  calls: 0,
  failures: 0,
  errorRate: null,
  medianMs: null,
  lastSuccessAt: null,
  lastFailureAt: null,
  lastFailure: '',
  actions: [],
};
const noLoad = { due: 0, inFlight: 0, following: 0, unknown: 0, held: 0 };

type Doings = {
  health: Health | undefined;
  spending: Spending | undefined;
  load: ProviderLoad | undefined;
};

/** A provider without its key, beside how it did, what it was paid and what it has to do. */
export function summaryView(provider: Provider, doings: Doings): Summary {
  const { health = noHealth, spending, load = noLoad } = doings;
  const { id, name, alias, url, currency, state, pausedBy, isSandbox } = provider;
  const { balance, balanceLowMark } = provider;
  const { calls, failures, errorRate, medianMs, actions, lastFailure } = health;
  const { due, inFlight, following, unknown, held } = load;
  return {
    ...{ id, name, alias, url, currency, state, pausedBy, isSandbox },
    hasKey: provider.keySealed !== null,
    balance: textOf(balance),
    balanceAt: provider.balanceAt?.toISOString() ?? null,
    balanceLowMark: textOf(balanceLowMark),
    isBalanceLow: balance !== null && balanceLowMark !== null && balance < balanceLowMark,
    heldBackUntil: provider.heldBackUntil?.toISOString() ?? null,
    syncedAt: provider.syncedAt?.toISOString() ?? null,
    lastSuccessAt: health.lastSuccessAt?.toISOString() ?? null,
    lastFailureAt: health.lastFailureAt?.toISOString() ?? null,
    ...{ calls, failures, errorRate, medianMs, actions, lastFailure },
    spentToday: formatAmount(spending?.recentCost ?? zero),
    spentMonth: formatAmount(spending?.cost ?? zero),
    orders: { due, inFlight, following, unknown, held },
  };
}

type Past = {
  days: readonly ProviderDay[];
  healthDays: readonly HealthDay[];
  lastSync: LastSync | null;
};

/** A provider with its settings, and how its last days were. */
export function providerDetailView(
  summary: Summary,
  provider: Provider,
  { days, healthDays, lastSync }: Past,
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
    healthDays: healthDays.map(({ day, ...counts }) => ({ day: day.toISOString(), ...counts })),
    lastSync: lastSync && lastSyncView(lastSync),
  };
}

const nothingSynced = {
  ...{ listed: 0, followed: 0, applied: 0, held: 0 },
  warnings: [],
  warningCount: 0,
};

function lastSyncView(last: LastSync): z.infer<typeof lastSyncSchema> {
  return { ...nothingSynced, ...last, failure: last.failure ?? null };
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
