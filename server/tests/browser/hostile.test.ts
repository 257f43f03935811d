import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { skip } from './chromium.ts';
import { type Planted, plantEverywhere } from './hostile-plants.ts';
import { hostileStrings } from './hostile-strings.ts';
import { makeSample, type Sample } from './sample.ts';
import { byVisitor, pathOf, visitorOf } from './screens.ts';
import { follow, openStage, type Stage, settle } from './stage.ts';

/** A list may be long; so many of its further pages are asked for: two hundred lines and more. */
const pagesMax = 4;

/** Rows of a catalog are drawn when they come near the screen. */
const tall = { width: 1280, height: 6_000 };
const desk = { width: 1280, height: 900 };

let stage: Stage;
let sample: Sample;
let planted: Planted;
before(async () => {
  if (skip) return;
  stage = await openStage();
  sample = await makeSample(stage);
  planted = await plantEverywhere(stage, sample);
});
after(async () => {
  if (skip) return;
  await stage.close();
});

/** Pages of what was planted, besides those of the sample. */
function morePaths(as: string): string[] {
  const { orders, troubled, payment } = planted;
  if (as === 'customer') {
    return [...pathsOf('/orders', orders), `/funds?payment=${payment}&view=payments`];
  }
  if (as === 'nobody') return [];
  const queues = ['unknown', 'held', 'flagged', 'refills', 'cancels', 'stuck'];
  return [
    ...pathsOf('/admin/orders', [...orders.slice(0, 3), ...troubled]),
    ...queues.map((queue) => `/admin/queues?queue=${queue}`),
    '/admin/services?view=changes',
  ];
}

const pathsOf = (base: string, ids: readonly string[]) => ids.map((id) => `${base}/${id}`);

test('of 200 hostile strings in every field none runs, on any page, and all are text', {
  skip,
}, async () => {
  assert.equal(new Set(hostileStrings).size, 200);
  for (const group of byVisitor()) {
    const paths = group.screens.map((screen) => pathOf(screen, sample.ids));
    await stage.visit(visitorOf(group, sample), async (page, { complaints }) => {
      await page.goto(paths[0] ?? '/');
      for (const path of [...paths, ...morePaths(group.as)]) {
        const size = path.startsWith('/admin/services') ? tall : desk;
        if (page.viewportSize()?.height !== size.height) await page.setViewportSize(size);
        await follow(page, path);
        await lookAt(page, path);
        assert.deepEqual(complaints, [], path);
      }
    });
  }
});

const language = 'zh-CN';

test('nor do they in Chinese, whose texts are others', { skip }, async () => {
  await stage.visit({ as: sample.customer, language }, async (page) => {
    for (const path of ['/terms', '/']) {
      await page.goto(path);
      await lookAt(page, path);
    }
    const [, second = ''] = hostileStrings.toReversed();
    await page.getByText(second.trim()).first().waitFor();
  });
  await stage.visit({ path: '/sign-in', language }, (page) => lookAt(page, '/sign-in'));
});

/** Looks at a page with all it lists: nothing ran, and nothing that was text became an element. */
async function lookAt(page: Page, path: string): Promise<void> {
  await settle(page);
  await showAll(page);
  await isUnharmed(page, path);
}

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

async function isUnharmed(page: Page, path: string): Promise<void> {
  assert.equal(await page.evaluate('window.__hacked'), undefined, path);
  assert.equal(new URL(page.url()).origin, stage.panel.url);
  const made = 'main :is(script, iframe, object, embed, base, marquee, [onerror], [onload])';
  const frames = path === '/api-access' ? 0 : await page.locator(made).count();
  assert.equal(frames, 0, `${path} has elements of a text`);
  assert.equal(await page.locator('a[href^="javascript" i]').count(), 0, path);
}

