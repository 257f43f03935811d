import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { SignIn } from '../sign-in/index.ts';
import { type ClientOptions, clientOf, refuseForeign } from './client.ts';
import { refuseUnstorable } from './storable.ts';

const bodyBytesMax = 64 * 1024;

/** Signing up, in and out, for the web app: below `/api/auth`. */
export function signInRoutes(ctx: ClientOptions & { signIn: SignIn }): Hono {
  const routes = new Hono();
  routes.use(refuseForeign(ctx));
  routes.use(bodyLimit({ maxSize: bodyBytesMax, onError: (c) => c.json(tooLarge, 413) }));
  routes.use(refuseUnstorable);
  routes.all('/*', async (c) => {
    const answer = await ctx.signIn.handle(c.req.raw, clientOf(c, ctx));
    return new Response(answer.body, answer);
  });
  return routes;
}

const tooLarge = { code: 'BODY_TOO_LARGE', message: `a body has at most ${bodyBytesMax} bytes` };
