import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { openUpstream } from '../delivery/upstream.ts';
import { makeService } from '../factories.ts';
import { password, signUp } from '../sign-in/visitor.ts';
import { makeWebCustomer } from '../web/customers.ts';
import { openMember } from '../web/members.ts';
import { skip } from './chromium.ts';
import { openStage, type Stage, settle } from './stage.ts';

let stage: Stage;
before(async () => {
  if (!skip) stage = await openStage();
});
after(async () => {
  if (!skip) await stage.close();
});

/** What is shown is old by then, and asked for again when its window is looked at. */
const awayMs = 60_000;
const expects = [/status of (401|404|503)/, /^answer: 503/];
const failed = 'This could not be loaded';

/** Opens a page whose time can be moved. */
async function open(page: Page, path: string): Promise<void> {
  await page.clock.install();
  await page.goto(path);
  await settle(page);
}

/** Comes back to a window after a while: what it shows is asked for again, and this is answered. */
async function comeBack(page: Page, asked: string): Promise<void> {
  const answered = page.waitForResponse((answer) => new URL(answer.url()).pathname === asked);
  await page.clock.fastForward(awayMs);
  await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))");
  await answered;
  await settle(page);
}

/** Lets calls fail until it is told otherwise. */
async function fail(page: Page, path: string | RegExp): Promise<() => Promise<void>> {
  const matches = (url: URL) =>
    typeof path === 'string' ? url.pathname === path : path.test(url.pathname);
  await page.route(matches, (route) => route.fulfill({ status: 503 }));
  return () => page.unroute(matches);
}

test('what was typed stays when what is shown is asked for again in vain', { skip }, async () => {
  const { visitor } = await openMember(stage.panel);
  await stage.visit({ as: visitor, expects }, async (page) => {
    await open(page, '/admin/settings');
    const fields: [Locator, string][] = [
      [page.getByRole('textbox', { name: 'Tagline', exact: true }), 'Half a tagl'],
      [page.getByRole('textbox', { name: 'E-mail addresses' }), 'ann@example'],
      [page.getByRole('textbox', { name: 'Counts of calls to providers' }), '7'],
    ];
    for (const [field, text] of fields) await field.fill(text);
    await fail(page, /^\/api\/admin\//);
    await comeBack(page, '/api/admin/settings/retention');
    assert.equal(await page.getByText(failed).count(), 0);
    for (const [field, text] of fields) assert.equal(await field.inputValue(), text);
  });
});

test('a list stays when it is asked for again in vain, or a further page of it is', {
  skip,
}, async () => {
  const { visitor } = await openMember(stage.panel);
  const { customerId } = await makeWebCustomer(stage.panel, '0');
  const list = '/api/admin/customers';
  await stage.visit({ as: visitor, expects }, async (page) => {
    // There are too few for a second page.
    await page.route(
      (url) => url.pathname === list && !url.searchParams.has('cursor'),
      async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), next: 'more' } });
      },
      { times: 1 },
    );
    await open(page, '/admin/customers');
    const row = page.getByRole('row').filter({ hasText: String(customerId) });
    await row.waitFor();
    await fail(page, list);
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('Something went wrong on our side').waitFor();
    assert(await row.isVisible());
    await comeBack(page, list);
    assert(await row.isVisible());
    assert.equal(await page.getByText(failed).count(), 0);
  });
});

