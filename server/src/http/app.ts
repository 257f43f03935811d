import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { CatalogStore } from '../catalog/index.ts';
import type { Db } from '../db/index.ts';
import { docsRoutes } from './docs/index.ts';
import type { Metrics } from './metrics.ts';
import type { ReadinessReader } from './readiness.ts';

export type PagesContext = {
  db: Db;
  catalog: CatalogStore;
  metrics: Metrics;
  publicUrl: string | undefined;
  readiness: ReadinessReader;
};

/** Everything but `/api/v2`: the documentation, health and metrics. */
export function createPages(ctx: PagesContext): Hono {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    }),
  );
  app.get('/', (c) => c.redirect('/api'));
  app.route('/api', docsRoutes(ctx));
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
  app.notFound((c) => c.json({ error: 'Not found' }, 404));
  return app;
}
