import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { backUpIfDue } from '../../src/backup/index.ts';
import { dayMs } from '../../src/base/index.ts';
import { skip } from './chromium.ts';
import { makeSample, type Sample } from './sample.ts';
import { makeWaiting } from './sample-waiting.ts';
import { nameOf, pathOf, screens, visitorOf } from './screens.ts';
import { openStage, resize, type Stage, setScheme, settle } from './stage.ts';
import { type State, states, stateTopics } from './states.ts';
import { readWords } from './words.ts';

/**
 * Takes pictures of every page, and of what opens there: `npm run screenshots`. Those that the
 * README shows are kept in the repository; `SCREENS=order,account` takes a few, and leaves the
 * others as they are.
 */
const kept = new URL('../../../docs/images/screens/', import.meta.url);
const all = new URL('all/', kept);
const heights = { 1440: 900, 390: 844 } as const;
const widths = [1440, 390] as const;
const schemes = ['light', 'dark'] as const;
const languages = ['en', 'zh-CN'] as const;
/** A picture of a list that goes on and on tells no more than its beginning. */
const heightMax = 3_000;
const quality = 82;

/** The pictures of the README, as it names them. */
const shown: ReadonlySet<string> = new Set([
  'new-order-en-light-390.webp',
  'orders-en-light-1440.webp',
  'funds-zh-CN-dark-390.webp',
  'admin-dashboard-en-light-1440.webp',
  'admin-dashboard-zh-CN-dark-1440.webp',
  'admin-order-unknown-en-dark-1440.webp',
  'admin-services-zh-CN-light-1440.webp',
]);

type Shot = {
  name: string;
  width: keyof typeof heights;
  scheme: (typeof schemes)[number];
  /** Whether something is on its way there, and stays so. */
  isWaiting: boolean;
};

test('every page has its picture taken', { skip }, async () => {
  const wanted = process.env.SCREENS?.split(',');
  if (wanted === undefined) await rm(all, { recursive: true, force: true });
  await mkdir(all, { recursive: true });
  const stage = await openStage();
  try {
    const sample = await makeSample(stage);
    await backUp(stage);
    const takeThose = async (those: readonly State[]) => {
      for (const screen of those) {
        if (wanted !== undefined && !wanted.includes(nameOf(screen))) continue;
        await takeAll({ stage, sample, screen });
      }
    };
    await takeThose(screens);
    // Much waits now, more than is usual, and what is done for one picture is seen in the next.
    await makeWaiting(stage.panel, sample);
    await takeThose(states);
  } finally {
    await stage.close();
  }
});

type Taking = { stage: Stage; sample: Sample; screen: State };

/** As a server does that has a folder for backups. */
async function backUp({ panel }: Stage): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'panelwright-backups-'));
  try {
    const target = { url: panel.databaseUrl };
    await backUpIfDue(panel.app, { target, dir, everyMs: dayMs, kept: 1 });
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** A page in both languages, both at once: in both schemes, at both widths. */
async function takeAll(taking: Taking): Promise<void> {
  await Promise.all(languages.map((language) => takeIn(language, taking)));
}

async function takeIn(
  language: (typeof languages)[number],
  { stage, sample, screen }: Taking,
): Promise<void> {
  const path = pathOf(screen, sample.ids);
  const isWaiting = screen.waitsFor !== undefined;
  const words = await readWords(language, stateTopics);
  await stage.visit({ ...visitorOf(screen, sample), language }, async (page, { context }) => {
    await open(page, { screen, path });
    for (const step of screen.steps ?? []) await step(page, words);
    for (const width of widths) {
      for (const scheme of schemes) {
        const name = `${nameOf(screen)}-${language}-${scheme}-${width}.webp`;
        await take(page, context, { name, width, scheme, isWaiting });
      }
    }
  });
}

async function open(page: Page, { screen, path }: { screen: State; path: string }) {
  if (screen.waitsFor !== undefined) await page.route(screen.waitsFor, () => {});
  await page.goto(path);
  if (screen.waitsFor !== undefined) {
    await page.locator('.mantine-Skeleton-root').first().waitFor();
    return;
  }
  await settle(page);
  // What draws charts comes after the page itself.
  await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
}

async function take(page: Page, context: BrowserContext, shot: Shot): Promise<void> {
  const { name, width, scheme, isWaiting } = shot;
  const height = heights[width];
  const shape = isWaiting ? page.setViewportSize.bind(page) : resize.bind(null, page);
  await shape({ width, height });
  await setScheme(page, scheme);
  if (shown.has(name)) await writeFile(new URL(name, kept), await capture(page, context));
  // What is asked in front of a page is all that is to be seen.
  if ((await page.getByRole('dialog').count()) === 0) {
    const whole = Number(await page.evaluate('document.documentElement.scrollHeight'));
    await shape({ width, height: Math.min(Math.max(whole, height), heightMax) });
  }
  await writeFile(fileURLToPath(new URL(name, all)), await capture(page, context));
}

async function capture(page: Page, context: BrowserContext): Promise<Buffer> {
  const session = await context.newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality });
  await session.detach();
  return Buffer.from(data, 'base64');
}
