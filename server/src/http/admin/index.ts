import { $ } from '@hono/zod-openapi';
import { type AdminApiContext, type AdminEnv, requireStaffMember } from '../access.ts';
import { createApi } from '../open-api.ts';
import { alarmsApi } from './alarms.ts';
import { auditApi } from './audit.ts';
import { customerKeysApi } from './customer-keys.ts';
import { customerLoginsApi } from './customer-logins.ts';
import { customerMoneyApi } from './customer-money.ts';
import { customersApi } from './customers.ts';
import { dashboardApi } from './dashboard.ts';
import { menuApi } from './menu.ts';
import { orderCommandsApi, parentCommandsApi, requestCommandsApi } from './order-commands.ts';
import { orderDetailApi } from './order-detail.ts';
import { ordersApi } from './orders.ts';
import { paymentMethodsApi } from './payment-methods.ts';
import { paymentsApi } from './payments.ts';
import { providerCatalogApi } from './provider-catalog.ts';
import { providersApi } from './providers.ts';
import { queuesApi } from './queues.ts';
import { retentionApi } from './retention.ts';
import { serviceBulkApi } from './service-bulk.ts';
import { serviceChangesApi } from './service-changes.ts';
import { servicesApi } from './services.ts';
import { settingsApi } from './settings.ts';
import { staffApi } from './staff.ts';
import { systemApi } from './system.ts';
import { verifyApi } from './verify.ts';

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
      .route('/', ordersApi(ctx))
      .route('/', orderDetailApi(ctx))
      .route('/', orderCommandsApi(ctx))
      .route('/', parentCommandsApi(ctx))
      .route('/', requestCommandsApi(ctx))
      .route('/', queuesApi(ctx))
      .route('/', dashboardApi(ctx))
      .route('/', customersApi(ctx))
      .route('/', customerLoginsApi(ctx))
      .route('/', customerKeysApi(ctx))
      .route('/', customerMoneyApi(ctx))
      .route('/', paymentsApi(ctx))
      .route('/', paymentMethodsApi(ctx))
      .route('/', staffApi(ctx))
      .route('/', settingsApi(ctx))
      .route('/', alarmsApi(ctx))
      .route('/', retentionApi(ctx))
      .route('/', auditApi(ctx))
      .route('/', systemApi(ctx))
      .route('/', verifyApi(ctx))
      .route('/', menuApi(ctx))
  );
}

export type AdminApi = ReturnType<typeof createAdminApi>;
