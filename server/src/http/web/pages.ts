import { readFile } from 'node:fs/promises';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { accepts } from 'hono/accepts';
import type { SecureHeadersVariables } from 'hono/secure-headers';
import type { CatalogStore } from '../../catalog/index.ts';

const dist = new URL('../../../../web/dist/', import.meta.url);
const forEver = 'public, max-age=31536000, immutable';

/**
 * The web app: its files, and its one page for every address that nothing else answers, but for who
 * asks for JSON. The page carries the nonce that lets the app add styles under the content security
 * policy.
 */
export function webRoutes(ctx: { catalog: CatalogStore }): Hono {
  const routes = new Hono<{ Variables: SecureHeadersVariables }>();
  routes.use(
    '/assets/*',
    serveStatic({
      root: new URL('.', dist).pathname,
      precompressed: true,
      onFound: (_path, c) => c.header('Cache-Control', forEver),
    }),
  );
  routes.get('/assets/*', (c) => c.text('Not found', 404));
  const show = async (c: Context, name: string) => {
    const text = await readFile(new URL(name, dist), 'utf8').catch(() => undefined);
    if (text === undefined) return c.text('The web app is not built: run npm ci', 503);
    const { panel } = ctx.catalog.current();
    const html = text
      .replace('%NONCE%', String(c.get('secureHeadersNonce') ?? ''))
      .replaceAll('%NAME%', () => escapeHtml(panel.name));
    c.header('Cache-Control', 'no-store');
    return c.html(html);
  };
  routes.get('/reference', (c) => show(c, 'reference.html'));
  routes.get('*', (c, next) => {
    const isPage = !c.req.path.startsWith('/api/') && wantsPage(c);
    return isPage ? show(c, 'index.html') : next();
  });
  return routes as unknown as Hono;
}

/**
 * Who names neither a page nor JSON, as programs that take anything do, gets the page; but not for
 * a file: no page of the app has a dot in its address.
 */
function wantsPage(c: Context): boolean {
  const [page, json] = ['text/html', 'application/json'] as const;
  const otherwise = c.req.path.includes('.') ? json : page;
  return accepts(c, { header: 'Accept', supports: [page, json], default: otherwise }) === page;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
