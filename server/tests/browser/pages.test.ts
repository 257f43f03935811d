import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { dayMs } from '../../src/base/index.ts';
import { rollUpDue } from '../../src/figures/index.ts';
import { place } from '../delivery/upstream.ts';
import { makeService } from '../factories.ts';
import { check, loadAxe } from './axe.ts';
import { skip } from './chromium.ts';
import { contrast } from './contrast.ts';
import { makeSample, type Sample } from './sample.ts';
import { byVisitor, nameOf, pathOf, type Screen, screens, visitorOf } from './screens.ts';
import { follow, openStage, resize, type Stage, setScheme, settle } from './stage.ts';

const desk = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };
/** A busy machine takes a while to draw a page anew. */
const framesMax = 60;
/** A side's subject and what is said of it, such as `orders.title`. */
const textKey = /^[a-z][A-Za-z]{2,}\.[a-z][A-Za-z]+(\.[A-Za-z]+)*$/;

let stage: Stage;
let sample: Sample;
before(async () => {
  if (skip) return;
  stage = await openStage();
  sample = await makeSample(stage);
});
after(async () => {
  if (skip) return;
  await stage.close();
});

test('every page of the app is among those that are looked at', async () => {
  const listed = new Set(screens.map(({ route }) => route));
  assert.deepEqual(
    (await readRoutes()).filter((route) => !listed.has(route)),
    [],
    'add it to screens.ts',
  );
});

test('every page works at both widths, and keeps nobody out, light and dark', {
  skip,
}, async () => {
  const findings: string[] = [];
  for (const group of byVisitor()) {
    await stage.visit(visitorOf(group, sample), async (page) => {
      const [first] = group.screens;
      if (first === undefined) return;
      await page.goto(pathOf(first, sample.ids));
      await settle(page);
      await loadAxe(page);
      for (const screen of group.screens) {
        findings.push(...(await findIn(page, screen)));
      }
    });
  }
  assert.deepEqual(findings, []);
});

test('errors, refused lines and open menus keep nobody out, light and dark', { skip }, async () => {
  const findings: string[] = [];
  const look = async (page: Page, name: string) => {
    await setScheme(page, 'light');
    findings.push(...(await check(page)).map((text) => `${name}: ${text}`));
    await setScheme(page, 'dark');
    const dark = await check(page, ['color-contrast']);
    findings.push(...dark.map((text) => `${name}, dark: ${text}`));
  };
  const [service] = sample.services;
  const expects = [/status of 4/];
  await stage.visit(
    { as: sample.customer, path: `/?service=${service}`, expects },
    async (page) => {
      await settle(page);
      await loadAxe(page);
      await page.getByRole('button', { name: 'Place order' }).click();
      await page.getByText('This is needed').first().waitFor();
      await look(page, 'a form that lacks something');
      await page.getByLabel('Link').fill('https://example.com/one');
      const quantity = page.getByRole('textbox', { name: 'Quantity' });
      await quantity.fill('1');
      await page.getByRole('button', { name: 'Place order' }).click();
      await quantity.and(page.locator('[aria-invalid=true]')).waitFor();
      await look(page, 'a form with a wrong field');
      await follow(page, '/mass-order');
      const lines = `${service} | 1000 | https://example.com/one\nnot an order at all`;
      await page.getByLabel('Orders, one per line').fill(lines);
      await page.getByRole('button', { name: 'Check 2 lines' }).click();
      await page.getByText('1 good; 1 line needs your attention').waitFor();
      await look(page, 'a checked mass order');
    },
  );
  const { customerId, providerId } = sample.ids;
  await stage.visit({ as: sample.operator, path: '/admin/orders' }, async (page) => {
    await settle(page);
    await loadAxe(page);
    await page
      .getByRole('checkbox', { name: /^Choose \d/ })
      .first()
      .check();
    await openMenu(page.getByRole('button', { name: 'Settle as …' }));
    await look(page, 'the menu of chosen orders');
    await follow(page, `/admin/customers/${customerId}`);
    await openMenu(page.getByRole('button', { name: 'More' }));
    await look(page, "a customer's menu");
    await follow(page, `/admin/providers/${providerId}`);
    await openMenu(page.getByRole('button', { name: 'Change state' }));
    await look(page, "a provider's menu");
  });
  assert.deepEqual(findings, []);
});

