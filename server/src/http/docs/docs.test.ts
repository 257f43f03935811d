import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Hono } from 'hono';
import { staff } from '../../../tests/factories.ts';
import { openTestPanel, type TestPanel } from '../../../tests/harness.ts';
import { type ServiceType, updateSettings } from '../../catalog/index.ts';
import { orderFields, orderTypes } from '../../orders/index.ts';
import { actionNames } from '../api-v2/definition.ts';
import { refusals } from '../api-v2/refusals.ts';
import { docsRoutes } from './index.ts';
import { orderStatusTexts, refillStatusTexts } from './texts/statuses.ts';

let panel: TestPanel;
before(async () => {
  panel = await openTestPanel();
});
after(() => panel.close());

async function read(path: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(`${panel.url}${path}`, { headers });
  assert.equal(response.status, 200);
  return response.text();
}

function languageOf(page: string): string | undefined {
  return /<html lang="([^"]+)"/.exec(page)?.[1];
}

test('a browser gets its own language, else English', async () => {
  const expected: [string, string][] = [
    ['', 'en'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['zh-TW', 'zh-CN'],
    ['ZH', 'zh-CN'],
    ['en-GB,zh;q=0.9', 'en'],
    ['fr-FR,zh;q=0.3,en;q=0.5', 'en'],
    ['fr-FR, zh;q=0.3', 'zh-CN'],
    ['de', 'en'],
    ['zh;q=0, de', 'en'],
    ['garbage;;;q=,,', 'en'],
  ];
  for (const [header, language] of expected) {
    const page = await read('/api', { 'Accept-Language': header });
    assert.equal(languageOf(page), language, header);
  }
});

test('a choice wins over the cookie, that over the browser; only a choice is kept', async () => {
  const chinese = { 'Accept-Language': 'zh' };
  const cookie = { Cookie: 'panelwright_lang=en' };
  assert.equal(languageOf(await read('/api', { ...chinese, ...cookie })), 'en');
  assert.equal(languageOf(await read('/api?lang=zh', cookie)), 'zh-CN');
  assert.equal(languageOf(await read('/api?lang=xx', chinese)), 'zh-CN');
  assert.equal(languageOf(await read('/api', { Cookie: 'panelwright_lang=xx' })), 'en');

  const chosen = await fetch(`${panel.url}/api?lang=zh`);
  assert.equal(
    chosen.headers.get('set-cookie'),
    'panelwright_lang=zh; Max-Age=31536000; Path=/; SameSite=Lax',
  );
  const plain = await fetch(`${panel.url}/api`, { headers: chinese });
  assert.equal(plain.headers.get('set-cookie'), null);
});

test('a scheme and a frame that are asked for stand on the page, and no other', async () => {
  const opening = async (query: string) => /<html [^>]+>/.exec(await read(`/api?${query}`))?.[0];
  assert.equal(await opening('scheme=dark'), '<html lang="en" data-scheme="dark">');
  const framed = '<html lang="en" data-scheme="light" data-framed>';
  assert.equal(await opening('scheme=light&framed=1'), framed);
  assert.equal(await opening('scheme="><script>'), '<html lang="en">');
  for (const part of ['class="bar"', 'class="languages"']) {
    assert((await read('/api?scheme=dark')).includes(part));
    assert(!(await read('/api?framed=1')).includes(part));
  }
});

test("the page has the operator's name and colour from the moment they are changed", async () => {
  await read('/api');
  await updateSettings(panel.app, staff, { name: '<b>Fine</b> Growth', accent: '#aa3366' });
  await panel.app.catalog.refresh();
  const page = await read('/api');
  assert(page.includes('<b>&lt;b&gt;Fine&lt;/b&gt; Growth</b>'));
  const [link = ''] = /\/api\/assets\/accent-aa3366-[0-9a-f]{16}\.css/.exec(page) ?? [];
  assert.match(await read(link), /--accent: light-dark\(#aa3366, #[0-9a-f]{6}\)/);
  for (const name of ['accent-aa3366.css', 'accent-aa3366-0123456789abcdef.css', 'accent-}.css']) {
    assert.equal((await fetch(`${panel.url}/api/assets/${name}`)).status, 404);
  }
});

test('the page is at /api and at /api/, and nowhere else', async () => {
  assert.equal(await read('/api/'), await read('/api'));
  assert.equal((await fetch(`${panel.url}/api/nothing`)).status, 404);
  assert.equal((await fetch(`${panel.url}/api/assets/docs.css`)).status, 404);
});

const fixedDetails = new Map([
  ['too_many_ids', 'refills'],
  ['too_many_parameters', '1000'],
  ['body_too_large', '1048576'],
]);

for (const language of ['en', 'zh']) {
  test(`every action, type, parameter, status and refusal is there: ${language}`, async () => {
    const page = await read(`/api?lang=${language}`);
    for (const action of actionNames) {
      assert(page.includes(`id="${action}"`), action);
      assert(page.includes(`action=${action}`), action);
    }
    for (const type of Object.keys(orderTypes)) assert(page.includes(`>${type}</a></h3>`), type);
    const names = [...Object.keys(orderFields), 'key', 'action', 'service', 'request_id'];
    for (const name of names) assert(page.includes(`<code>${name}</code> <span class=`), name);
    const words = [...Object.keys(orderStatusTexts), ...Object.keys(refillStatusTexts)];
    for (const word of words) assert(page.includes(`<code>${word}</code>`), word);
    const gap = /<var>[^<]+<\/var>/g;
    const texts = page.replaceAll(gap, '~').replaceAll('&#39;', "'");
    for (const [code, refusal] of Object.entries(refusals)) {
      const detail = fixedDetails.get(code) ?? '~';
      assert(texts.includes(`<code>${refusal.text(detail)}</code>`), code);
    }
    for (const type of Object.keys(orderTypes) as ServiceType[]) {
      const start = page.indexOf(`id="add-${type.toLowerCase().replaceAll(' ', '-')}"`);
      const card = page.slice(start, page.indexOf('</article>', start));
      for (const name of [...orderTypes[type].required, ...orderTypes[type].optional]) {
        assert(card.includes(`<code>${name}</code>`), `${type}: ${name}`);
      }
    }
  });
}

test('the page shows the address it was asked at, and no Host gets into its markup', async () => {
  assert((await read('/api')).includes(`<code>${panel.url}/api/v2</code>`));
  const ask = async (headers: Record<string, string>, publicUrl?: string) => {
    const app = new Hono().route('/api', docsRoutes({ ...pagesContext(), publicUrl }));
    return (await app.request('/api', { headers })).text();
  };
  for (const host of [
    '"><script>x</script>',
    "a'; rm -rf ~; '",
    'host host',
    'host/x',
    '$(x)',
    '',
  ]) {
    const page = await ask({ Host: host });
    assert(page.includes('<code>http://panel.example/api/v2</code>'), host);
    assert(host === '' || !page.includes(host), host);
  }
  assert((await ask({ Host: '[::1]:80' })).includes('<code>http://[::1]:80/api/v2</code>'));
  const proxied = await ask({ Host: 'shop.example', 'X-Forwarded-Proto': 'https' });
  assert(proxied.includes('<code>https://shop.example/api/v2</code>'));
  const configured = await ask({ Host: 'evil.example' }, 'https://shop.example/panel/');
  assert(configured.includes('<code>https://shop.example/panel/api/v2</code>'));
  assert(configured.includes('href="/panel/api/example.php"'));
  assert(!configured.includes('evil.example'));
});

function pagesContext() {
  const { db, catalog } = panel.app;
  const metrics = { observeCall: () => {}, render: async () => '', contentType: '' };
  return { db, catalog, metrics, publicUrl: undefined, isStopping: () => false };
}

test('nothing on the page needs an exception from the Content-Security-Policy', async () => {
  const response = await fetch(`${panel.url}/api`);
  const policy = response.headers.get('content-security-policy') ?? '';
  assert(policy.includes("default-src 'none'") && !policy.includes('unsafe'));
  const page = await response.text();
  assert.doesNotMatch(page, /<style|\sstyle=|\son[a-z]+="|javascript:/i);
  for (const [tag] of page.matchAll(/<script[^>]*>[^<]*/g)) {
    assert.match(tag, /^<script src="\/api\/assets\/docs-[0-9a-f]{16}\.js" defer>$/);
  }
});

test('assets are kept for ever under their hash, pages are asked for again', async () => {
  const page = await read('/api');
  const links = [...page.matchAll(/(?:href|src)="(\/api\/assets\/[^"]+)"/g)].map(([, to]) => to);
  assert.equal(links.length, 4);
  for (const link of links) {
    const response = await fetch(`${panel.url}${link}`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    // The one with the accent has two colours alone.
    assert((await response.text()).length > (link?.includes('/accent-') ? 50 : 100));
  }
  const first = await fetch(`${panel.url}/api`);
  assert.equal(first.headers.get('cache-control'), 'private, no-cache');
  const again = await fetch(`${panel.url}/api`, {
    headers: { 'If-None-Match': first.headers.get('etag') ?? '' },
  });
  assert.equal(again.status, 304);
  const plain = await fetch(`${panel.url}/api`, { headers: { 'Accept-Encoding': 'identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(await plain.text(), page);
});

test('the PHP example is a download', async () => {
  const response = await fetch(`${panel.url}/api/example.php`);
  assert.equal(response.headers.get('content-disposition'), 'attachment; filename="panel-api.php"');
  assert((await response.text()).startsWith('<?php\n'));
});
