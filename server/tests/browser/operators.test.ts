import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { hourMs, type OrderId, parseAmount } from '../../src/base/index.ts';
import { listServices, syncProvider } from '../../src/catalog/index.ts';
import { listWaiting } from '../../src/fulfilment/index.ts';
import { settleOrder } from '../../src/orders/index.ts';
import { addMethod } from '../../src/payments/index.ts';
import { requestRefillFor } from '../../src/refills/index.ts';
import { addsIn, openUpstream, place, type Upstream } from '../delivery/upstream.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { importRows, list, listedRow } from '../listings.ts';
import { password } from '../sign-in/visitor.ts';
import { makeWebCustomer } from '../web/customers.ts';
import { openMember } from '../web/members.ts';
import { skip } from './chromium.ts';
import { openStage, type Stage, settle, type VisitOptions } from './stage.ts';

let stage: Stage;
let upstream: Upstream;
before(async () => {
  if (skip) return;
  stage = await openStage();
  upstream = stage.keep(await openUpstream(stage.panel, { name: 'Northgate' }));
});
after(async () => {
  if (skip) return;
  await stage.panel.verify();
  await stage.close();
});

test('a deposit is begun, said to be paid, confirmed by staff, and there at once', {
  skip,
}, async () => {
  await addMethod(stage.panel.app, staff, {
    kind: 'manual',
    name: 'Bank transfer',
    instructions: 'Send {amount} with the number {payment} to DE00 1234.',
    enabled: true,
    min: parseAmount('10', 'min'),
    max: parseAmount('500', 'max'),
    bonusTiers: [{ from: parseAmount('50', 'from'), basisPoints: 1_000 }],
  });
  const { visitor } = await makeWebCustomer(stage.panel, '0');
  const member = await openMember(stage.panel);
  await stage.visit({ as: visitor, path: '/funds' }, async (page) => {
    await page.getByText('10.00 USD to 500.00 USD').waitFor();
    await page.getByRole('textbox', { name: /^Amount to pay/ }).fill('60');
    await page.getByText('66.00 USD').first().waitFor();
    await page.getByRole('button', { name: 'Show how to pay' }).click();
    await page.getByText(/Send 60.00 with the number \d+ to DE00 1234/).waitFor();
    await page.getByRole('textbox', { name: 'Reference of your payment' }).fill('Ada, today');
    await page.getByRole('button', { name: 'I have paid' }).click();
    await page.getByText('We are looking for your payment').first().waitFor();

    await stage.visit({ as: member.visitor, path: '/admin/payments' }, async (desk) => {
      // Its name is in the filter's list, too, where nobody sees it yet.
      await desk.getByRole('table').getByText('Bank transfer').click();
      await desk.getByText('Ada, today').first().waitFor();
      // It is told what would come of it, and not that it has come.
      await desk.getByText('For the balance').last().waitFor();
      assert.equal(await desk.getByRole('dialog').getByText('Credited').count(), 0);
      await desk.getByRole('button', { name: 'Confirm', exact: true }).first().click();
      const asked = desk.getByRole('dialog').last();
      await asked.getByText('gets 66.00 USD at once').waitFor();
      await asked.getByRole('button', { name: 'Confirm', exact: true }).click();
      await desk.getByText('Credited').first().waitFor();
    });
    // Nobody reloads: the panel says that it came.
    await page.getByRole('link', { name: 'Balance: 66.00 USD' }).waitFor();
  });
});

