import { $, createRoute, z } from '@hono/zod-openapi';
import { listSessions, revokeOtherSessions, revokeSession } from '../sign-in/index.ts';
import { type CustomerApiContext, requireSignedIn, type SignedInEnv } from './access.ts';
import { answers, answersNothing, createApi, momentSchema } from './open-api.ts';

const sessionsRoute = createRoute({
  method: 'get',
  path: '/sessions',
  summary: 'Where you are signed in, newest first',
  responses: answers(
    z.object({
      sessions: z.array(
        z.object({
          id: z.string(),
          isCurrent: z.boolean(),
          address: z.string(),
          userAgent: z.string(),
          createdAt: momentSchema,
          expiresAt: momentSchema,
        }),
      ),
    }),
    'At most 100',
  ),
});

const endRoute = createRoute({
  method: 'delete',
  path: '/sessions/{id}',
  summary: 'Sign out somewhere',
  request: { params: z.object({ id: z.string().max(100) }) },
  responses: answersNothing,
});

const endOthersRoute = createRoute({
  method: 'delete',
  path: '/sessions',
  summary: 'Sign out everywhere but here',
  responses: answersNothing,
});

/** `/api/account`: where a user, customer or staff, is signed in. */
export function createAccountApi(ctx: CustomerApiContext) {
  return $(createApi<SignedInEnv>().use(requireSignedIn(ctx.signIn)))
    .openapi(sessionsRoute, async (c) => {
      const sessions = await listSessions(ctx, c.var.signedIn);
      const views = sessions.map(({ createdAt, expiresAt, ...session }) => ({
        ...session,
        createdAt: createdAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      }));
      return c.json({ sessions: views }, 200);
    })
    .openapi(endRoute, async (c) => {
      await revokeSession(ctx.db, c.var.signedIn, c.req.valid('param').id);
      return c.body(null, 204);
    })
    .openapi(endOthersRoute, async (c) => {
      await revokeOtherSessions(ctx.db, c.var.signedIn);
      return c.body(null, 204);
    });
}

export type AccountApi = ReturnType<typeof createAccountApi>;
