import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { parseAmount } from '../../src/base/index.ts';
import { importServices, syncProvider, updateSettings } from '../../src/catalog/index.ts';
import { createCustomer, createKey, updateCustomer } from '../../src/customers/index.ts';
import { adjustBalance } from '../../src/payments/index.ts';
import { updateProvider } from '../../src/providers/index.ts';
import type { SandboxService } from '../../src/sandbox/index.ts';
import { staff } from '../factories.ts';
import { skip } from './chromium.ts';
import { hostileStrings } from './hostile-strings.ts';
import { makeSample, type Sample } from './sample.ts';
import { byVisitor, pathOf, type Screen, visitorOf } from './screens.ts';
import { openStage, type Stage, settle } from './stage.ts';

/** A list may be long; so many of its further pages are asked for. */
const pagesMax = 12;

/** Rows are drawn when they come near the screen. */
const tall = { width: 1280, height: 6_000 };

let stage: Stage;
let sample: Sample;
before(async () => {
  if (skip) return;
  stage = await openStage();
  sample = await makeSample(stage);
  await plant();
});
after(async () => {
  if (skip) return;
  await stage.close();
});

test('of 200 hostile strings in every field none runs, on any page, and all are text', {
  skip,
}, async () => {
  assert.equal(new Set(hostileStrings).size, 200);
  for (const group of byVisitor()) {
    const options = { ...visitorOf(group, sample), viewport: tall };
    await stage.visit(options, async (page, { complaints }) => {
      for (const screen of group.screens) {
        await lookAt(page, screen);
        assert.deepEqual(complaints, [], screen.route);
      }
    });
  }
});

/** Opens a page with all it lists: nothing ran, and nothing that was text became an element. */
async function lookAt(page: Page, screen: Screen): Promise<void> {
  const path = pathOf(screen, sample.ids);
  await page.goto(path);
  await settle(page);
  await showAll(page);
  assert.equal(await page.evaluate('window.__hacked'), undefined, path);
  assert.equal(new URL(page.url()).origin, stage.panel.url);
  const planted = 'main :is(script, iframe, object, embed, base, marquee, [onerror], [onload])';
  const frames = screen.route === '/api-access' ? 0 : await page.locator(planted).count();
  assert.equal(frames, 0, `${path} has elements of a text`);
  assert.equal(await page.locator('a[href^="javascript" i]').count(), 0, path);
}

test('what is hostile is shown as it was written', { skip }, async () => {
  const [first = ''] = hostileStrings;
  await stage.visit({ as: sample.customer, path: '/services' }, async (page) => {
    await settle(page);
    await page.getByText(first.trim()).first().waitFor();
  });
  await stage.visit({ as: sample.operator, path: '/admin/customers' }, async (page) => {
    await settle(page);
    await page
      .getByText(hostileStrings.at(-1)?.trim() ?? '')
      .first()
      .waitFor();
  });
});

/** Asks a list for its further pages until there is none. */
async function showAll(page: Page): Promise<void> {
  const more = page.getByRole('button', { name: /^(Show more|More)$/ });
  for (let asked = 0; asked < pagesMax && (await more.isVisible()); asked += 1) {
    // The last of them may be gone by now.
    const isAsked = await more.click({ timeout: 5_000 }).then(
      () => true,
      () => false,
    );
    if (!isAsked) return;
    // It is drawn as busy in the next frame, while it asks.
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))');
    await page.locator('button[data-loading]').waitFor({ state: 'detached' });
  }
}

/** Puts the strings wherever somebody can write: upstream panels, customers, staff. */
async function plant(): Promise<void> {
  await plantServices();
  await plantSettings();
  await plantCustomers();
  await plantOrders();
}

async function plantServices(): Promise<void> {
  const { app } = stage.panel;
  const { sandbox, providerId } = sample.upstream;
  const services = hostileStrings.map(
    (text, index): SandboxService => ({
      service: 5_000 + index,
      name: text,
      type: index % 2 === 0 ? 'Default' : 'Custom Comments',
      category: hostileStrings[(index * 7) % 200] ?? '',
      rate: '0.01',
      min: 1,
      max: 10_000,
    }),
  );
  sandbox.setServices(services);
  await syncProvider(app, staff, { providerId, force: true });
  await importServices(app, staff, { providerId, markupBasisPoints: 1_000 });
  await updateProvider(app, staff, { providerId, changes: { name: hostileStrings[1] ?? '' } });
  await app.catalog.refresh();
}

async function plantSettings(): Promise<void> {
  await updateSettings(stage.panel.app, staff, {
    name: `<img src=x onerror=window.__hacked=1>`,
    tagline: hostileStrings[0] ?? '',
    announcement: hostileStrings.join('\n').slice(0, 1_900),
    terms: hostileStrings.join('\n'),
    contact: hostileStrings.slice(40, 50).join(' ').slice(0, 400),
  });
}

async function plantCustomers(): Promise<void> {
  const { app } = stage.panel;
  for (const name of hostileStrings) await createCustomer(app, staff, { name: name.slice(0, 200) });
  const customerId = Number(sample.ids.customerId) as Parameters<typeof createKey>[2]['customerId'];
  await updateCustomer(app, staff, { customerId, changes: { name: hostileStrings[2] ?? '' } });
  for (const text of hostileStrings.slice(0, 40)) {
    await createKey(app, staff, { customerId, name: text.slice(0, 100) });
    const amount = parseAmount('0.01', 'amount');
    await adjustBalance(app, staff, { customerId, amount, reason: text.slice(0, 200) });
  }
}

async function plantOrders(): Promise<void> {
  const { key } = sample;
  const [service] = sample.services;
  for (const text of hostileStrings) {
    const link = `https://example.com/?q=${text}`.slice(0, 900);
    await stage.panel.call({ key, action: 'add', service: service ?? 1, link, quantity: 100 });
    await stage.panel.call({
      key,
      action: 'add',
      service: service ?? 1,
      link: text,
      quantity: 100,
    });
  }
  while ((await sample.upstream.forward()) > 0);
}
