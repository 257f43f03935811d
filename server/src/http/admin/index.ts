import { $ } from '@hono/zod-openapi';
import { type AdminApiContext, type AdminEnv, requireStaffMember } from '../access.ts';
import { createApi } from '../open-api.ts';

/** `/api/admin`: what the operators' pages use, and whoever writes tools of their own. */
export function createAdminApi(ctx: AdminApiContext) {
  return $(createApi<AdminEnv>().use(requireStaffMember(ctx.signIn)));
}

export type AdminApi = ReturnType<typeof createAdminApi>;
