import { createRoute, z } from '@hono/zod-openapi';
import { compress } from 'hono/compress';
import type { ProviderId } from '../../base/index.ts';
import {
  amount,
  convertCost,
  formatAmount,
  formatRate,
  parseRate,
  type ServiceId,
} from '../../base/index.ts';
import {
  countWaitingChanges,
  createService,
  duplicateService,
  readStaffCatalog,
  readStaffService,
  type StaffService,
  setRoutes,
  updateService,
} from '../../catalog/index.ts';
import { readRouteQuality } from '../../figures/index.ts';
import { type AdminApiContext, type AdminEnv, requireArea } from '../access.ts';
import {
  amountSchema,
  answers,
  answersNothing,
  createApi,
  smallIdSchema,
  takes,
} from '../open-api.ts';
import {
  detailSchema,
  detailView,
  routesBody,
  serviceBody,
  serviceChangesBody,
  typeSchema,
} from './service-views.ts';

const flagNames = ['refill', 'cancel', 'dripfeed', 'denyDuplicates', 'hidden'] as const;
const params = z.object({ serviceId: smallIdSchema });
const idSchema = z.object({ id: z.int() });

/** What rows of services have that is not usual is left out where it is: there may be 10,000. */
const rowSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    type: typeSchema,
    rate: amountSchema,
    min: z.int(),
    max: z.int(),
    flags: z.array(z.enum(flagNames)),
    offBy: z.enum(['staff', 'sync']).optional().describe('who took it off sale'),
    routes: z.int().optional(),
    providerId: z.int().optional().describe('of the first route'),
    cost: amountSchema.optional().describe("what the first route costs, in the panel's currency"),
    heldRate: amountSchema.optional().describe('a rate that waits for staff'),
  })
  .openapi('StaffService');

const listRoute = createRoute({
  method: 'get',
  path: '/services',
  summary: 'All services by category, also hidden ones and what is off sale',
  responses: answers(
    z.object({
      categories: z.array(
        z.object({ id: z.int(), name: z.string(), services: z.array(rowSchema) }),
      ),
      providers: z.array(z.object({ id: z.int(), name: z.string(), currency: z.string() })),
      waiting: z.int().describe('how many rates wait for staff'),
    }),
    "In the operator's order, without descriptions",
  ),
});

const detailRoute = createRoute({
  method: 'get',
  path: '/services/{serviceId}',
  summary: 'A service with its texts, its routes, and how these delivered in the last 30 days',
  request: { params },
  responses: answers(detailSchema, 'The service'),
});

const createServiceRoute = createRoute({
  method: 'post',
  path: '/services',
  summary: 'Create a service, as the last one of its category',
  request: { body: takes(serviceBody) },
  responses: answers(idSchema, 'Its number'),
});

const updateRoute = createRoute({
  method: 'patch',
  path: '/services/{serviceId}',
  summary: 'Change fields of a service; the others stay',
  request: { params, body: takes(serviceChangesBody) },
  responses: answersNothing,
});

const duplicateRoute = createRoute({
  method: 'post',
  path: '/services/{serviceId}/duplicate',
  summary: 'Make a service like another one, with its routes, off sale',
  request: { params },
  responses: answers(idSchema, 'Its number'),
});

const setRoutesRoute = createRoute({
  method: 'put',
  path: '/services/{serviceId}/routes',
  summary: 'Set who delivers a service, in order of preference; nobody: staff do',
  request: { params, body: takes(z.object({ routes: routesBody })) },
  responses: answers(
    z.object({ unknown: z.array(z.object({ providerId: z.int(), externalId: z.string() })) }),
    'The routes whose service the stored catalog of the provider does not have',
  ),
});

/** Services as staff see and change them, one by one. */
export function servicesApi(ctx: AdminApiContext) {
  const api = createApi<AdminEnv>();
  api.use('/services', requireArea('services'), compress());
  api.use('/services/:serviceId', requireArea('services'));
  return api
    .openapi(listRoute, async (c) => {
      const [catalog, waiting] = await Promise.all([
        readStaffCatalog(ctx.db),
        countWaitingChanges(ctx.db),
      ]);
      const rows = Map.groupBy(catalog.services, (service) => service.categoryId);
      const categories = catalog.categories.map((category) => ({
        ...category,
        services: (rows.get(category.id) ?? []).map(rowView),
      }));
      return c.json({ categories, providers: catalog.providers, waiting }, 200);
    })
    .openapi(detailRoute, async (c) => {
      const serviceId = c.req.valid('param').serviceId as ServiceId;
      const [service, quality] = await Promise.all([
        readStaffService(ctx.db, serviceId),
        readRouteQuality(ctx.db, ctx.clock.now(), { serviceId }),
      ]);
      return c.json(detailView(service, quality), 200);
    })
    .openapi(createServiceRoute, async (c) => {
      const { rate, ...input } = c.req.valid('json');
      const service = { ...input, rate: parseRate(rate, 'rate') };
      return c.json({ id: await createService(ctx, c.var.actor, service) }, 200);
    })
    .openapi(updateRoute, async (c) => {
      const serviceId = c.req.valid('param').serviceId as ServiceId;
      const { rate, ...input } = c.req.valid('json');
      const changes = rate === undefined ? input : { ...input, rate: parseRate(rate, 'rate') };
      await updateService(ctx, c.var.actor, { serviceId, changes });
      return c.body(null, 204);
    })
    .openapi(duplicateRoute, async (c) => {
      const serviceId = c.req.valid('param').serviceId as ServiceId;
      return c.json({ id: await duplicateService(ctx, c.var.actor, { serviceId }) }, 200);
    })
    .openapi(setRoutesRoute, async (c) => {
      const serviceId = c.req.valid('param').serviceId as ServiceId;
      const routes = c.req
        .valid('json')
        .routes.map((route) => ({ ...route, providerId: route.providerId as ProviderId }));
      return c.json(await setRoutes(ctx, c.var.actor, { serviceId, routes }), 200);
    });
}

function rowView(service: StaffService): z.infer<typeof rowSchema> {
  const { id, name, type, rate, min, max, disabledBy, routes, providerId, heldRate } = service;
  const { cost, exchangeRate } = service;
  const isPriced = cost !== null && exchangeRate !== null;
  return {
    ...{ id, name, type, rate: formatRate(rate), min, max },
    flags: flagNames.filter((flag) => service[flag]),
    ...(disabledBy !== null && { offBy: disabledBy }),
    ...(routes > 0 && { routes }),
    ...(providerId !== null && { providerId }),
    ...(isPriced && { cost: formatAmount(amount(convertCost(cost, exchangeRate))) }),
    ...(heldRate !== null && { heldRate }),
  };
}
