import type { OpenAPIHono } from '@hono/zod-openapi';
import { type Env, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { NONCE, secureHeaders } from 'hono/secure-headers';
import { AppError } from '../base/index.ts';
import type { AdminApiContext } from './access.ts';
import { createAccountApi } from './account.ts';
import { createAdminApi } from './admin/index.ts';
import { apiAreas, groupByArea } from './api-areas.ts';
import { refuseForeign } from './client.ts';
import { createCustomerApi } from './customer/index.ts';
import { docsRoutes } from './docs/index.ts';
import type { Metrics } from './metrics.ts';
import { answerError } from './open-api.ts';
import { transportSecurity } from './security-headers.ts';
import { signInRoutes } from './sign-in.ts';
import { refuseUnstorable } from './storable.ts';
import { logoRoutes } from './web/logo.ts';
import { webRoutes } from './web/pages.ts';
import { webhookRoutes } from './webhooks.ts';

/** A mass order of some thousand lines; a logo. */
const bodyBytesMax = 2 * 1024 * 1024;

export type PagesContext = AdminApiContext & {
  metrics: Metrics;
  publicUrl: string | undefined;
  isProxyTrusted: boolean;
};

/** Everything but `/api/v2`: the web app and its APIs, the documentation, health and metrics. */
export function createPages(ctx: PagesContext): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      strictTransportSecurity: transportSecurity,
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        // The app's component library adds style elements; they carry the page's nonce.
        styleSrc: ["'self'", NONCE],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        // The app shows the API's documentation within its own frame.
        frameSrc: ["'self'"],
        frameAncestors: ["'self'"],
      },
    }),
  );
  app.use('/api/*', async (c, next) => {
    await next();
    // What is about somebody is kept by no browser; what may be kept says so itself.
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store');
  });
  app.onError((error, c) => answerError(c, error, ctx.log));
  app.route('/api/auth', signInRoutes(ctx));
  for (const path of ['/api/account/*', '/api/customer/*', '/api/admin/*']) {
    const limit = bodyLimit({ maxSize: bodyBytesMax, onError: refuseBody });
    app.use(path, refuseForeign(ctx), limit, refuseUnstorable);
  }
  mountApi(app, { name: 'account', title: 'Account API', api: createAccountApi(ctx) });
  mountApi(app, { name: 'customer', title: 'Customer API', api: createCustomerApi(ctx) });
  mountApi(app, { name: 'admin', title: 'Admin API', api: createAdminApi(ctx) });
  app.route('/api', docsRoutes(ctx));
  app.route('/webhooks', webhookRoutes(ctx));
  app.get('/healthz', (c) => c.json({ ok: true }));
  app.get('/readyz', async (c) => {
    if (c.req.query('verbose') !== undefined) {
      const readiness = await ctx.readiness.read();
      return c.json(readiness, readiness.ready ? 200 : 503);
    }
    const isReady = await ctx.readiness.isReady();
    return c.json({ ok: isReady }, isReady ? 200 : 503);
  });
  app.get('/metrics', async (c) =>
    c.text(await ctx.metrics.render(), 200, { 'Content-Type': ctx.metrics.contentType }),
  );
  app.route('/', logoRoutes(ctx));
  app.route('/', webRoutes(ctx));
  app.notFound((c) => c.json({ error: 'Not found' }, 404));
  return app;
}

/** @throws AppError always */
function refuseBody(): never {
  throw new AppError('body_too_large', `a body has at most ${bodyBytesMax} bytes`);
}

type Mounted<E extends Env> = {
  name: keyof typeof apiAreas;
  title: string;
  api: OpenAPIHono<E>;
};

/** Serves an API and, to everybody, its description for `/reference` and other programs. */
function mountApi<E extends Env>(app: Hono, { name, title, api }: Mounted<E>): void {
  const path = `/api/${name}`;
  const info = { title: `Panelwright: ${title}`, version: '1' };
  // Printed once: routes do not change while the server runs.
  let document: object | undefined;
  app.get(`${path}/openapi.json`, (c) => {
    document ??= groupByArea(
      api.getOpenAPI31Document({ openapi: '3.1.0', info, servers: [{ url: path }] }),
      apiAreas[name],
    );
    return c.json(document);
  });
  app.route(path, api);
}
