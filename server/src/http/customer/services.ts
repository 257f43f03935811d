import { createRoute, z } from '@hono/zod-openapi';
import { formatRate, type ServiceId } from '../../base/index.ts';
import { rateFor, type Service } from '../../catalog/index.ts';
import {
  listFavourites,
  type PriceTerms,
  readPriceTerms,
  setFavourite,
} from '../../customers/index.ts';
import { type FieldKind, type FieldName, orderFields, orderTypes } from '../../orders/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import {
  amountSchema,
  answers,
  answersNothing,
  createApi,
  smallIdSchema,
  takes,
} from '../open-api.ts';

const typeNames = Object.keys(orderTypes) as [keyof typeof orderTypes];
const fieldNames = Object.keys(orderFields) as [FieldName];
const typeSchema = z.enum(typeNames);
const fieldSchema = z.enum(fieldNames);

/** A service as customers see it. */
export const serviceSchema = z
  .object({
    id: z.int(),
    category: z.string(),
    name: z.string(),
    type: typeSchema,
    rate: amountSchema.describe("this customer's price per 1,000, or of one package"),
    min: z.int(),
    max: z.int(),
    refill: z.boolean(),
    refillDays: z.int().nullable().describe('null: for ever'),
    cancel: z.boolean(),
    dripfeed: z.boolean(),
    denyDuplicates: z.boolean(),
    description: z.string(),
    averageTime: z.string(),
  })
  .openapi('Service');

const kindSchema = z.union([
  z.object({ kind: z.enum(['link', 'quantity', 'text', 'lines', 'date']) }),
  z.object({ kind: z.literal('whole'), min: z.int(), max: z.int() }),
  z.object({ kind: z.literal('choice'), values: z.array(z.int()) }),
]);

const offerSchema = z.object({
  services: z.array(serviceSchema),
  favourites: z.array(z.int()),
  types: z.record(
    typeSchema,
    z.object({
      required: z.array(fieldSchema),
      optional: z.array(fieldSchema),
      quantity: z.union([
        z.object({ from: z.enum(['quantity', 'package', 'posts']) }),
        z.object({ from: z.literal('lines'), field: z.enum(['comments', 'usernames']) }),
      ]),
    }),
  ),
  fields: z.record(fieldSchema, kindSchema),
});
type Offer = z.infer<typeof offerSchema>;

const listRoute = createRoute({
  method: 'get',
  path: '/services',
  summary: 'What is offered, at your prices, and which fields each type of service takes',
  responses: answers(offerSchema, 'The catalog in the order of the panel'),
});

const favouriteRoute = createRoute({
  method: 'put',
  path: '/favourites/{serviceId}',
  summary: 'Keep a service among your favourites, or no longer',
  request: {
    params: z.object({ serviceId: smallIdSchema }),
    body: takes(z.object({ isFavourite: z.boolean() })),
  },
  responses: answersNothing,
});

/** The catalog as customers see it, and their favourites. */
export function servicesApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>()
    .openapi(listRoute, async (c) => {
      const { customerId } = c.var.actor;
      const [terms, favourites] = await Promise.all([
        readPriceTerms(ctx.db, customerId),
        listFavourites(ctx.db, customerId),
      ]);
      const services = ctx.catalog.current().listed.map((service) => serviceView(service, terms));
      return c.json({ services, favourites, types, fields } satisfies Offer, 200);
    })
    .openapi(favouriteRoute, async (c) => {
      const serviceId = c.req.valid('param').serviceId as ServiceId;
      const { isFavourite } = c.req.valid('json');
      await setFavourite(ctx, c.var.actor, { serviceId, isFavourite });
      return c.body(null, 204);
    });
}

/** A service at a customer's price. */
export function serviceView(service: Service, terms: PriceTerms): Offer['services'][number] {
  return {
    id: service.id,
    category: service.category,
    name: service.name,
    type: service.type,
    rate: formatRate(rateFor(service, terms)),
    min: service.min,
    max: service.max,
    refill: service.refill,
    refillDays: service.refillDays,
    cancel: service.cancel,
    dripfeed: service.dripfeed,
    denyDuplicates: service.denyDuplicates,
    description: service.description,
    averageTime: service.averageTime,
  };
}

const types = Object.fromEntries(
  Object.entries(orderTypes).map(([name, { required, optional, quantity }]) => [
    name,
    { required: [...required], optional: [...optional], quantity },
  ]),
) as Offer['types'];

const fields = Object.fromEntries(
  Object.entries(orderFields).map(([name, field]) => [name, kindView(field)]),
) as Offer['fields'];

/** How a field is written, without what only the server needs. */
function kindView(field: FieldKind): Offer['fields'][FieldName] {
  if (field.kind === 'choice') return { kind: 'choice', values: [...field.values] };
  if (field.kind === 'whole') return { kind: 'whole', min: field.min, max: field.max };
  return { kind: field.kind };
}
