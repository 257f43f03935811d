import { Hono } from 'hono';
import { type CatalogStore, readLogo } from '../../catalog/index.ts';
import type { Db } from '../../db/index.ts';

const daySeconds = 86_400;

/** `/logo`: the operator's, or a mark in their accent colour until they have one. */
export function logoRoutes(ctx: { db: Db; catalog: CatalogStore }): Hono {
  return new Hono().get('/logo', async (c) => {
    const { panel } = ctx.catalog.current();
    // Asked for with its version, it is another address after each change.
    const isVersioned = c.req.query('v') === panel.logoVersion;
    c.header('Cache-Control', isVersioned ? `public, max-age=${daySeconds}` : 'no-cache');
    const logo = await readLogo(ctx.db);
    if (logo !== null) return c.body(logo.bytes, 200, { 'Content-Type': logo.type });
    return c.body(mark(panel.accent), 200, { 'Content-Type': 'image/svg+xml' });
  });
}

/** Three rising bars on a rounded field: quantities, delivered. */
function mark(accent: string): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">' +
    `<rect width="32" height="32" rx="8" fill="${accent}"/>` +
    '<g fill="#fff"><rect x="7" y="17" width="4.5" height="8" rx="1.5" opacity=".7"/>' +
    '<rect x="13.75" y="12" width="4.5" height="13" rx="1.5" opacity=".85"/>' +
    '<rect x="20.5" y="7" width="4.5" height="18" rx="1.5"/></g></svg>'
  );
}
