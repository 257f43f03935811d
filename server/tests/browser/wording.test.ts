import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Locator } from 'playwright-core';
import {
  minuteMs,
  type OrderId,
  parseAmount,
  parseRate,
  staffAreas,
} from '../../src/base/index.ts';
import { updateSettings } from '../../src/catalog/index.ts';
import { setCustomerPrice } from '../../src/customers/index.ts';
import { rollUpDue } from '../../src/figures/index.ts';
import { english } from '../../src/mail/text-en.ts';
import { createDueRuns, listOrders, settleOrder } from '../../src/orders/index.ts';
import { dismissPayment } from '../../src/payments/index.ts';
import { makeCustomer, makeService, staff } from '../factories.ts';
import { importRows, list, listedRow } from '../listings.ts';
import { customerActor, makeMethod, start } from '../payments/steps.ts';
import { makeWebCustomer } from '../web/customers.ts';
import { openMember } from '../web/members.ts';
import { skip } from './chromium.ts';
import { openStage, type Stage, settle } from './stage.ts';
import { readWords } from './words.ts';

// What pages say where other words would mislead. The panel's currency has no smaller coin.

let stage: Stage;
before(async () => {
  if (skip) return;
  stage = await openStage();
  await updateSettings(stage.panel.app, staff, { currency: 'JPY' });
});
after(async () => {
  if (!skip) await stage.close();
});

const languages = ['en', 'zh-CN'] as const;
const jpy = { currency: 'JPY' };

test('only staff who have a daily limit read that what they give counts to it', {
  skip,
}, async () => {
  const { customerId } = await makeWebCustomer(stage.panel);
  const free = await openMember(stage.panel);
  const bound = await openMember(stage.panel, staffAreas, parseAmount('50', 'limit'));
  for (const language of languages) {
    const words = await readWords(language, ['admin/customers', 'admin/money']);
    const note = words('admin/money:countsToLimit').replace('{{limit}}', '50 JPY');
    const [until = ''] = words('admin/money:countsToLimit').split('{{limit}}');
    for (const [member, notes] of [
      [free, 0],
      [bound, 1],
    ] as const) {
      const visit = { as: member.visitor, path: `/admin/customers/${customerId}`, language };
      await stage.visit(visit, async (page) => {
        const dialog = page.getByRole('dialog');
        const counted = async () => {
          assert.equal(await dialog.getByText(until).count(), notes);
          assert.equal(await dialog.getByText(note).count(), notes);
        };
        await page.getByRole('button', { name: words('admin/customers:addFunds') }).click();
        await dialog.getByRole('button', { name: words('admin/customers:addFunds') }).waitFor();
        await counted();
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
        await page.getByRole('button', { name: words('admin/customers:more') }).click();
        await page.getByRole('menuitem', { name: words('admin/customers:adjust') }).click();
        await dialog.getByText(words('admin/customers:adjustHint')).waitFor();
        await counted();
        // What is taken from a customer counts to nothing.
        await dialog.getByText(words('admin/customers:ways.take'), { exact: true }).click();
        await dialog.getByRole('button', { name: words('admin/customers:ways.take') }).waitFor();
        assert.equal(await dialog.getByText(until).count(), 0);
      });
    }
  }
});

test('nothing is shown with decimals that its currency lacks, nor without those that are there', {
  skip,
}, async () => {
  const { app } = stage.panel;
  const { visitor, customerId } = await makeWebCustomer(stage.panel, '1500');
  const dear = await makeService(stage.panel, { name: 'Dear', rate: '1200' });
  await makeService(stage.panel, { name: 'Cheap', rate: '0.265' });
  const methodId = await makeMethod(stage.panel, { kind: 'manual', name: 'By post' });
  const paymentId = await start(app, { customerId, methodId });
  const member = await openMember(stage.panel, staffAreas);
  const { key } = await makeCustomer(stage.panel, { funds: '500' });
  const balance = { balance: '500.00', currency: 'JPY' };
  assert.deepEqual(await stage.panel.call({ key, action: 'balance' }), balance);
  const { serviceIds } = await importRows(stage.panel, [listedRow(1, { rate: '1000' })], jpy);
  const link = 'https://example.com/whole';
  await stage.panel.call({ key, action: 'add', service: dear, link, quantity: 100 });
  for (const [as, paths] of [
    [visitor, ['/', '/services', '/funds', `/funds?payment=${paymentId}`]],
    [
      member.visitor,
      [
        ...['/admin', '/admin/orders', '/admin/customers', `/admin/customers/${customerId}`],
        ...['/admin/services', `/admin/services/${dear}`, `/admin/services/${serviceIds[0]}`],
        ...[
          '/admin/payments',
          `/admin/payments?payment=${paymentId}`,
          '/admin/payments?tab=methods',
        ],
      ],
    ],
  ] as const) {
    await stage.visit({ as }, async (page) => {
      for (const path of paths) {
        await page.goto(path);
        await settle(page);
        await hasNoCents(page.locator('body'), path);
      }
    });
  }
  await stage.visit({ as: visitor, path: '/services' }, async (page) => {
    await page.getByRole('link', { name: 'Balance: 1,500 JPY' }).waitFor();
    await page.getByText('1,200 JPY').first().waitFor();
    await page.getByText('0.265 JPY').first().waitFor();
  });
  await stage.visit({ as: visitor, path: `/funds?payment=${paymentId}` }, async (page) => {
    await page.getByText(/^Send \d+ with the number/).waitFor();
  });
});

/** Neither texts nor fields have decimals that are nothing but zeros. */
async function hasNoCents(place: Locator, name: string): Promise<void> {
  // An address of the net is no amount.
  assert.doesNotMatch(await place.ariaSnapshot(), /(?<![\d.])\d[\d,]*\.0+(?![\d.])/, name);
}

