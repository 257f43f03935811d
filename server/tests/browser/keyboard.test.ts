import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { parseRate } from '../../src/base/index.ts';
import { setCustomerPrice } from '../../src/customers/index.ts';
import { openUpstream, type Upstream } from '../delivery/upstream.ts';
import { makeService, staff } from '../factories.ts';
import { makeMethod, start } from '../payments/steps.ts';
import { password } from '../sign-in/visitor.ts';
import { makeWebCustomer } from '../web/customers.ts';
import { openMember } from '../web/members.ts';
import { skip } from './chromium.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
let upstream: Upstream;
before(async () => {
  if (skip) return;
  stage = await openStage();
  upstream = stage.keep(await openUpstream(stage.panel));
});
after(async () => {
  if (skip) return;
  await stage.close();
});

/** Through all of a page, from its end on to its beginning. */
const tabsMax = 60;

/** Goes on by the tabulator until something has the focus; on the way everything shows it. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let tabs = 0; tabs < tabsMax; tabs += 1) {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(unseenFocus), '', 'the focus can be seen');
    if (await hasFocus(target)) return;
  }
  assert.fail(`${tabsMax} tabs do not lead to ${target}`);
}

const hasFocus = async (target: Locator) =>
  (await target.and(target.page().locator(':focus')).count()) === 1;

/** The element that has the focus, and no ring around it or what is drawn for it. */
const unseenFocus = `(() => {
  const one = document.activeElement;
  const isRinged = (drawn) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(drawn);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  };
  const drawn = [one, one.nextElementSibling, one.parentElement];
  const isSeen = one === document.body || drawn.some((each) => each && isRinged(each));
  return isSeen ? '' : one.outerHTML.slice(0, 300);
})()`;

async function typeInto(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.type(text);
}

test('without a mouse a customer signs in, orders, and asks for a cancellation', {
  skip,
}, async () => {
  const { visitor } = await makeWebCustomer(stage.panel, '10');
  const signedIn = await visitor.signedIn();
  await upstream.sell({ name: 'Plain followers', rate: '2' });
  await upstream.sell({ name: 'Stoppable likes', rate: '10', cancel: true });
  const expects = [/status of 401/];
  await stage.visit({ path: '/', expects }, async (page) => {
    await typeInto(page, page.getByRole('textbox', { name: 'E-mail' }), signedIn?.user.email ?? '');
    await typeInto(page, page.getByRole('textbox', { name: 'Password' }), password);
    await page.keyboard.press('Enter');

    await typeInto(page, page.getByRole('combobox', { name: 'Service' }), 'stoppable');
    await page.getByRole('option', { name: 'Stoppable likes' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('listbox').waitFor({ state: 'hidden' });
    await typeInto(page, page.getByRole('textbox', { name: 'Link' }), 'https://example.com/keys');
    await typeInto(page, page.getByRole('textbox', { name: 'Quantity' }), '100');
    await tabTo(page, page.getByRole('button', { name: 'Place order' }));
    await page.keyboard.press('Enter');
    await page.getByText(/^Order \d+ is placed$/).waitFor();
    while ((await upstream.forward()) > 0);

    const see = page.getByRole('link', { name: 'See the order' });
    await tabTo(page, see);
    await page.keyboard.press('Enter');
    const cancel = page.getByRole('button', { name: 'Cancel order' });
    await tabTo(page, cancel);
    await page.keyboard.press('Enter');
    const asked = page.getByRole('dialog', { name: /^Cancel order/ });
    await asked.waitFor();
    assert.equal(await asked.locator(':focus').count(), 1, 'the focus is in the dialog');
    await page.keyboard.press('Escape');
    await asked.waitFor({ state: 'hidden' });
    await cancel.and(page.locator(':focus')).waitFor();

    await page.keyboard.press('Enter');
    await asked.waitFor();
    await tabTo(page, asked.getByRole('button', { name: 'Cancel order' }));
    await page.keyboard.press('Enter');
    await page.getByText('The cancellation was asked for').waitFor();

    // Of a dialog that is drawn for itself alone, and begins with its first field.
    await tabTo(page, page.getByRole('link', { name: 'API', exact: true }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'API', exact: true }).waitFor();
    const newKey = page.getByRole('button', { name: 'New key' }).first();
    await tabTo(page, newKey);
    await page.keyboard.press('Enter');
    const name = page.getByRole('dialog', { name: 'New key' }).getByLabel('Name');
    await name.and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Escape');
    await newKey.and(page.locator(':focus')).waitFor();
  });
});

test('without a mouse the menu of a phone opens, leads on, and closes', { skip }, async () => {
  const { visitor } = await makeWebCustomer(stage.panel, '10');
  const viewport = { width: 390, height: 844 };
  await stage.visit({ as: visitor, path: '/', viewport }, async (page) => {
    const burger = page.getByRole('banner').getByRole('button', { name: 'Menu' });
    const menu = page.getByRole('navigation', { name: 'Menu' });
    await tabTo(page, burger);
    assert.equal(await menu.isVisible(), false);
    await page.keyboard.press('Enter');
    await menu.waitFor();
    assert.equal(await burger.getAttribute('aria-expanded'), 'true');
    await tabTo(page, menu.getByRole('link', { name: 'Services' }));
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'hidden' });
    assert(await hasFocus(burger), 'the focus is back at the button');

    await page.keyboard.press('Enter');
    await tabTo(page, menu.getByRole('link', { name: 'Orders' }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Orders' }).waitFor();
    await menu.waitFor({ state: 'hidden' });
  });
});

test('without a mouse staff open customers, their own prices, payments and ways to pay', {
  skip,
}, async () => {
  const { app } = stage.panel;
  const { customerId } = await makeWebCustomer(stage.panel);
  const serviceId = await makeService(stage.panel, { name: 'Own followers' });
  const rate = parseRate('0.5', 'rate');
  await setCustomerPrice(app, staff, { customerId, serviceId, rate });
  const methodId = await makeMethod(stage.panel, { kind: 'manual', name: 'By post' });
  const paymentId = await start(app, { customerId, methodId });
  const { visitor } = await openMember(stage.panel);
  await stage.visit({ as: visitor }, async (page) => {
    const dialog = (name: string | RegExp) => page.getByRole('dialog', { name });
    await page.goto(`/admin/customers?search=${customerId}`);
    await tabTo(page, page.getByRole('table').getByRole('link').first());
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/admin\/customers\/\d+$/);

    await page.goto(`/admin/customers/${customerId}?tab=prices`);
    await tabTo(page, page.getByRole('button', { name: `${serviceId} · Own followers` }));
    await page.keyboard.press('Enter');
    await dialog('Own followers')
      .getByRole('textbox', { name: /^Own price/ })
      .waitFor();

    await page.goto('/admin/payments');
    await tabTo(page, page.getByRole('button', { name: `Payment ${paymentId}` }));
    await page.keyboard.press('Enter');
    await dialog(`Payment ${paymentId}`).waitFor();

    await page.goto('/admin/payments?tab=methods');
    await tabTo(page, page.getByRole('button', { name: 'By post', exact: true }));
    await page.keyboard.press('Enter');
    await dialog(/By post/).waitFor();
  });
});
