import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseAmount, staffAreas } from '../../src/base/index.ts';
import { makeWebCustomer } from '../web/customers.ts';
import { openMember } from '../web/members.ts';
import { skip } from './chromium.ts';
import { openStage, type Stage } from './stage.ts';
import { readWords } from './words.ts';

// What pages say where other words would mislead.

let stage: Stage;
before(async () => {
  if (!skip) stage = await openStage();
});
after(async () => {
  if (!skip) await stage.close();
});

const languages = ['en', 'zh-CN'] as const;

test('only staff who have a daily limit read that what they give counts to it', {
  skip,
}, async () => {
  const { customerId } = await makeWebCustomer(stage.panel);
  const free = await openMember(stage.panel);
  const bound = await openMember(stage.panel, staffAreas, parseAmount('50', 'limit'));
  for (const language of languages) {
    const words = await readWords(language, ['admin/customers', 'admin/money']);
    const note = words('admin/money:countsToLimit').replace('{{limit}}', '50.00 USD');
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
