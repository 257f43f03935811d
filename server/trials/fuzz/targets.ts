import { openAdminApi } from './admin-api.ts';
import { openApiV2 } from './api-v2.ts';
import { openCsv } from './csv.ts';
import { openCustomerApi } from './customer-api.ts';
import { openMassOrder } from './mass-order.ts';
import { renewed } from './renewed.ts';
import type { Target } from './target.ts';
import { openUpstreamReplies } from './upstream.ts';
import { openWebhooks } from './webhooks.ts';

/** What can be fuzzed, by name. */
export const targets: Readonly<Record<string, () => Promise<Target>>> = {
  'api-v2': openApiV2,
  customer: openCustomerApi,
  admin: () => renewed(openAdminApi, 5_000),
  upstream: openUpstreamReplies,
  webhooks: openWebhooks,
  'mass-order': openMassOrder,
  csv: openCsv,
};