test('what a colleague changed meanwhile is not undone by a form that was open', {
  skip,
}, async () => {
  const { visitor } = await openMember(stage.panel);
  const colleague = await openMember(stage.panel);
  const set = async (path: string, changes: object) => {
    const { status, body } = await colleague.ask('PATCH', path, changes);
    assert(status < 300, JSON.stringify(body));
  };
  await stage.visit({ as: visitor }, async (page) => {
    await open(page, '/admin/settings');
    const save = async (title: string, field: string, text: string) => {
      const section = page
        .locator('section')
        .filter({ has: page.getByRole('heading', { name: title }) });
      await section.getByRole('textbox', { name: field, exact: true }).fill(text);
      await section.getByRole('button', { name: 'Save' }).click();
      await section.getByText('Not saved yet').waitFor({ state: 'hidden' });
    };
    await set('/settings', { tagline: 'By a colleague' });
    await set('/settings/alarms', { webhookUrl: '', language: 'zh-CN' });
    await set('/settings/retention', { eventsMonths: 120 });
    await comeBack(page, '/api/admin/settings/retention');
    await save('Name and looks', 'Name', 'Renamed');
    await save('Alarms', 'E-mail addresses', 'ann@example.com');
    await save('History', 'Counts of calls to providers', '9');
    // Once saved, a form is compared with what it saved.
    await set('/settings', { name: 'Named by a colleague' });
    await save('Name and looks', 'Tagline · 简体中文', '标语');
  });
  const read = async (path: string) => (await colleague.get(path)).body;
  const { name, tagline, taglineZh } = await read('/settings');
  assert.deepEqual([name, tagline, taglineZh], ['Named by a colleague', 'By a colleague', '标语']);
  const { emails, language } = await read('/settings/alarms');
  assert.deepEqual([emails, language], [['ann@example.com'], 'zh-CN']);
  const { policy } = await read('/settings/retention');
  assert.deepEqual(policy, { eventsMonths: 120, callsMonths: 9, isExported: true });
});

test('nor by a form of what services take over, of a way to pay, or of what staff may do', {
  skip,
}, async () => {
  const { visitor } = await openMember(stage.panel);
  const colleague = await openMember(stage.panel);
  const ask = async (method: 'POST' | 'PATCH', path: string, input: object) => {
    const { status, body } = await colleague.ask(method, path, input);
    assert(status < 300, JSON.stringify(body));
    return body;
  };
  const upstream = stage.keep(await openUpstream(stage.panel, { name: 'Northgate' }));
  const provider = `/providers/${upstream.providerId}`;
  const money = { min: '5', max: '500' };
  const { id } = await ask('POST', '/payment-methods', { kind: 'manual', name: 'Bank', ...money });
  // The newest one.
  const lastOf = async (path: string, name: string) => {
    const { body } = await colleague.get(path);
    return (body[name] as { [field: string]: unknown }[]).at(-1) ?? {};
  };
  await openMember(stage.panel);
  const member = await lastOf('/staff', 'members');
  await stage.visit({ as: visitor }, async (page) => {
    const save = () => page.getByRole('button', { name: 'Save' }).click();
    const saved = () => page.getByText('Saved').last().waitFor();
    await page.goto(`/admin${provider}?tab=catalog`);
    await page.getByRole('switch', { name: 'Quantities' }).waitFor();
    await ask('PATCH', provider, { syncPrices: false, priceJumpPercentMax: 7 });
    await page.getByRole('switch', { name: 'Quantities' }).click({ force: true });
    await save();
    await saved();
    // Once saved, a form is compared with what it saved.
    await ask('PATCH', provider, { syncLimits: true });
    await page.getByRole('switch', { name: 'Options' }).click({ force: true });
    await save();
    await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'hidden' });

    await page.goto('/admin/payments?tab=methods');
    await page.getByRole('button', { name: 'Bank', exact: true }).click();
    assert(await page.getByRole('button', { name: 'Save' }).isDisabled());
    await ask('PATCH', `/payment-methods/${id}`, { max: '50', enabled: false });
    await page.getByRole('textbox', { name: 'Name' }).fill('Bank transfer');
    await save();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });

    await page.goto('/admin/staff');
    await page
      .getByRole('row')
      .filter({ hasText: String(member.name) })
      .getByRole('button')
      .last()
      .click();
    await page.getByRole('menuitem', { name: 'Change permissions' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).waitFor();
    assert(await page.getByRole('button', { name: 'Save' }).isDisabled());
    await page.getByRole('textbox', { name: 'Daily spending limit' }).fill('20');
    await ask('PATCH', `/staff/${member.id}`, { areas: ['orders'] });
    await save();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });
  const { body } = await colleague.get(provider);
  const { syncPrices, syncLimits, priceJumpPercentMax } = body;
  assert.deepEqual([syncPrices, syncLimits, priceJumpPercentMax], [false, true, 7]);
  const method = await lastOf('/payment-methods', 'methods');
  assert.deepEqual([method.name, method.max, method.enabled], ['Bank transfer', '50.00', false]);
  const { areas, dailyLimit } = await lastOf('/staff', 'members');
  assert.deepEqual([areas, dailyLimit], [['orders'], '20.00']);
});

