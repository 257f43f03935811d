import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, hourMs } from '../../src/base/index.ts';
import { syncProvider } from '../../src/catalog/index.ts';
import { rollUpDue } from '../../src/figures/index.ts';
import { readProviders } from '../../src/providers/index.ts';
import { openUpstream, place, type Upstream } from '../delivery/upstream.ts';
import { makeCustomer, staff } from '../factories.ts';
import { openMember } from '../web/members.ts';
import { skip } from './chromium.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
let upstream: Upstream;
before(async () => {
  if (skip) return;
  stage = await openStage();
  upstream = stage.keep(await openUpstream(stage.panel, { name: 'Northgate' }));
});
after(async () => {
  if (!skip) await stage.close();
});

const stored = async (name: string) =>
  (await readProviders(stage.panel.app.db)).find((each) => each.name === name);

test('an operator adds a provider, tries it, fetches its catalog and pauses it', {
  skip,
}, async () => {
  const { visitor } = await openMember(stage.panel);
  await stage.visit({ as: visitor, path: '/admin/providers' }, async (page) => {
    await page.getByRole('link', { name: 'Add provider' }).click();
    const add = page.getByRole('button', { name: 'Add provider' });
    await add.click();
    await page.getByText('One word, without spaces').waitFor();
    await page
      .getByLabel('Name', { exact: true })
      .or(page.getByLabel(/^Name/))
      .first()
      .fill('Harbour');
    await page.getByLabel(/^API address/).fill(upstream.served.url);
    await page.getByRole('textbox', { name: /^API key/ }).fill(upstream.key);
    await add.click();
    await page.getByRole('heading', { name: 'Harbour', level: 1 }).waitFor();

    await page.getByRole('button', { name: 'Sync now' }).click();
    await page.getByText('Services listed').waitFor();
    await page.getByRole('button', { name: 'Test call' }).click();
    const dialog = page.getByRole('dialog', { name: 'Test call: Harbour' });
    await dialog.getByText('Harbour answered').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });

    await page.getByRole('button', { name: 'Change state' }).click();
    await page.getByRole('menuitem', { name: /^Pause/ }).click();
    const asked = page.getByRole('dialog', { name: 'Pause Harbour?' });
    assert.equal((await stored('Harbour'))?.state, 'on');
    await asked.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused: by staff').waitFor();
    assert.equal((await stored('Harbour'))?.state, 'paused');
  });
});

test('another host is said to cost the stored key, before it is saved', { skip }, async () => {
  const { visitor } = await openMember(stage.panel);
  const { providerId } = upstream;
  const path = `/admin/providers/${providerId}?tab=settings`;
  await stage.visit({ as: visitor, path }, async (page) => {
    await page.getByLabel(/^API address/).fill('https://elsewhere.example/api/v2');
    await page.getByText('This is another host.').waitFor();
    assert(!(await page.content()).includes(upstream.key), 'a key is never read');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('No key', { exact: true }).waitFor();
    assert.equal((await stored('Northgate'))?.keySealed, null);
  });
});

test('what is wrong with a field that is off does not stand in the way', { skip }, async () => {
  const { visitor } = await openMember(stage.panel);
  const path = `/admin/providers/${upstream.providerId}?tab=catalog`;
  const before = await stored('Northgate');
  await stage.visit({ as: visitor, path }, async (page) => {
    const jump = page.getByRole('textbox', { name: 'Largest change without approval' });
    const save = page.getByRole('button', { name: 'Save' });
    await jump.fill('much');
    await save.click();
    const wrong = page.locator('.mantine-InputWrapper-error');
    await wrong.waitFor();
    await page.getByRole('switch', { name: 'Prices' }).click({ force: true });
    await wrong.waitFor({ state: 'detached' });
    assert(await jump.isDisabled());
    await save.click();
    await page.getByText('Saved').waitFor();
  });
  const after = await stored('Northgate');
  const jumps = [before, after].map((provider) => provider?.priceJumpPercentMax);
  assert.deepEqual([before?.syncPrices, after?.syncPrices], [true, false]);
  assert.equal(jumps[1], jumps[0]);
});

test('who lacks the permission for a page is told which one', { skip }, async () => {
  const { visitor } = await openMember(stage.panel, ['orders']);
  for (const [page, area] of [
    ['/admin/providers', 'Providers'],
    [`/admin/providers/${upstream.providerId}`, 'Providers'],
    ['/admin/payments', 'Payments'],
  ] as const) {
    await stage.visit({ as: visitor, path: page }, async (shown) => {
      await shown.getByText('You lack the permission for this page').waitFor();
      await shown.getByText(`It takes the permission “${area}”.`).waitFor();
      assert.equal(await shown.getByRole('link', { name: area, exact: true }).count(), 0);
    });
  }
});

test('what came of little orders is shown to the cent, and never as nothing', {
  skip,
}, async () => {
  const { panel } = stage;
  const southgate = stage.keep(await openUpstream(panel, { name: 'Southgate' }));
  const service = await southgate.sell({ rate: '1.23456', min: 10, external: '3' });
  await syncProvider(panel.app, staff, southgate.providerId);
  const { key } = await makeCustomer(panel, { funds: '1' });
  await place(panel, { key, service, link: 'https://example.com/little', quantity: 10 });
  await southgate.forward();
  panel.clock.advance(hourMs);
  await southgate.poll();
  panel.clock.advance(2 * dayMs);
  while ((await rollUpDue(panel.app)) > 0);
  const { visitor } = await openMember(panel);
  await stage.visit({ as: visitor, path: '/admin' }, async (page) => {
    const row = page.getByRole('row').filter({ hasText: 'Southgate' });
    const cells = row.getByRole('cell').filter({ hasText: 'USD' });
    await cells.nth(2).waitFor();
    // The order came to 0.0123456 and cost 0.00012.
    assert.deepEqual(await cells.allInnerTexts(), ['0.01 USD', '0.0001 USD', '0.01 USD']);
    await page.getByText(/^Half of the orders .* within [\d.]+ \S+\.$/).waitFor();
  });
  await stage.visit({ as: visitor, path: '/admin/providers' }, async (page) => {
    const row = page.getByRole('row').filter({ hasText: 'Southgate' });
    await row.getByText('0.0001 USD').waitFor();
  });
});