test('what is hostile is shown as it was written', { skip }, async () => {
  const seen = async (page: Page, text: string) => page.getByText(text.trim()).first().waitFor();
  const [, , third = ''] = hostileStrings;
  const last = hostileStrings.at(-1) ?? '';
  await stage.visit({ as: sample.customer, path: '/services' }, async (page) => {
    await settle(page);
    const search = page.getByRole('main').getByRole('searchbox');
    await search.fill('<svg onload');
    const text = hostileStrings.find((each) => each.startsWith('<svg onload')) ?? '';
    await page.getByRole('main').getByText(text).last().click();
    const details = page.getByRole('dialog');
    await details.getByText(text, { exact: true }).last().waitFor();
    await isUnharmed(page, '/services');
  });
  await stage.visit({ as: sample.operator, path: '/admin/customers' }, async (page) => {
    await settle(page);
    await seen(page, last);
    await follow(page, `/admin/orders/${planted.troubled[2]}`);
    await seen(page, third);
  });
});

/** Where something is searched for, and what an address can have for it. */
const searches = [
  { as: 'customer', path: '/', box: 'combobox' },
  { as: 'customer', path: '/services', box: 'searchbox' },
  { as: 'customer', path: '/orders', box: 'searchbox' },
  { as: 'operator', path: '/admin/orders', box: 'searchbox' },
  { as: 'operator', path: '/admin/customers', box: 'searchbox' },
  { as: 'operator', path: '/admin/services', box: 'searchbox' },
  { as: 'operator', path: '/admin/audit', box: 'searchbox' },
] as const;

/** Of two hundred texts every page gets others, typed and in the address. */
const typedStep = searches.length * 7;

for (const as of ['customer', 'operator'] as const) {
  test(`any of them can be searched for (${as}), by field and by address`, {
    skip,
  }, async () => {
    const expects = [/status of 400/];
    await stage.visit({ as: sample[as], expects }, async (page, { complaints }) => {
      for (const [at, { path, box }] of searches.entries()) {
        if (searches[at]?.as !== as) continue;
        const texts = hostileStrings.filter((_, index) => index % typedStep === at * 7);
        await page.goto(`${path}?search=${encodeURIComponent(texts[0] ?? '')}`);
        await settle(page);
        const field = page.getByRole('main').getByRole(box).first();
        for (const text of texts) {
          await field.fill(text);
          await settle(page);
        }
        const query = texts.map(
          (text, index) => `${'qsvf'[index % 4]}=${encodeURIComponent(text)}`,
        );
        await follow(page, `${path}?${query.join('&')}&status=${query[0]}&view=${query[1]}`);
        await isUnharmed(page, path);
        assert.deepEqual(complaints, [], path);
      }
    });
  });
}

test('lines of many orders may be any of them, and each is refused for what it is', {
  skip,
}, async () => {
  await stage.visit({ as: sample.customer, path: '/mass-order' }, async (page) => {
    const [service = 1] = sample.services;
    const lines = hostileStrings.flatMap((text, index) =>
      index % 2 === 0 ? [text] : [`${service} | 100 | ${text}`, `${text} | 100 | x`],
    );
    await page.getByRole('textbox').fill(lines.join('\n'));
    await page.getByRole('button', { name: /^Check/ }).click();
    await page
      .getByText(/cannot be ordered|can't be ordered|not valid|Problem/i)
      .first()
      .waitFor();
    await isUnharmed(page, '/mass-order');
  });
});

test('no line of a file for spreadsheets begins a formula', { skip }, async () => {
  for (const file of ['orders.csv', 'funds/statement.csv']) {
    const headers = { 'x-forwarded-for': '10.9.9.9' };
    const { cookies } = sample.customer;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const address = `${stage.panel.url}/api/customer/${file}`;
    const text = await (await fetch(address, { headers: { ...headers, cookie } })).text();
    const cells = readCsv(text).flat();
    const dangerous = cells.filter((cell) => /^[=+\-@\t\r\n＝＋－＠]/.test(cell));
    assert.deepEqual(
      dangerous.filter((cell) => !/^-?\d+(\.\d+)?$/.test(cell)),
      [],
      file,
    );
    assert(
      cells.some((cell) => cell.startsWith("'=")),
      `${file} has what could be a formula`,
    );
  }
});

/** The cells of a CSV file, as a spreadsheet reads them. */
function readCsv(text: string): string[][] {
  const rows = [
    ...text.replace(/^\ufeff/, '').matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g),
  ];
  const lines: string[][] = [[]];
  for (const [, quoted, plain = '', end] of rows) {
    lines.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') lines.push([]);
  }
  return lines;
}
