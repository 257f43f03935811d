import { $ } from '@hono/zod-openapi';
import { type AdminApiContext, type AdminEnv, requireStaffMember } from '../access.ts';
import { createApi } from '../open-api.ts';
import { providerCatalogApi } from './provider-catalog.ts';
import { providersApi } from './providers.ts';
import { serviceBulkApi } from './service-bulk.ts';
import { serviceChangesApi } from './service-changes.ts';
import { servicesApi } from './services.ts';

/** `/api/admin`: what the operators' pages use, and whoever writes tools of their own. */
export function createAdminApi(ctx: AdminApiContext) {
  return (
    $(createApi<AdminEnv>().use(requireStaffMember(ctx.signIn)))
      // Their paths lie where a service's number would stand otherwise.
      .route('/', serviceChangesApi(ctx))
      .route('/', serviceBulkApi(ctx))
      .route('/', servicesApi(ctx))
      .route('/', providerCatalogApi(ctx))
      .route('/', providersApi(ctx))
  );
}

export type AdminApi = ReturnType<typeof createAdminApi>;
