import assert from 'node:assert/strict';
import type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Page,
  Request,
} from 'playwright-core';
import type { TestPanelOptions } from '../harness.ts';
import { openSignInPanel, type SignInPanel, type Visitor } from '../sign-in/visitor.ts';
import { launchChromium } from './chromium.ts';

/** A panel that a real browser looks at. */
export type Stage = {
  panel: SignInPanel;
  browser: Browser;
  /** Gives somebody a browser; it is looked through when the visit ends. */
  visit: <T>(options: VisitOptions, look: (page: Page, visit: Visit) => Promise<T>) => Promise<T>;
  /** Closes something with the stage, however far the test comes. */
  keep: <T extends { close: () => Promise<void> }>(thing: T) => T;
  close: () => Promise<void>;
};

export type VisitOptions = BrowserContextOptions & {
  /** Whose cookies the browser has; nobody's by default. */
  as?: Visitor;
  /** What was chosen in this browser before; by default nothing. */
  language?: string;
  /** Where it goes first. */
  path?: string;
  /** What may stand on the console: refusals that the test provokes. */
  expects?: readonly RegExp[];
};

export type Visit = {
  context: BrowserContext;
  /** What went wrong so far: errors, refused content, dialogs, calls to other places. */
  complaints: string[];
};

/** For a machine that does much else; a test that passes waits for none of it. */
const waitMs = 30_000;
const textMax = 1_500;
/** What pages have asked for, and not got yet; but for the stream that stays open. */
const asked = new WeakMap<Page, Set<Request>>();
const framesMax = 1_000;
/** One frame alone may be that between an answer and what is asked for because of it. */
const quietFrames = 2;
let addresses = 0;

/** Opens a panel and a browser. Close both in `after`. */
export async function openStage(options: TestPanelOptions = {}): Promise<Stage> {
  const panel = await openSignInPanel(options);
  const browser = await launchChromium();
  const kept: { close: () => Promise<void> }[] = [];
  return {
    panel,
    browser,
    visit: (options, look) => visit({ panel, browser }, options, look),
    keep: (thing) => {
      kept.unshift(thing);
      return thing;
    },
    close: async () => {
      for (const thing of [...kept, browser, panel]) await thing.close();
    },
  };
}

/** @throws AssertionError if anything went wrong in the browser, even unseen */
async function visit<T>(
  stage: Pick<Stage, 'panel' | 'browser'>,
  options: VisitOptions,
  look: (page: Page, visit: Visit) => Promise<T>,
): Promise<T> {
  const { as, path, language, expects = [], ...rest } = options;
  const url = options.baseURL ?? stage.panel.url;
  addresses += 1;
  const context = await stage.browser.newContext({
    baseURL: url,
    locale: 'en-US',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 900 },
    // Each has an address of its own, so that limits of others do not concern it.
    extraHTTPHeaders: { 'x-forwarded-for': `10.200.${addresses >> 8}.${addresses & 255}` },
    ...rest,
  });
  try {
    context.setDefaultTimeout(waitMs);
    if (as !== undefined) await context.addCookies(cookiesOf(as, url));
    if (language !== undefined) {
      const key = JSON.stringify(['panelwright.language', language]);
      await context.addInitScript(`localStorage.setItem(...${key})`);
    }
    const complaints: string[] = [];
    const page = await context.newPage();
    count(page);
    listen(page, url, (text) => {
      if (!expects.some((pattern) => pattern.test(text))) complaints.push(text);
    });
    if (path !== undefined) await page.goto(path);
    const result = await look(page, { context, complaints }).catch(async (error: unknown) => {
      throw await explain(page, complaints, error);
    });
    assert.deepEqual(complaints, []);
    return result;
  } finally {
    await context.close();
  }
}

function cookiesOf({ cookies }: Visitor, url: string) {
  return [...cookies].map(([name, value]) => ({ name, value, url, httpOnly: true }));
}

function count(page: Page): void {
  const requests = new Set<Request>();
  asked.set(page, requests);
  page.on('request', (request) => {
    if (request.resourceType() !== 'eventsource') requests.add(request);
  });
  for (const end of ['requestfinished', 'requestfailed'] as const) {
    page.on(end as 'requestfinished', (request) => requests.delete(request));
  }
}

function listen(page: Page, url: string, complain: (text: string) => void): void {
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    complain(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => complain(`error: ${error.stack ?? error.message}`));
  page.on('dialog', (dialog) => {
    complain(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('popup', (popup) => complain(`window: ${popup.url()}`));
  page.on('request', (request) => {
    const to = request.url();
    if (!to.startsWith(`${url}/`) && !/^(data|blob):/.test(to)) complain(`request: ${to}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) complain(`answer: ${response.status()} ${response.url()}`);
  });
}

/** A failure with what was on the screen, as nobody sees it. */
async function explain(page: Page, complaints: string[], error: unknown): Promise<Error> {
  const shown = await page
    .locator('body')
    .ariaSnapshot()
    .catch(() => '');
  return new Error(
    `${page.url()}: ${error instanceof Error ? error.message : String(error)}\n` +
      `complaints: ${complaints.join('\n')}\nshown: ${shown.slice(0, textMax)}`,
    { cause: error },
  );
}

/** Waits until a page shows what it is about, and nothing of it is on its way any more. */
export async function settle(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  let quiet = 0;
  for (let frame = 0; frame < framesMax && quiet < quietFrames; frame += 1) {
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))');
    quiet = asked.get(page)?.size === 0 ? quiet + 1 : 0;
  }
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
}

/** Goes to another page as a click on a link would: the app stays, and fetches what it lacks. */
export async function follow(page: Page, path: string): Promise<void> {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
  await settle(page);
}

/** Changes the size of the window, and waits until the page has taken its new shape. */
export async function resize(page: Page, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  await page.evaluate('new Promise((shown) => requestAnimationFrame(() => setTimeout(shown)))');
  await settle(page);
}

/** Changes to a colour scheme, as the machine would at dusk. */
export async function setScheme(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor({ state: 'attached' });
  // Colours that are still on their way are read by nobody; one may set off another.
  await page.evaluate(`(async () => {
    const moving = () => document.getAnimations().filter((one) => one instanceof CSSTransition);
    while (moving().length > 0) {
      await Promise.all(moving().map((one) => one.finished.catch(() => {})));
      await new Promise(requestAnimationFrame);
    }
  })()`);
}