test('an unknown order is decided in each of the four ways', { skip }, async () => {
  const service = await upstream.sell({ rate: '9' });
  const { key } = await makeCustomer(stage.panel, { funds: '100' });
  const lose = async (name: string) => {
    const link = `https://example.com/lost/${name}`;
    upstream.sandbox.script({ kind: 'accept_then_500', on: { action: 'add', link } });
    const orderId = await place(stage.panel, { key, service, link, quantity: 100 });
    await upstream.forward();
    stage.panel.clock.advance(1_000);
    return { link, orderId };
  };
  const there = await lose('there');
  const again = await lose('again');
  const back = await lose('back');
  const later = await lose('later');
  stage.panel.clock.advance(hourMs);
  while ((await upstream.reconcile()) > 0);
  const { visitor } = await openMember(stage.panel);
  await stage.visit({ as: visitor, expects }, async (page) => {
    await decide(page, {
      orderId: there.orderId,
      act: 'It is there',
      answer: async (dialog) => {
        const id = idThere(there.link);
        await dialog.getByRole('textbox', { name: 'Its number there' }).fill(id);
        await dialog.getByRole('button', { name: 'It is there' }).click();
        // An hour after signing in; what is decided within ten minutes from here asks no more.
        await confirmIdentity(page);
      },
    });
    await decide(page, {
      orderId: again.orderId,
      act: 'Send again',
      answer: async (dialog) => {
        await dialog.getByRole('button', { name: 'Send again' }).click();
      },
    });
    await decide(page, {
      orderId: back.orderId,
      act: 'Cancel and refund',
      answer: async (dialog) => {
        await dialog.getByText('Refunds 0.90 USD').waitFor();
        await dialog.getByRole('button', { name: 'Cancel and refund' }).click();
      },
    });
    await decide(page, {
      orderId: later.orderId,
      act: 'Look again',
      answer: async (dialog) => {
        await dialog.getByRole('button', { name: 'Look again' }).click();
      },
    });
  });
  await upstream.forward();
  await seesNames({ as: visitor, path: `/admin/orders/${there.orderId}` }, 'Found out by: clerk');
  assert.deepEqual([addsIn(upstream, there.link), addsIn(upstream, again.link)], [1, 2]);
  const status = async (order: OrderId) =>
    (await stage.panel.call({ key, action: 'status', order: String(order) })) as {
      status: string;
      charge: string;
    };
  const { status: ended, charge } = await status(back.orderId);
  assert.deepEqual([ended, charge], ['Canceled', '0.00']);
  stage.panel.clock.advance(hourMs);
  while ((await upstream.poll()) > 0);
  assert.equal((await status(there.orderId)).status, 'Completed');
  const waiting = await listWaiting(stage.panel.app.db, 100);
  assert(!waiting.some((row) => row.orderId === back.orderId));
});

/** Looks at who did what on a page: words, of which `some` are there, and no codes. */
async function seesNames(options: VisitOptions, some: string): Promise<void> {
  await stage.visit(options, async (page) => {
    await page.getByText(some).first().waitFor();
    await settle(page);
    const shown = await page.getByRole('main').ariaSnapshot();
    assert.doesNotMatch(shown, /\b(staff|system|customer):\w/);
  });
}

type Dialog = ReturnType<Page['getByRole']>;
type Step = { orderId: OrderId; act: string; answer: (dialog: Dialog) => Promise<void> };

/** Opens an order, begins a decision, and sees it done. */
async function decide(page: Page, { orderId, act, answer }: Step): Promise<void> {
  await page.goto(`/admin/orders/${orderId}`);
  await page.getByRole('button', { name: act, exact: true }).click();
  await answer(page.getByRole('dialog').last());
  await page.getByText(`Order ${orderId}: `).first().waitFor();
}

/** The number by which the upstream has an order, as staff find it there. */
function idThere(link: string): string {
  const found = upstream.sandbox
    .journal()
    .find((entry) => entry.kind === 'add' && entry.params.link === link);
  assert(found?.kind === 'add');
  return String(found.order);
}

test('staff adjust a balance for a reason, and suspend a customer whose keys fail then', {
  skip,
}, async () => {
  const { key, customerId } = await makeCustomer(stage.panel, { funds: '10' });
  const { visitor } = await openMember(stage.panel);
  const balance = () => stage.panel.callText({ key, action: 'balance' });
  const path = `/admin/customers/${customerId}`;
  await stage.visit({ as: visitor, path, expects }, async (page) => {
    await choose(page, 'Adjust balance');
    const adjusting = page.getByRole('dialog', { name: /^Adjust balance/ });
    await adjusting.getByRole('textbox', { name: /^Amount/ }).fill('2.5');
    await adjusting.getByRole('textbox', { name: /^Reason/ }).fill('Late order');
    await adjusting.getByText('12.50 USD').waitFor();
    await adjusting.getByRole('button', { name: 'Give' }).click();
    await confirmIdentity(page);
    await adjusting.waitFor({ state: 'hidden' });
    assert.equal(await balance(), '{"balance":"12.50","currency":"USD"}');

    await choose(page, 'Suspend');
    const suspending = page.getByRole('dialog', { name: /^Suspend/ });
    await suspending.getByRole('textbox', { name: /^Reason/ }).fill('Chargeback');
    await suspending.getByRole('button', { name: 'Suspend' }).click();
    await suspending.waitFor({ state: 'hidden' });
    await page.getByText('Suspended').first().waitFor();
    assert.equal(await balance(), '{"error":"Your account has been suspended."}');

    // The page made a reference up, so that the same is not given twice; it tells nobody anything.
    await page.getByRole('tab', { name: 'Statement' }).click();
    const given = page.getByRole('row').filter({ hasText: '+2.50 USD' });
    await given.waitFor();
    assert.doesNotMatch((await given.textContent()) ?? '', /staff-/);
  });
  const log = `/admin/audit?subject=customer:${customerId}`;
  await stage.visit({ as: visitor, path: log }, async (page) => {
    await page.getByText('Status: Active → Suspended').waitFor();
    await page.getByRole('combobox', { name: 'What' }).click();
    await page.getByRole('option', { name: 'Balance adjusted' }).click();
    await page.getByText('Status: Active → Suspended').waitFor({ state: 'hidden' });
    await page.getByText('Balance: 10.00 USD → 12.50 USD').waitFor();
    await page.getByRole('button', { name: /^Show what changed: Balance adjusted/ }).click();
    await page.getByRole('dialog').getByText('Late order').waitFor();
    await page
      .getByRole('dialog')
      .getByRole('link', { name: /^Customer \d+ ·/ })
      .click();
    await page.waitForURL((url) => url.pathname === path);
  });
});

