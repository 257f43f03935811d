import { $, createRoute, z } from '@hono/zod-openapi';
import { listSessions, revokeOtherSessions, revokeSession, stopActing } from '../sign-in/index.ts';
import { type AccountApiContext, requireSignedIn, type SignedInEnv } from './access.ts';
import { clientOf } from './client.ts';
import { answers, answersNothing, createApi, momentSchema, takes } from './open-api.ts';

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

const answerSchema = z.string().min(1).max(200).optional();

const confirmRoute = createRoute({
  method: 'post',
  path: '/confirm',
  summary: 'Say once more who you are, as what moves money asks for when a sign-in is old',
  description:
    'The password, or for who has a second factor its code. Five wrong answers end the session.',
  request: { body: takes(z.object({ password: answerSchema, code: answerSchema })) },
  responses: answersNothing,
});

const stopActingRoute = createRoute({
  method: 'post',
  path: '/stop-acting',
  summary: 'Stop acting as a customer; for staff',
  responses: answersNothing,
});

/** `/api/account`: where a user, customer or staff, is signed in, and as whom. */
export function createAccountApi(ctx: AccountApiContext) {
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
    .openapi(confirmRoute, async (c) => {
      await ctx.signIn.confirm({
        headers: c.req.raw.headers,
        client: clientOf(c, ctx),
        signedIn: c.var.signedIn,
        given: c.req.valid('json'),
      });
      return c.body(null, 204);
    })
    .openapi(stopActingRoute, async (c) => {
      const { actor, sessionId } = c.var.signedIn;
      await stopActing(ctx, actor, { sessionId });
      return c.body(null, 204);
    })
    .openapi(endOthersRoute, async (c) => {
      await revokeOtherSessions(ctx.db, c.var.signedIn);
      return c.body(null, 204);
    });
}

export type AccountApi = ReturnType<typeof createAccountApi>;
