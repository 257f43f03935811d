import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { hourMs, minuteMs, type OrderId, parseAmount } from '../../src/base/index.ts';
import { closeCancels, forwardCancels } from '../../src/cancels/index.ts';
import { searchCustomers } from '../../src/customers/index.ts';
import { createDueRuns } from '../../src/orders/index.ts';
import { addFunds } from '../../src/payments/index.ts';
import { followRefills, forwardRefills } from '../../src/refills/index.ts';
import { openUpstream, type Upstream } from '../delivery/upstream.ts';
import { staff } from '../factories.ts';
import { linkOf, password } from '../sign-in/visitor.ts';
import { makeWebCustomer } from '../web/customers.ts';
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
  await stage.panel.verify();
  await stage.close();
});

type Fields = {
  /** As it is called in the list. */
  service: string;
  link: string;
  quantity: number;
  dripFeed?: { runs: number; interval: number };
};

/** Places an order as a customer does on the first page, and answers its number. */
async function order(page: Page, { service, link, quantity, dripFeed }: Fields): Promise<OrderId> {
  await page.getByRole('combobox', { name: 'Service' }).fill(service);
  await page.getByRole('option', { name: service }).click();
  await page.getByRole('textbox', { name: 'Link' }).fill(link);
  await page.getByRole('textbox', { name: 'Quantity' }).fill(String(quantity));
  if (dripFeed !== undefined) {
    await page.getByRole('checkbox', { name: 'Drip-feed' }).check();
    await page.getByRole('textbox', { name: 'Runs' }).fill(String(dripFeed.runs));
    await page.getByRole('textbox', { name: 'Interval in minutes' }).fill(`${dripFeed.interval}`);
  }
  await page.getByRole('button', { name: 'Place order' }).click();
  const said = (await page.getByText(/^Order \d+ is placed$/).textContent()) ?? '';
  return BigInt(said.replace(/\D/g, '')) as OrderId;
}

/** The provider takes what is due, and has delivered it an hour later. */
async function deliver(): Promise<void> {
  while ((await upstream.forward()) > 0);
  stage.panel.clock.advance(hourMs);
  while ((await upstream.poll()) > 0);
}

test('somebody signs up, confirms the address, has funds and gets the first order, live', {
  skip,
}, async () => {
  const email = 'ada@example.com';
  await upstream.sell({ name: 'First followers', rate: '2' });
  await stage.visit({ path: '/' }, async (page) => {
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Ada');
    await page.getByRole('textbox', { name: 'E-mail' }).fill(email);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Create an account' }).click();
    await page.getByText('Look into your mail').waitFor();
    await page.goto(linkOf(await stage.panel.lastMail(email)).href);
    await page.getByRole('link', { name: 'Balance: 0.00 USD' }).waitFor();
    await fund(email, '10');
    await page.getByRole('link', { name: 'Balance: 10.00 USD' }).waitFor();

    const link = 'https://example.com/ada';
    const id = await order(page, { service: 'First followers', link, quantity: 500 });
    await page.getByRole('link', { name: 'Balance: 9.00 USD' }).waitFor();
    await page.getByRole('link', { name: 'See the order' }).click();
    await page.getByRole('heading', { name: `Order ${id}` }).waitFor();
    await page.getByText('Pending').first().waitFor();
    await deliver();
    // Nobody reloads: the panel says that it changed.
    await page.getByText('Completed').first().waitFor();
    await page.getByText('500 / 500').waitFor();
  });
});

test('a drip-feed shows its plan, is paid whole and ordered run by run', { skip }, async () => {
  const { visitor } = await makeWebCustomer(stage.panel, '10');
  await upstream.sell({ name: 'Slow followers', rate: '2', dripfeed: true });
  await stage.visit({ as: visitor, path: '/' }, async (page) => {
    const link = 'https://example.com/slow';
    const dripFeed = { runs: 3, interval: 30 };
    const id = await order(page, { service: 'Slow followers', link, quantity: 100, dripFeed });
    await page.getByRole('link', { name: 'Balance: 9.40 USD' }).waitFor();
    await page.getByRole('link', { name: 'See the order' }).click();
    await page.getByRole('heading', { name: `Order ${id}` }).waitFor();
    for (let run = 1; run <= dripFeed.runs; run += 1) {
      await createDueRuns(stage.panel.app);
      await deliver();
      await page
        .getByText(`${run * 100} / 300`)
        .first()
        .waitFor();
    }
    await page.getByText('Completed').first().waitFor();
  });
});

test('a refill is asked for with one button, and its result is listed', { skip }, async () => {
  const { visitor } = await makeWebCustomer(stage.panel, '10');
  await upstream.sell({ name: 'Lasting followers', refill: true, refillDays: 30 });
  await stage.visit({ as: visitor, path: '/' }, async (page) => {
    const link = 'https://example.com/lasting';
    const id = await order(page, { service: 'Lasting followers', link, quantity: 100 });
    await page.goto(`/orders/${id}`);
    const refill = page.getByRole('button', { name: 'Refill', exact: true });
    await refill.waitFor();
    assert(await refill.isDisabled(), 'what is not delivered is not refilled');
    await deliver();
    stage.panel.clock.advance(25 * hourMs);
    await page.reload();
    await refill.click();
    await page.getByText('The refill was asked for').waitFor();
    await forwardRefills(upstream.ctx, await upstream.provider(), 100);
    stage.panel.clock.advance(3 * hourMs);
    await followRefills(upstream.ctx, await upstream.provider(), 100);
    await page.getByRole('link', { name: 'Refills' }).click();
    await page.getByText('Completed').first().waitFor();
    await page
      .getByRole('link', { name: String(id) })
      .first()
      .waitFor();
  });
});

test('a cancelled order gives back what was not delivered, and says so', { skip }, async () => {
  const { visitor } = await makeWebCustomer(stage.panel, '10');
  await upstream.sell({ name: 'Stoppable followers', rate: '10', cancel: true });
  await stage.visit({ as: visitor, path: '/' }, async (page) => {
    const link = 'https://example.com/stop';
    upstream.sandbox.plan({ link }, { end: 'In progress', remains: 750 });
    const id = await order(page, { service: 'Stoppable followers', link, quantity: 1_000 });
    await page.getByRole('link', { name: 'Balance: 0.00 USD' }).waitFor();
    await deliver();
    await page.goto(`/orders/${id}`);
    await page.getByRole('button', { name: 'Cancel order' }).click();
    const asked = page.getByRole('dialog', { name: `Cancel order ${id}?` });
    await asked.getByRole('button', { name: 'Cancel order' }).click();
    await page.getByText('The cancellation was asked for').waitFor();
    await forwardCancels(upstream.ctx, await upstream.provider(), 100);
    stage.panel.clock.advance(30 * minuteMs);
    while ((await upstream.poll()) > 0);
    await closeCancels(stage.panel.app);
    await page.getByRole('link', { name: 'Balance: 7.50 USD' }).waitFor();
    await page.getByText('Refund of 7.50 USD').waitFor();
  });
});

/** Adds funds as the command line does. */
async function fund(email: string, funds: string): Promise<void> {
  const { app } = stage.panel;
  const { customers } = await searchCustomers(app.db, { text: email }, { limit: 1 });
  const customerId = customers[0]?.id;
  assert(customerId !== undefined);
  const amount = parseAmount(funds, 'funds');
  await addFunds(app, staff, { customerId, amount, reference: `start-${customerId}` });
}
