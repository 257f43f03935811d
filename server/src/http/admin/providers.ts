import { createRoute, z } from '@hono/zod-openapi';
import { dayMs, type ProviderId } from '../../base/index.ts';
import { readLastSync } from '../../catalog/index.ts';
import { readProviderDays, readSpending } from '../../figures/index.ts';
import { readProviderLoads } from '../../fulfilment/index.ts';
import {
  addProvider,
  findProvider,
  readAllHealth,
  readHealth,
  readHealthDays,
  readProviders,
  setProviderState,
  testProvider,
  updateProvider,
} from '../../providers/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import { amountSchema, answers, createApi, smallIdSchema, takes } from '../open-api.ts';
import {
  providerBody,
  providerChangesBody,
  providerDetailSchema,
  providerDetailView,
  stateSchema,
  summarySchema,
  summaryView,
  toChanges,
} from './provider-views.ts';

const monthDays = 30;
const params = z.object({ providerId: smallIdSchema });

const listRoute = createRoute({
  method: 'get',
  path: '/providers',
  summary: 'All providers with their health, balance and spending',
  responses: answers(z.object({ providers: z.array(summarySchema) }), 'By name'),
});

const detailRoute = createRoute({
  method: 'get',
  path: '/providers/{providerId}',
  summary: 'A provider with its settings; never its key',
  request: { params },
  responses: answers(providerDetailSchema, 'The provider'),
});

const addRoute = createRoute({
  method: 'post',
  path: '/providers',
  summary: 'Add a provider; it is on at once',
  request: { body: takes(providerBody) },
  responses: answers(z.object({ id: z.int() }), 'Its number'),
});

const updateRoute = createRoute({
  method: 'patch',
  path: '/providers/{providerId}',
  summary: 'Change a provider; another address blanks its key, unless a new one comes along',
  request: { params, body: takes(providerChangesBody) },
  responses: answers(z.object({ state: stateSchema, hasKey: z.boolean() }), 'How it is after'),
});

const stateRoute = createRoute({
  method: 'put',
  path: '/providers/{providerId}/state',
  summary: 'Set a provider on, let it finish what it has, or stop all calls to it',
  request: { params, body: takes(z.object({ state: stateSchema })) },
  responses: answers(z.object({ changed: z.boolean() }), 'Whether that was a change'),
});

const testRoute = createRoute({
  method: 'post',
  path: '/providers/{providerId}/test',
  summary: 'Ask a provider for its balance now',
  request: { params },
  responses: answers(
    z.object({
      balance: amountSchema.describe("the provider's own text"),
      currency: z.string().nullable(),
      tookMs: z.int(),
    }),
    'What it answered',
  ),
});

/** Upstream panels: how they do, what they are set to. */
export function providersApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/providers', requireArea('providers'));
  api.get('/providers/:providerId', requireArea('providers'));
  return api
    .openapi(listRoute, async (c) => {
      const now = ctx.clock.now();
      const [providers, health, spending, loads] = await Promise.all([
        readProviders(ctx.db),
        readAllHealth(ctx.db, now),
        readSpending(ctx.db, spendingSpan(now)),
        readProviderLoads(ctx.db, now),
      ]);
      const views = providers
        .toSorted((one, other) => one.name.localeCompare(other.name))
        .map((provider) =>
          summaryView(provider, {
            health: health.get(provider.id),
            spending: spending.find(({ providerId }) => providerId === provider.id),
            load: loads.find(({ providerId }) => providerId === provider.id),
          }),
        );
      return c.json({ providers: views }, 200);
    })
    .openapi(detailRoute, async (c) => {
      const now = ctx.clock.now();
      const id = c.req.valid('param').providerId as ProviderId;
      const provider = await findProvider(ctx.db, id);
      const span = spendingSpan(now);
      const [health, days, spending, loads, healthDays, lastSync] = await Promise.all([
        readHealth(ctx.db, id, now),
        readProviderDays(ctx.db, id, span.from),
        readSpending(ctx.db, span),
        readProviderLoads(ctx.db, now),
        readHealthDays(ctx.db, id, span.from),
        readLastSync(ctx.db, id),
      ]);
      const summary = summaryView(provider, {
        health,
        spending: spending.find(({ providerId }) => providerId === id),
        load: loads.find(({ providerId }) => providerId === id),
      });
      return c.json(providerDetailView(summary, provider, { days, healthDays, lastSync }), 200);
    })
    .openapi(addRoute, async (c) => {
      const { name, url, key, ...settings } = c.req.valid('json');
      const id = await addProvider(ctx, c.var.actor, {
        ...toChanges(settings),
        ...{ name, url, key },
      });
      return c.json({ id }, 200);
    })
    .openapi(updateRoute, async (c) => {
      const providerId = c.req.valid('param').providerId as ProviderId;
      const changes = toChanges(c.req.valid('json'));
      return c.json(await updateProvider(ctx, c.var.actor, { providerId, changes }), 200);
    })
    .openapi(stateRoute, async (c) => {
      const providerId = c.req.valid('param').providerId as ProviderId;
      const { state } = c.req.valid('json');
      const changed = await setProviderState(ctx, c.var.actor, { providerId, state });
      return c.json({ changed }, 200);
    })
    .openapi(testRoute, async (c) => {
      const providerId = c.req.valid('param').providerId as ProviderId;
      return c.json(await testProvider(ctx, c.var.actor, providerId), 200);
    });
}

/** The last 30 days (UTC), and the running one. */
function spendingSpan(now: Date): { from: Date; recent: Date } {
  const today = Math.floor(now.getTime() / dayMs) * dayMs;
  return { from: new Date(today - (monthDays - 1) * dayMs), recent: new Date(today) };
}