test('the chosen tab is told from the others, light and dark', { skip }, async () => {
  await stage.visit({ as: sample.operator, path: '/admin/queues' }, async (page) => {
    const colorOf = async (element: string, pseudo: string) => {
      const script = `getComputedStyle(document.querySelector('${element}'), '${pseudo}')`;
      const shown = String(await page.evaluate(`${script}.borderBottomColor`));
      const channels = shown.match(/\d+/g) ?? [];
      assert.equal(channels.length, 3, `${element} is ${shown}`);
      return `#${channels.map((each) => Number(each).toString(16).padStart(2, '0')).join('')}`;
    };
    await page.getByRole('tab', { selected: true }).waitFor();
    for (const scheme of ['light', 'dark'] as const) {
      await setScheme(page, scheme);
      const chosen = await colorOf('[role=tab][aria-selected=true]', '');
      const ratio = contrast(chosen, await colorOf('[role=tablist]', '::before'));
      // As WCAG asks of what tells a state.
      assert(ratio >= 3, `${scheme}: ${ratio}`);
    }
  });
});

test('the charts show all providers or the one chosen, which stands in the address', {
  skip,
}, async () => {
  const { panel } = stage;
  const service = await makeService(panel, { rate: '1' });
  const link = 'https://example.com/by-hand';
  await place(panel, { key: sample.key, service, link, quantity: 1_000 });
  // Whatever the time is, its day is over and due by then.
  panel.clock.advance(2 * dayMs);
  while ((await rollUpDue(panel.app)) > 0);
  await stage.visit({ as: sample.operator, path: '/admin' }, async (page) => {
    await settle(page);
    await page.getByRole('heading', { name: 'Deposits' }).waitFor();
    await page
      .getByRole('combobox', { name: 'Provider' })
      .selectOption({ label: 'Delivered by staff' });
    await page.getByText('Orders placed: 1', { exact: true }).waitFor();
    await page.waitForURL(/\?days=30&provider=staff$/);
    assert.equal(await page.getByRole('heading', { name: 'Deposits' }).count(), 0);
    await page.getByRole('button', { name: 'Show as a table' }).first().click();
    await page.getByRole('table', { name: 'Revenue, cost and margin' }).waitFor();
    await loadAxe(page);
    assert.deepEqual(await check(page), []);
    await page.reload();
    await page.getByText('Orders placed: 1', { exact: true }).waitFor();
    assert.equal(await page.getByRole('combobox', { name: 'Provider' }).inputValue(), 'staff');
  });
});

test('what is searched for stands in the address as it was typed, and comes back from there', {
  skip,
}, async () => {
  await stage.visit({ as: sample.operator, path: '/admin/orders' }, async (page) => {
    await page.getByLabel('Search').fill('1 & "2"');
    await page.waitForURL(/\?search=1\+%26\+%222%22$/);
    await page.getByLabel('Search').fill('266');
    await page.waitForURL(/\?search=266$/);
    await page.getByLabel('Customer no.').fill('1');
    await page.waitForURL(/\?search=266&customer=1$/);
    // After a pause one goes on typing in the same field.
    await page.keyboard.type('2');
    await page.waitForURL(/\?search=266&customer=12$/);
    await page.reload();
    assert.equal(await page.getByLabel('Search').inputValue(), '266');
    assert.equal(await page.getByLabel('Customer no.').inputValue(), '12');
    await page.getByRole('button', { name: 'Clear filters' }).first().click();
    await page.waitForURL(/\/admin\/orders$/);
    assert.equal(await page.getByLabel('Search').inputValue(), '');
    assert.equal(await page.getByLabel('Customer no.').inputValue(), '');
  });
});

