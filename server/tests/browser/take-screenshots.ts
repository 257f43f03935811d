import { mkdir, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { skip } from './chromium.ts';
import { makeSample, type Sample } from './sample.ts';
import { nameOf, pathOf, type Screen, screens, visitorOf } from './screens.ts';
import { openStage, resize, type Stage, setScheme, settle } from './stage.ts';

/**
 * Takes pictures of every page: `npm run screenshots`. Those that the README shows are kept in the
 * repository; `SCREENS=order,account` takes a few, and leaves the others as they are.
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

type Shot = { name: string; width: keyof typeof heights; scheme: (typeof schemes)[number] };

test('every page has its picture taken', { skip }, async () => {
  const wanted = process.env.SCREENS?.split(',');
  if (wanted === undefined) await rm(all, { recursive: true, force: true });
  await mkdir(all, { recursive: true });
  const stage = await openStage();
  try {
    const sample = await makeSample(stage);
    for (const screen of screens) {
      if (wanted === undefined || wanted.includes(nameOf(screen))) {
        await takeAll({ stage, sample, screen });
      }
    }
  } finally {
    await stage.close();
  }
});

type Taking = { stage: Stage; sample: Sample; screen: Screen };

/** A page in both languages, both schemes, at both widths. */
async function takeAll({ stage, sample, screen }: Taking): Promise<void> {
  const path = pathOf(screen, sample.ids);
  for (const language of languages) {
    await stage.visit(
      { ...visitorOf(screen, sample), path, language },
      async (page, { context }) => {
        await settle(page);
        // What draws charts comes after the page itself.
        await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
        for (const width of widths) {
          for (const scheme of schemes) {
            const name = `${nameOf(screen)}-${language}-${scheme}-${width}.webp`;
            await take(page, context, { name, width, scheme });
          }
        }
      },
    );
  }
}

async function take(page: Page, context: BrowserContext, shot: Shot): Promise<void> {
  const { name, width, scheme } = shot;
  const height = heights[width];
  await resize(page, { width, height });
  await setScheme(page, scheme);
  if (shown.has(name)) await writeFile(new URL(name, kept), await capture(page, context));
  const whole = Number(await page.evaluate('document.documentElement.scrollHeight'));
  await resize(page, { width, height: Math.min(Math.max(whole, height), heightMax) });
  await writeFile(fileURLToPath(new URL(name, all)), await capture(page, context));
}

async function capture(page: Page, context: BrowserContext): Promise<Buffer> {
  const session = await context.newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality });
  await session.detach();
  return Buffer.from(data, 'base64');
}
