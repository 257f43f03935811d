import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { updateSettings } from '../../src/catalog/index.ts';
import { staff } from '../factories.ts';
import { makeWebCustomer } from '../web/customers.ts';
import { skip } from './chromium.ts';
import { contrast } from './contrast.ts';
import { openStage, type Stage } from './stage.ts';

const phone = { viewport: { width: 360, height: 740 } };
const desk = { viewport: { width: 1280, height: 900 } };

let stage: Stage;
before(async () => {
  if (!skip) stage = await openStage();
});
after(async () => {
  if (!skip) await stage.close();
});

type Visit = { page: Page; complaints: string[] };

/** Opens the page in a browser of its own and runs a visit; fails on anything on the console. */
async function visit(
  options: BrowserContextOptions & { path?: string },
  look: (visit: Visit) => Promise<void>,
): Promise<void> {
  const { path = '/api', ...rest } = options;
  const context = await stage.browser.newContext({
    locale: 'en-US',
    reducedMotion: 'reduce',
    ...rest,
  });
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(request.url()));
    await page.goto(`${stage.panel.url}${path}`);
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
      `curl ${stage.panel.url}/api/v2 \\\n  -d key=YOUR_API_KEY \\\n  -d action=balance`,
    );
  });
});

test('copying works without the clipboard of secure pages too', { skip }, async () => {
  await visit({ ...desk, permissions: ['clipboard-read'] }, async ({ page }) => {
    await page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))");
    const button = page.locator('#overview .facts .copy');
    await button.click();
    await button.getByText('Copied').waitFor();
    assert.equal(
      await page.evaluate('navigator.clipboard.readText()'),
      `${stage.panel.url}/api/v2`,
    );
  });
});

test('a switched language is remembered and keeps the place', { skip }, async () => {
  await visit({ ...desk, path: '/api#errors' }, async ({ page }) => {
    await page.getByRole('link', { name: '中文' }).click();
    await page.waitForURL(`${stage.panel.url}/api?lang=zh#errors`);
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
    await page.goto(`${stage.panel.url}/api`);
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

test('what is asked for is the scheme of the page, whatever the system says', {
  skip,
}, async () => {
  await visit({ ...desk, path: '/api?scheme=dark', colorScheme: 'light' }, async ({ page }) => {
    assert.equal(await shownColor(page, 'page'), '#141a19');
  });
  await visit({ ...desk, path: '/api?scheme=light', colorScheme: 'dark' }, async ({ page }) => {
    assert.equal(await shownColor(page, 'page'), '#ffffff');
  });
});

test("the app's button for the dark makes the documentation in it dark, where the reader is", {
  skip,
}, async () => {
  const { visitor } = await makeWebCustomer(stage.panel);
  const path = '/api-access?tab=documentation';
  await stage.visit({ as: visitor, path, colorScheme: 'light' }, async (page) => {
    const frame = page.frameLocator('iframe');
    await frame.getByRole('link', { name: 'Errors' }).first().click();
    const inside = page.frames().find((each) => each.url().includes('/api?'));
    assert(inside !== undefined);
    assert.equal(await frame.locator('.bar').count(), 0);
    for (const [press, color] of [
      ['Dark', 'rgb(20, 26, 25)'],
      ['Light', 'rgb(255, 255, 255)'],
    ] as const) {
      await page.getByRole('button', { name: press }).click();
      await inside.waitForFunction(`${groundOf('body')} === '${color}'`);
      const app = await page.evaluate(groundOf('.shell-header'));
      assert.equal(app, color, 'the app has this ground, too');
    }
    assert.equal(new URL(inside.url()).hash, '#errors', 'it was not loaded anew');
  });
});

test('any accent of an operator can be read on the page, light and dark', { skip }, async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await visit({ ...desk, colorScheme }, async ({ page }) => {
      for (const accent of ['#ffff00', '#000000', '#ffffff', '#7f7f7f']) {
        await updateSettings(stage.panel.app, staff, { accent });
        await stage.panel.app.catalog.refresh();
        await page.reload();
        assert.equal(await page.locator(`link[href*="accent-${accent.slice(1)}-"]`).count(), 1);
        const letters = await shownColor(page, 'accent');
        for (const ground of ['page', 'accent-tint']) {
          const ratio = contrast(letters, await shownColor(page, ground));
          assert(ratio >= 4.5, `${accent}, ${colorScheme}: on ${ground} it is ${ratio}`);
        }
      }
    });
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
        const ratio = contrast(await shownColor(page, front), await shownColor(page, ground));
        assert(ratio >= 4.5, `${colorScheme}: ${front} on ${ground} is ${ratio}`);
      }
    });
  }
});

/** The script that says what an element's ground is. */
const groundOf = (element: string) =>
  `getComputedStyle(document.querySelector('${element}')).backgroundColor`;

/** A colour of the page's style as it is shown, `#rrggbb`. */
async function shownColor(page: Page, name: string): Promise<string> {
  const shown = await page.evaluate(`(() => {
    document.body.style.outlineColor = 'var(--${name})';
    return getComputedStyle(document.body).outlineColor;
  })()`);
  const channels = String(shown).match(/\d+/g) ?? [];
  assert.equal(channels.length, 3, `${name} is ${shown}`);
  return `#${channels.map((each) => Number(each).toString(16).padStart(2, '0')).join('')}`;
}