test('whose session ended elsewhere signs in, and is where they were', { skip }, async () => {
  const customer = await signUp(stage.panel);
  await stage.visit({ as: customer.visitor, path: '/orders', expects }, async (page) => {
    await settle(page);
    await customer.visitor.post('/api/auth/sign-out');
    await page.getByRole('link', { name: 'Refills' }).click();
    await page.waitForURL(/\/sign-in\?to=%2Frefills$/);
    await signIn(page, customer.email);
    await page.getByRole('heading', { name: 'Refills', level: 1 }).waitFor();
  });
  const { visitor } = await openMember(stage.panel);
  await stage.visit({ as: visitor, expects }, async (page) => {
    await open(page, '/admin/settings');
    await page.getByRole('textbox', { name: 'Tagline', exact: true }).fill('Half a tagl');
    await visitor.post('/api/auth/sign-out');
    await comeBack(page, '/api/customer/session');
    await page.waitForURL(/\/sign-in\?to=%2Fadmin%2Fsettings$/);
  });
});

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('a page that could not be drawn says so, and is drawn when it is tried again', {
  skip,
}, async () => {
  await makeService(stage.panel, { name: 'Followers' });
  const { visitor } = await makeWebCustomer(stage.panel);
  // The browser is told of what a page is replaced for.
  const caught = [...expects, /The panel could not do this/];
  for (const [path, asked] of [
    ['/', '/api/customer/session'],
    ['/', '/api/customer/services'],
    ['/sign-in', '/api/customer/session'],
  ] as const) {
    await stage.visit({ as: visitor, expects: caught }, async (page) => {
      const mend = await fail(page, asked);
      await page.goto(path);
      const error = page.getByRole('heading', { name: failed, level: 1 });
      await error.waitFor();
      await page.getByText('Something went wrong on our side').waitFor();
      await mend();
      await page.getByRole('button', { name: 'Try again' }).click();
      await error.waitFor({ state: 'detached' });
      await page.getByRole('heading', { level: 1 }).waitFor();
    });
  }
});

test('the queue that is shown stays when another one begins to fill', { skip }, async () => {
  const { visitor } = await openMember(stage.panel);
  const counts = '/api/admin/queues';
  let unknown = 0;
  await stage.visit({ as: visitor }, async (page) => {
    await page.route(
      (url) => url.pathname === counts,
      async (route) => {
        const response = await route.fetch();
        await route.fulfill({
          response,
          json: { ...(await response.json()), unknown, refills: 1 },
        });
      },
    );
    await open(page, '/admin/queues');
    const shown = page.getByRole('tab', { name: 'Refills', selected: true });
    await shown.waitFor();
    unknown = 1;
    await comeBack(page, counts);
    await page.getByRole('tab', { name: 'Unknown 1', selected: false }).waitFor();
    assert(await shown.isVisible());
  });
});

test('an order to repeat that cannot be read takes nothing of what is typed', {
  skip,
}, async () => {
  const service = await makeService(stage.panel, { name: 'Likes' });
  const { visitor } = await makeWebCustomer(stage.panel);
  await stage.visit({ as: visitor, expects }, async (page) => {
    await open(page, `/?again=999999&service=${service}`);
    await page.getByText('There is no such order.').waitFor();
    const link = page.getByRole('textbox', { name: 'Link' });
    await link.fill('https://example.com/typed');
    await comeBack(page, '/api/customer/orders/999999');
    assert.equal(await link.inputValue(), 'https://example.com/typed');
  });
});
