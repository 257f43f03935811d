import { createRoute, z } from '@hono/zod-openapi';
import { AppError } from '../../base/index.ts';
import type { PriceTerms } from '../../customers/index.ts';
import type { CustomerApiContext, CustomerEnv } from '../access.ts';
import { answers, createApi } from '../open-api.ts';
import { serviceSchema, serviceView } from './services.ts';

const listTerms: PriceTerms = { discountBasisPoints: 0, ownRates: new Map() };

const priceListRoute = createRoute({
  method: 'get',
  path: '/price-list',
  summary: 'What is offered, at list prices; for everybody, where the operator allows it',
  security: [],
  responses: answers(
    z.object({ services: z.array(serviceSchema) }),
    'The catalog in the order of the panel',
  ),
});

/** The public price list. Nobody needs to be signed in for it. */
export function priceListApi(ctx: CustomerApiContext) {
  return createApi<CustomerEnv>().openapi(priceListRoute, (c) => {
    const { panel, listed } = ctx.catalog.current();
    if (!panel.isPriceListPublic) throw new AppError('not_found', 'there is no public price list');
    c.header('Cache-Control', 'no-cache');
    return c.json({ services: listed.map((service) => serviceView(service, listTerms)) }, 200);
  });
}