/** Opens a menu by the keyboard: it begins at its first item, goes on by arrows, and gives back. */
async function openMenu(button: Locator): Promise<void> {
  const page = button.page();
  const items = page.getByRole('menuitem');
  const focused = page.locator(':focus');
  await button.press('Enter');
  await items.first().and(focused).waitFor();
  await page.keyboard.press('Escape');
  await items.first().waitFor({ state: 'detached' });
  await button.and(focused).waitFor();
  await page.keyboard.press('Enter');
  await items.first().and(focused).waitFor();
  await page.keyboard.press('ArrowDown');
  await items.nth(1).and(focused).waitFor();
}

/** What keeps somebody out of a page, or is wider than a phone. */
async function findIn(page: Page, screen: Screen): Promise<string[]> {
  const name = nameOf(screen);
  await page.setViewportSize(desk);
  await setScheme(page, 'light');
  await follow(page, pathOf(screen, sample.ids));
  const findings = (await check(page)).map((text) => `${name}: ${text}`);
  findings.push(...(await missing(page)).map((text) => `${name}: has no words for ${text}`));
  await setScheme(page, 'dark');
  const dark = await check(page, ['color-contrast']);
  findings.push(...dark.map((text) => `${name}, dark: ${text}`));
  await resize(page, phone);
  const width = await narrowest(page);
  if (width > phone.width) findings.push(`${name}: is ${width} wide on a phone`);
  return findings;
}

/** Texts whose file the page did not ask for stand there as their keys. */
async function missing(page: Page): Promise<string[]> {
  // biome-ignore lint/performance/useDomNodeTextContent: only rendered text has lines
  const shown = (await page.locator('body').innerText()).split('\n').map((line) => line.trim());
  return shown.filter((line) => textKey.test(line));
}

/** How wide the page is once it has taken its shape. */
async function narrowest(page: Page): Promise<number> {
  let width = Number.POSITIVE_INFINITY;
  for (let frame = 0; frame < framesMax && width > phone.width; frame += 1) {
    width = Number(
      await page.evaluate(
        `new Promise((answer) => requestAnimationFrame(() =>
          answer(document.documentElement.scrollWidth)))`,
      ),
    );
  }
  return width;
}

/** Of compressed script, when nothing of the app was ever fetched before. */
const bytesMax = 200_000;
const firstPages = [
  { path: '/sign-in', as: undefined },
  { path: '/', as: 'customer' },
  { path: '/admin', as: 'operator' },
] as const;

for (const { path, as } of firstPages) {
  test(`the first load of ${path} takes less than ${bytesMax / 1_000} kB of compressed script`, {
    skip,
  }, async () => {
    const options = as === undefined ? {} : { as: sample[as] };
    await stage.visit(options, async (page) => {
      const sizes = new Map<string, Promise<number>>();
      page.on('requestfinished', (request) => {
        if (request.resourceType() !== 'script') return;
        const size = request.sizes().then(({ responseBodySize }) => responseBodySize);
        sizes.set(request.url(), size);
      });
      await page.goto(path);
      await settle(page);
      const bytes = await Promise.all([...sizes.values()]);
      const total = bytes.reduce((sum, each) => sum + each, 0);
      const largest = [...sizes.keys()].map((url, at) => `${bytes[at]} ${new URL(url).pathname}`);
      assert(bytes.length > 0);
      assert(total < bytesMax, `${total} bytes:\n${largest.sort().join('\n')}`);
    });
  });
}

type Routes = Record<string, readonly { path: string }[]>;

/** The addresses of all pages, from the app itself. */
async function readRoutes(): Promise<string[]> {
  const routes: string[] = [];
  for (const part of ['sign-in', 'customer', 'admin']) {
    // Not a literal: the app's pages are no part of this project.
    const module: Routes = await import(
      new URL(`../../../web/src/${part}/routes.ts`, import.meta.url).href
    );
    const base = part === 'admin' ? '/admin' : '';
    for (const { path } of Object.values(module).flat()) {
      routes.push(`${base}${path}`.replace(/(.)\/$/, '$1'));
    }
  }
  return routes;
}
