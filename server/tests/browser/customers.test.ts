import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeService } from '../factories.ts';
import { codeOf, decodeBase32 } from '../sign-in/totp.ts';
import { password, signUp } from '../sign-in/visitor.ts';
import { makeWebCustomer } from '../web/customers.ts';
import { skip } from './chromium.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
before(async () => {
  if (!skip) stage = await openStage();
});
after(async () => {
  if (!skip) await stage.close();
});

test('a new key is shown once; replaced, the old one fails at once and the new one works', {
  skip,
}, async () => {
  const { visitor } = await makeWebCustomer(stage.panel);
  const balanceBy = (key: string) => stage.panel.call({ key, action: 'balance' });
  const good = { balance: '100.00', currency: 'USD' };
  await stage.visit({ as: visitor, path: '/api-access' }, async (page) => {
    await page.getByRole('button', { name: 'New key' }).first().click();
    const form = page.getByRole('dialog', { name: 'New key' });
    await form.getByLabel('Name').fill('My shop');
    await form.getByRole('button', { name: 'New key' }).click();

    const shown = page.getByRole('dialog', { name: 'Your new key' });
    const field = shown.getByRole('textbox', { name: 'Key' });
    const first = await field.inputValue();
    await shown.getByRole('button', { name: 'I have copied it' }).click();
    assert.deepEqual(await balanceBy(first), good);

    await page.getByRole('button', { name: 'Replace' }).click();
    const asked = page.getByRole('dialog', { name: 'Replace: My shop' });
    await asked.getByRole('button', { name: 'Replace' }).click();
    await shown.waitFor();
    const second = await field.inputValue();
    assert.notEqual(second, first);
    assert.deepEqual(await balanceBy(first), { error: 'Invalid API key' });
    assert.deepEqual(await balanceBy(second), good);

    await shown.getByRole('button', { name: 'I have copied it' }).click();
    await shown.waitFor({ state: 'hidden' });
    assert(!(await page.content()).includes(second), 'a key is shown once');
  });
});

test('what is shown of the API stands in the address, and comes back from there', {
  skip,
}, async () => {
  const { visitor } = await makeWebCustomer(stage.panel);
  await stage.visit({ as: visitor, path: '/api-access' }, async (page) => {
    const tab = (name: string, selected: boolean) => page.getByRole('tab', { name, selected });
    await tab('Keys', true).waitFor();
    await tab('Recent calls', false).click();
    await page.waitForURL(/\/api-access\?tab=calls$/);
    await page.reload();
    await tab('Recent calls', true).waitFor();
    await tab('Keys', false).click();
    await page.waitForURL(/\/api-access$/);
    await tab('Keys', true).waitFor();
  });
});

test('with two-step sign-in on, the password alone lets nobody in', { skip }, async () => {
  const { visitor, email } = await signUp(stage.panel);
  const secret = await stage.visit({ as: visitor, path: '/account' }, async (page) => {
    await page.getByRole('button', { name: 'Turn on' }).click();
    const dialog = page.getByRole('dialog', { name: 'Two-step sign-in' });
    await dialog.getByLabel('Your password').fill(password);
    await dialog.getByRole('button', { name: 'Turn on' }).click();
    const key = decodeBase32(await dialog.getByLabel('Or enter this key by hand').inputValue());
    await dialog.getByLabel('Code').fill(codeOf(key, 0));
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('Two-step sign-in is on').waitFor();
    return key;
  });
  const expects = [/status of 401/];
  await stage.visit({ path: '/account', expects }, async (page) => {
    await page.getByLabel('E-mail').fill(email);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: 'Enter your code' }).waitFor();
    await page.getByRole('textbox').first().focus();
    await page.keyboard.type('000000');
    await page.getByRole('alert').waitFor();
    // The digits are still there; the right ones take their place.
    for (const _ of '000000') await page.keyboard.press('Backspace');
    await page.getByRole('textbox').first().focus();
    await page.keyboard.type(codeOf(secret));
    await page.getByRole('heading', { name: 'Account', exact: true }).waitFor();
  });
});

test('mass order says what is wrong line by line, and charges the good lines alone', {
  skip,
}, async () => {
  const { visitor, ask } = await makeWebCustomer(stage.panel, '10');
  const service = await makeService(stage.panel, { name: 'Plain', rate: '1' });
  const lines = [
    `${service} | 1000 | https://example.com/one`,
    `${service} | 5 | https://example.com/too-few`,
    `999999 | 1000 | https://example.com/no-service`,
    'not an order at all',
    `${service} | 2000 | https://example.com/two`,
  ];
  await stage.visit({ as: visitor, path: '/mass-order' }, async (page) => {
    await page.getByLabel('Orders, one per line').fill(lines.join('\n'));
    await page.getByRole('button', { name: 'Check 5 lines' }).click();
    await page.getByText('2 good; 3 lines need your attention').waitFor();
    await page.getByText('There is no service 999999.').waitFor();
    await page.getByText('A line is: service number | quantity | link').waitFor();
    assert.equal((await ask<{ signedIn: Balance }>('/session')).signedIn.customer.balance, '10.00');
    await page.getByRole('button', { name: 'Place 2 orders' }).click();
    await page.getByText('2 orders placed').first().waitFor();
    const left = await page.getByLabel('Orders, one per line').inputValue();
    assert.deepEqual(left.split('\n').filter(Boolean), lines.slice(1, 4));
    await page.getByRole('link', { name: 'Balance: 7.00 USD' }).waitFor();
  });
  assert.equal((await ask<{ signedIn: Balance }>('/session')).signedIn.customer.balance, '7.00');
});

type Balance = { customer: { balance: string } };

test('signing out leaves nothing of the account in the browser, nor on the way back', {
  skip,
}, async () => {
  const { visitor, email } = await signUp(stage.panel);
  const expects = [/status of 401/];
  await stage.visit({ as: visitor, path: '/account', expects }, async (page) => {
    await page.getByRole('textbox', { name: 'E-mail' }).first().waitFor();
    const scripts = 'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])';
    const before = String(await page.evaluate(scripts));
    await page.getByRole('button', { name: 'Account', exact: true }).click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    const after = String(await page.evaluate(scripts));
    for (const kept of [before, after]) {
      const [local, session, cookie] = JSON.parse(kept) as [object, object, string];
      const names = [...Object.keys(local), ...Object.keys(session)];
      for (const name of names) assert.match(name, /language|color-scheme|announcement/, kept);
      assert.equal(cookie, '');
      assert(!kept.includes(email), kept);
    }
    assert.equal(await visitor.signedIn(), null);
    await page.goBack();
    await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'E-mail' }).inputValue(), '');
    assert(!(await page.content()).includes(email));
  });
});