/** Money moves only for who has just shown who they are; the panel's clock has long gone on. */
const expects = [/status of 403/];

async function confirmIdentity(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Is it you?' });
  await dialog.getByLabel(/^Password/).fill(password);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'hidden' });
}

async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name }).click();
}

test('an operator imports a catalog and changes its prices, which customers see', {
  skip,
}, async () => {
  const { providerId } = upstream;
  await syncProvider(stage.panel.app, staff, providerId);
  const { visitor } = await openMember(stage.panel);
  const before = new Set((await listServices(stage.panel.app.db)).map(({ id }) => id));
  await stage.visit({ as: visitor, path: '/admin/services/import' }, async (page) => {
    await page.getByText('Northgate').first().click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Everything').click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: /^Import \d+ services?$/ }).click();
    await page.getByText(/^\d+ services? imported$/).waitFor();
  });
  const added = (await listServices(stage.panel.app.db)).filter(({ id }) => !before.has(id));
  assert(added.length > 5);
  const first = added[0];
  assert(first !== undefined);
  await stage.visit({ as: visitor, path: `/admin/services/${first.id}` }, async (page) => {
    await page.getByRole('textbox', { name: /^Price/ }).fill('77.5');
    await page.getByRole('button', { name: 'Save' }).first().click();
    await page.getByText('Saved').first().waitFor();
  });
  await seesNames({ as: visitor, path: '/admin/services?view=history' }, 'clerk');
  await stage.panel.app.catalog.refresh();
  const { key } = await makeCustomer(stage.panel, { funds: '1' });
  const listed = (await stage.panel.call({ key, action: 'services' })) as Record<string, unknown>[];
  assert.equal(listed.find(({ service }) => service === first.id)?.rate, '77.50');
});

