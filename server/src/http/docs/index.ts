import { readFileSync } from 'node:fs';
import { type Context, Hono } from 'hono';
import { LRUCache } from 'lru-cache';
import type { CatalogStore } from '../../catalog/index.ts';
import { accentStyle } from './accent.ts';
import { panelAddress } from './address.ts';
import { type Content, makeContent, sendContent } from './content.ts';
import { pickLanguage } from './language.ts';
import { type PageView, schemes } from './markup.ts';
import { renderPage } from './page.ts';

/** Pages of so many addresses and languages are kept; each is some 60 KB, plain and packed. */
const pagesMax = 50;
const yearSeconds = 31_536_000;
const forEver = { 'Cache-Control': `public, max-age=${yearSeconds}, immutable` };
// Asked for again each time, and answered with 304 when nothing changed.
const perReader = {
  'Cache-Control': 'private, no-cache',
  Vary: 'Accept-Language, Cookie, Host, X-Forwarded-Proto',
};

/**
 * The API's documentation at `/api`, its style, script and icon, and the PHP example to download.
 * Printed from the tables the handlers use, so what it says is what they do.
 * @throws when a file it serves is missing
 */
export function docsRoutes(ctx: { publicUrl: string | undefined; catalog: CatalogStore }): Hono {
  const assets = readAssets();
  const example = readContent('application/x-php; charset=UTF-8', [
    new URL('../../../../examples/php/panel-api.php', import.meta.url),
  ]);
  const pages = new LRUCache<string, Content>({ max: pagesMax });

  function showPage(c: Context): Response {
    const language = pickLanguage(c);
    const { base, prefix } = panelAddress(c, ctx.publicUrl);
    const { name, accent } = ctx.catalog.current().panel;
    const scheme = schemes.find((each) => each === c.req.query('scheme'));
    const isFramed = c.req.query('framed') !== undefined;
    const key = JSON.stringify([language, base, scheme, isFramed, name, accent]);
    let page = pages.get(key);
    if (page === undefined) {
      const links = linksTo(assets, prefix, accent);
      const shown = { language, name, scheme, isFramed };
      const view = { ...shown, apiUrl: `${base}/api/v2`, prefix, assets: links };
      page = makeContent(String(renderPage(view)), 'text/html; charset=UTF-8');
      pages.set(key, page);
    }
    return sendContent(c, page, perReader);
  }

  const routes = new Hono();
  routes.get('/', showPage);
  routes.get('/example.php', (c) =>
    sendContent(c, example, {
      'Cache-Control': 'no-cache',
      'Content-Disposition': 'attachment; filename="panel-api.php"',
    }),
  );
  routes.get('/assets/:name{accent-[0-9a-f]{6}-[0-9a-f]{16}\\.css}', (c) => {
    const name = c.req.param('name');
    const style = accentContent(`#${name.slice(7, 13)}`);
    return name === accentFile(style) ? sendContent(c, style.content, forEver) : c.notFound();
  });
  routes.get('/assets/:name', (c) => {
    const asset = assets.byName.get(c.req.param('name'));
    return asset === undefined ? c.notFound() : sendContent(c, asset, forEver);
  });
  // The router takes `/api/` for another path than `/api`.
  routes.get('/*', (c, next) => (c.req.path === '/api/' ? Promise.resolve(showPage(c)) : next()));
  return routes;
}

type Assets = { names: Omit<PageView['assets'], 'accent'>; byName: ReadonlyMap<string, Content> };

/** Reads the page's files. Their names carry their hash, so browsers may keep them for ever. */
function readAssets(): Assets {
  const css = readContent('text/css; charset=UTF-8', [
    new URL('./assets/base.css', import.meta.url),
    new URL('./assets/parts.css', import.meta.url),
    new URL('./assets/adapt.css', import.meta.url),
  ]);
  const js = readContent('text/javascript; charset=UTF-8', [
    new URL('./assets/docs.js', import.meta.url),
  ]);
  const icon = readContent('image/svg+xml', [new URL('./assets/icon.svg', import.meta.url)]);
  const names = {
    css: `docs-${css.hash}.css`,
    js: `docs-${js.hash}.js`,
    icon: `icon-${icon.hash}.svg`,
  };
  const byName = new Map([
    [names.css, css],
    [names.js, js],
    [names.icon, icon],
  ]);
  return { names, byName };
}

function readContent(type: string, files: readonly URL[]): Content {
  return makeContent(files.map((file) => readFileSync(file, 'utf8')).join('\n'), type);
}

function linksTo({ names }: Assets, prefix: string, accent: string): PageView['assets'] {
  const link = (name: string) => `${prefix}/api/assets/${name}`;
  return {
    css: link(names.css),
    accent: link(accentFile(accentContent(accent))),
    js: link(names.js),
    icon: link(names.icon),
  };
}

type Accent = { accent: string; content: Content };

function accentContent(accent: string): Accent {
  return { accent, content: makeContent(accentStyle(accent), 'text/css; charset=UTF-8') };
}

function accentFile({ accent, content }: Accent): string {
  return `accent-${accent.slice(1)}-${content.hash}.css`;
}