test('dialogs and forms begin with amounts as the currency has them, too', { skip }, async () => {
  const { app } = stage.panel;
  const { visitor, customerId } = await makeWebCustomer(stage.panel, '0');
  const row = listedRow(2, { rate: '1000', category: 'Dialogs' });
  const { providerId, serviceIds } = await importRows(stage.panel, [row], {
    ...jpy,
    balanceLowMark: parseAmount('5000', 'mark'),
  });
  const [serviceId] = serviceIds;
  assert(serviceId !== undefined);
  // It waits for staff, who see it where the price stands.
  await list(stage.panel, providerId, { ...row, rate: '9000' });
  const rate = parseRate('1100', 'rate');
  await setCustomerPrice(app, staff, { customerId, serviceId, rate });
  const methodId = await makeMethod(stage.panel, { kind: 'manual', name: 'By hand' });
  const paymentId = await start(app, { customerId, methodId, amount: '700' });
  await openMember(stage.panel, ['orders'], parseAmount('3000', 'limit'));
  const { visitor: clerk } = await openMember(stage.panel, staffAreas);
  await stage.visit({ as: clerk }, async (page) => {
    const button = (name: string | RegExp) => page.getByRole('button', { name });
    const field = (value: string) => page.locator(`input[value="${value}"]`);
    const sees = async (path: string, shown: Locator, open = async () => {}) => {
      await page.goto(path);
      await open();
      await shown.last().waitFor();
      await hasNoCents(page.getByRole('dialog').or(page.getByRole('main')).last(), path);
    };
    await sees(`/admin/payments?payment=${paymentId}`, field('700'), () =>
      button('Confirm').click(),
    );
    await sees(`/admin/customers/${customerId}?tab=prices`, field('1100'), () =>
      button(/Upstream service 2/)
        .first()
        .click(),
    );
    await sees('/admin/services', page.getByRole('cell', { name: '1,200' }), async () => {
      await page
        .getByText(/9,?000|10,800/)
        .first()
        .waitFor();
      await page.getByRole('checkbox', { name: 'Choose all of Dialogs' }).check();
      await button('Change prices').click();
    });
    await sees(`/admin/services/${serviceId}`, page.getByText('9,000 JPY'), () =>
      button('Add route').click(),
    );
    await sees(`/admin/providers/${providerId}?tab=settings`, field('5000'));
    await sees('/admin/staff', field('3000'), async () => {
      await page.getByRole('row').filter({ hasText: '3,000' }).getByRole('button').click();
      await page.getByRole('menuitem', { name: 'Change permissions' }).click();
    });
  });
  await dismissPayment(app, customerActor(customerId), { paymentId });
  await stage.visit({ as: visitor, path: `/funds?payment=${paymentId}` }, async (page) => {
    await page.getByRole('button', { name: 'Pay again' }).click();
    const amount = page.getByRole('textbox', { name: /^Amount to pay/ });
    await amount.and(page.locator('[value="700"]')).waitFor();
  });
});

test('every kind of mail that waits has its words in either language', async () => {
  for (const language of languages) {
    const words = await readWords(language, ['admin/system']);
    for (const kind of Object.keys(english)) words(`admin/system:mails.kinds.${kind}`);
  }
});

test('an empty queue says what it is empty of, in either language', { skip }, async () => {
  const { visitor } = await openMember(stage.panel);
  for (const language of languages) {
    const words = await readWords(language, ['admin/queues']);
    await stage.visit({ as: visitor, language }, async (page) => {
      await page.goto('/admin/queues');
      for (const queue of ['unknown', 'held', 'refills', 'cancels', 'stuck']) {
        await page.getByRole('tab', { name: words(`admin/queues:tabs.${queue}`) }).click();
        await page.getByText(words(`admin/queues:empty.${queue}`), { exact: true }).waitFor();
      }
    });
  }
});

test('the dashboard says that orders count as placed, and endings run by run', {
  skip,
}, async () => {
  const { visitor } = await openMember(stage.panel);
  const { key } = await makeCustomer(stage.panel, { funds: '1000' });
  const service = await makeService(stage.panel, { rate: '1', dripfeed: true });
  const fields = { service, link: 'https://example.com/drip', quantity: 100 };
  const added = await stage.panel.call({ key, action: 'add', ...fields, runs: 2, interval: 5 });
  const parentId = BigInt(String(Reflect.get(Object(added), 'order'))) as OrderId;
  for (let run = 0; run < 2; run += 1) {
    await createDueRuns(stage.panel.app);
    stage.panel.clock.advance(5 * minuteMs);
  }
  for (const { id } of await listOrders(stage.panel.app.db, { parentId, limit: 10 })) {
    await settleOrder(stage.panel.app, staff, { orderId: id, status: 'Completed' });
  }
  while ((await rollUpDue(stage.panel.app)) > 0);
  for (const language of languages) {
    const words = await readWords(language, ['admin/dashboard']);
    const word = (key: string) => words(`admin/dashboard:${key}`);
    // Of one drip-feed both runs ended.
    const numbers = { ended: '2', partial: '0', canceled: '0' };
    const ended = Object.entries(numbers).reduce(
      (text, [name, number]) => text.replace(`{{${name}}}`, number),
      word('ended'),
    );
    await stage.visit({ as: visitor, path: '/admin', language }, async (page) => {
      const placed = page.locator('.surface', { hasText: word('placed') }).first();
      await placed.getByText(word('placedHint')).waitFor();
      await page.getByText(ended).waitFor();
      await page.getByText(word('endingsHint')).waitFor();
    });
  }
});
