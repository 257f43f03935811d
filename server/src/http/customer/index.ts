import { $ } from '@hono/zod-openapi';
import { type AccountApiContext, type CustomerEnv, requireCustomer } from '../access.ts';
import { createApi } from '../open-api.ts';
import { eventsApi } from './events.ts';
import { fundsApi } from './funds.ts';
import { keysApi } from './keys.ts';
import { massOrderApi } from './mass-order.ts';
import { orderApi } from './order.ts';
import { ordersApi } from './orders.ts';
import { placeApi } from './place.ts';
import { priceListApi } from './price-list.ts';
import { profileApi } from './profile.ts';
import { refillsApi } from './refills.ts';
import { serviceChangesApi } from './service-changes.ts';
import { servicesApi } from './services.ts';
import { sessionApi } from './session.ts';
import { statementApi } from './statement.ts';
import { termsApi } from './terms.ts';

/** `/api/customer`: what the customers' pages use, and whoever writes pages of their own. */
export function createCustomerApi(ctx: AccountApiContext) {
  const open = createApi<CustomerEnv>()
    .route('/', sessionApi(ctx))
    .route('/', termsApi(ctx))
    .route('/', priceListApi(ctx));
  const api = $(open.use(requireCustomer(ctx.signIn)))
    .route('/', eventsApi(ctx))
    .route('/', servicesApi(ctx))
    .route('/', serviceChangesApi(ctx))
    .route('/', placeApi(ctx))
    .route('/', massOrderApi(ctx))
    .route('/', refillsApi(ctx))
    .route('/', ordersApi(ctx))
    .route('/', orderApi(ctx))
    .route('/', fundsApi(ctx))
    .route('/', statementApi(ctx))
    .route('/', keysApi(ctx))
    .route('/', profileApi(ctx));
  return api;
}

export type CustomerApi = ReturnType<typeof createCustomerApi>;