test('prices of chosen services change by what they cost, as the preview says', {
  skip,
}, async () => {
  const rows = [1, 2].map((id) => listedRow(id, { category: 'Marked up' }));
  const { serviceIds } = await importRows(stage.panel, rows);
  const { visitor } = await openMember(stage.panel);
  await stage.visit({ as: visitor, path: '/admin/services' }, async (page) => {
    await page.getByRole('checkbox', { name: 'Choose all of Marked up' }).check();
    await page.getByRole('button', { name: 'Change prices' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change prices' });
    await dialog.getByRole('button', { name: 'No price changes.' }).waitFor();
    await dialog.getByText("Provider's cost").click();
    await dialog.getByRole('textbox', { name: 'Percent' }).fill('62.5');
    await dialog.getByRole('row').filter({ hasText: '1.625' }).first().waitFor();
    await dialog.getByRole('button', { name: 'Change 2 prices' }).click();
    await page.getByText('2 services changed').waitFor();
    await dialog.waitFor({ state: 'hidden' });
  });
  const sold = await listServices(stage.panel.app.db);
  const rates = sold.filter(({ id }) => serviceIds.includes(id)).map(({ rate }) => rate);
  assert.deepEqual(rates, [162_500n, 162_500n]);
});

test('a price that jumped stands in the queue with what it costs now, and is approved there', {
  skip,
}, async () => {
  const { providerId, serviceIds } = await importRows(stage.panel, [listedRow(1)]);
  await list(stage.panel, providerId, listedRow(1, { rate: '9' }));
  const { visitor } = await openMember(stage.panel);
  await stage.visit({ as: visitor, path: '/admin/queues?queue=prices' }, async (page) => {
    const row = page.getByRole('row').filter({ hasText: 'Upstream service 1' });
    for (const text of ['1.00 → 9.00', '1.20 → 10.80', '-650% → 16.7%']) {
      await row.filter({ hasText: text }).waitFor();
    }
    await row.getByRole('button', { name: /^Approve/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByText('1 price approved').waitFor();
    await page.getByText('No price waits').waitFor();
  });
  const sold = await listServices(stage.panel.app.db);
  assert.equal(sold.find(({ id }) => id === serviceIds[0])?.rate, 1_080_000n);
  const other = await openMember(stage.panel, ['orders']);
  await list(stage.panel, providerId, listedRow(1, { rate: '1' }));
  await stage.visit({ as: other.visitor, path: '/admin/queues?queue=prices' }, async (page) => {
    await page.getByText('You need the permission for services').waitFor();
  });
});

test('where a button is off a phone shows why', { skip }, async () => {
  const { panel } = stage;
  const { key } = await makeCustomer(panel, { funds: '100' });
  const byHand = await makeService(panel, { rate: '1', refill: true, refillDays: 30 });
  const link = 'https://example.com/by-hand';
  const delivered = await place(panel, { key, service: byHand, link, quantity: 100 });
  await settleOrder(panel.app, staff, { orderId: delivered, status: 'Completed' });
  panel.clock.advance(25 * hourMs);
  await requestRefillFor(panel.app, staff, delivered);
  const refused = 'https://example.com/refused';
  upstream.sandbox.script({ kind: 'refuse', error: 'no', on: { action: 'add', link: refused } });
  const service = await upstream.sell();
  const held = await place(panel, { key, service, link: refused, quantity: 100 });
  while ((await upstream.forward()) > 0);
  const { visitor } = await openMember(panel);
  const viewport = { width: 390, height: 844 };
  await stage.visit({ as: visitor, viewport }, async (page) => {
    for (const [queue, orderId, why] of [
      ['refills', delivered, 'Ask the provider: No provider has the order.'],
      ['held', held, 'Look again: There is nothing to find out'],
    ] as const) {
      await page.goto(`/admin/queues?queue=${queue}`);
      const card = page.getByRole('listitem').filter({ hasText: String(orderId) });
      await card.getByText(why).waitFor();
      assert(await card.getByRole('button', { name: why.split(':')[0], exact: true }).isDisabled());
    }
  });
});

test('how far a verification is stands on the page of the system, in either language', {
  skip,
}, async () => {
  const { panel } = stage;
  const { visitor } = await openMember(panel);
  const at = panel.clock.now();
  const { id } = await panel.owner.db
    .insertInto('verifications')
    .values({ started_by: 'staff:ann', started_at: at, seen_at: at })
    .returning('id')
    .executeTakeFirstOrThrow();
  const path = '/admin/system';
  const sees = async (language: string, text: string | RegExp) =>
    stage.visit({ as: visitor, path, language }, async (page) => {
      await page.getByRole('status').getByText(text, { exact: true }).waitFor();
    });
  const isAt = (done: number, check: string) =>
    panel.owner.db
      .updateTable('verifications')
      .set({ done, total: 40, current_check: check })
      .where('id', '=', id)
      .execute();
  await sees('en', 'About to begin');
  await sees('zh-CN', /^由 ann 于/);
  await isAt(0, 'postings');
  await sees('en', 'Step 1 of 40 · postings');
  await isAt(39, 'figures');
  await sees('en', 'Step 40 of 40 · figures');
  await sees('zh-CN', '第 40 步，共 40 步 · figures');
  await isAt(40, '');
  await sees('en', 'Step 40 of 40');
  await panel.owner.db.deleteFrom('verifications').where('id', '=', id).execute();
});

test('a member of staff without a permission is refused by page and by API', { skip }, async () => {
  const { customerId } = await makeCustomer(stage.panel, { funds: '10' });
  const { visitor, ask } = await openMember(stage.panel, ['orders']);
  const path = `/admin/customers/${customerId}`;
  await stage.visit({ as: visitor, path }, async (page) => {
    await page.getByText('You lack the permission for this page').waitFor();
  });
  const adjustment = { amount: '5', reason: 'gift', reference: 'a1' };
  const answer = await ask('POST', `/customers/${customerId}/adjustments`, adjustment);
  assert.equal(answer.status, 403, JSON.stringify(answer.body));
});
