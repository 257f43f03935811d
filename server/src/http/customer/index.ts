import { $ } from '@hono/zod-openapi';
import { type CustomerApiContext, type CustomerEnv, requireCustomer } from '../access.ts';
import { createApi } from '../open-api.ts';
import { eventsApi } from './events.ts';
import { keysApi } from './keys.ts';
import { placeApi } from './place.ts';
import { servicesApi } from './services.ts';
import { sessionApi } from './session.ts';

/** `/api/customer`: what the customers' pages use, and whoever writes pages of their own. */
export function createCustomerApi(ctx: CustomerApiContext) {
  const open = createApi<CustomerEnv>().route('/', sessionApi(ctx));
  const api = $(open.use(requireCustomer(ctx.signIn)))
    .route('/', eventsApi(ctx))
    .route('/', servicesApi(ctx))
    .route('/', placeApi(ctx))
    .route('/', keysApi(ctx));
  return api;
}

export type CustomerApi = ReturnType<typeof createCustomerApi>;
