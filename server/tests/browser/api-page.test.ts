import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openTestPanel, type TestPanel } from '../harness.ts';
import { launchChromium, skip } from './chromium.ts';

const phone = { viewport: { width: 360, height: 740 } };
const desk = { viewport: { width: 1280, height: 900 } };

let panel: TestPanel;
let browser: Browser;
before(async () => {
  if (skip) return;
  panel = await openTestPanel();
  browser = await launchChromium();
});
after(async () => {
  if (skip) return;
  await browser.close();
  await panel.close();
});

type Visit = { page: Page; complaints: string[] };

/** Opens the page in a browser of its own and runs a visit; fails on anything on the console. */
async function visit(
  options: BrowserContextOptions & { path?: string },
  look: (visit: Visit) => Promise<void>,
): Promise<void> {
  const { path = '/api', ...rest } = options;
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...rest });
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(request.url()));
    await page.goto(`${panel.url}${path}`);
    await look({ page, complaints });
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

test('a copy button copies its example and says so', { skip }, async () => {
  const permissions = ['clipboard-read', 'clipboard-write'];
  await visit({ ...desk, permissions }, async ({ page }) => {
    const button = page.locator('#balance .copy');
    await button.click();
    await button.getByText('Copied').waitFor();
    assert.equal(await page.getByRole('status').textContent(), 'Copied');
    const copied = await page.evaluate('navigator.clipboard.readText()');
    assert.equal(
      copied,
      `curl ${panel.url}/api/v2 \\\n  -d key=YOUR_API_KEY \\\n  -d action=balance`,
    );
  });
});

test('copying works without the clipboard of secure pages too', { skip }, async () => {
  await visit({ ...desk, permissions: ['clipboard-read'] }, async ({ page }) => {
    await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))");
    const button = page.locator('#overview .facts .copy');
    await button.click();
    await button.getByText('Copied').waitFor();
    assert.equal(await page.evaluate('navigator.clipboard.readText()'), `${panel.url}/api/v2`);
  });
});

test('a switched language is remembered and keeps the place', { skip }, async () => {
  await visit({ ...desk, path: '/api#errors' }, async ({ page }) => {
    await page.getByRole('link', { name: '中文' }).click();
    await page.waitForURL(`${panel.url}/api?lang=zh#errors`);
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
    await page.goto(`${panel.url}/api`);
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
  });
});

test('one service type is shown at a time, by list, by menu and by address', { skip }, async () => {
  const shown = (page: Page) => page.locator('.type:visible h3').allTextContents();
  await visit({ ...desk, path: '/api#add-poll' }, async ({ page }) => {
    assert.deepEqual(await shown(page), ['Poll']);
    await page.locator('.type-list').getByRole('link', { name: 'SEO' }).click();
    assert.deepEqual(await shown(page), ['SEO']);
    assert.equal(new URL(page.url()).hash, '#add-seo');
  });
  await visit(phone, async ({ page }) => {
    assert.deepEqual(await shown(page), ['Default']);
    await page.locator('.type-select select').selectOption('Web Traffic');
    assert.deepEqual(await shown(page), ['Web Traffic']);
  });
});

test('without scripts all service types are readable', { skip }, async () => {
  await visit({ ...desk, javaScriptEnabled: false }, async ({ page }) => {
    assert.equal(await page.locator('.type:visible').count(), 17);
    assert.equal(await page.locator('.copy:visible').count(), 0);
  });
});

test('nothing is wider than a phone, in either language and any type', {
  skip,
}, async () => {
  for (const locale of ['en-US', 'zh-CN']) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await visit({ ...phone, locale, colorScheme }, async ({ page }) => {
        const widths = (await page.evaluate(`[...document.querySelectorAll('.type-list a')].map(
          (link) => { link.click(); return document.documentElement.scrollWidth; })`)) as number[];
        assert.equal(widths.length, 17);
        assert(widths.every((width) => width <= 360));
      });
    }
  }
});

test('text stands out from its ground as WCAG AA asks, light and dark', { skip }, async () => {
  const pairs = [
    ['text', 'page'],
    ['soft', 'page'],
    ['soft', 'tint'],
    ['accent', 'page'],
    ['accent', 'accent-tint'],
    ['warn', 'page'],
    ['panel-text', 'panel'],
    ['panel-soft', 'panel-head'],
    ['panel-key', 'panel'],
    ['panel-string', 'panel'],
    ['panel-number', 'panel'],
  ];
  for (const colorScheme of ['light', 'dark'] as const) {
    await visit({ ...desk, colorScheme }, async ({ page }) => {
      for (const [front = '', ground = ''] of pairs) {
        const read = (name: string) =>
          page.evaluate(`(() => {
            document.body.style.color = 'var(--${name})';
            return getComputedStyle(document.body).color;
          })()`);
        const ratio = contrast(String(await read(front)), String(await read(ground)));
        assert(ratio >= 4.5, `${colorScheme}: ${front} on ${ground} is ${ratio}`);
      }
    });
  }
});

/** The contrast ratio of two colours `rgb(r, g, b)`, by WCAG 2. */
function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: string): number {
  const channels = (color.match(/\d+/g) ?? []).map((each) => Number(each) / 255);
  const [red = 0, green = 0, blue = 0] = channels.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
