import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseAmount } from '../../src/base/index.ts';
import { updateSettings } from '../../src/catalog/index.ts';
import { updateCustomer } from '../../src/customers/index.ts';
import { makeService, staff } from '../factories.ts';
import { codeOf, decodeBase32 } from '../sign-in/totp.ts';
import { password, signUp } from '../sign-in/visitor.ts';
import { makeWebCustomer } from '../web/customers.ts';
import { skip } from './chromium.ts';
import { openStage, type Stage } from './stage.ts';
import { readWords } from './words.ts';

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

test('what another window changed of a profile is not undone by a form that was open', {
  skip,
}, async () => {
  const { visitor } = await signUp(stage.panel);
  const set = async (changes: object) => {
    const answer = await visitor.send('/api/customer/profile', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(changes),
    });
    assert(answer.status < 300, JSON.stringify(answer.body));
  };
  await set({ timeZone: 'UTC', notifications: [] });
  const read = async () => {
    const { body } = await visitor.get('/api/customer/session');
    const { timeZone, notifications } = Object(body).signedIn.customer;
    return [timeZone, notifications];
  };
  await stage.visit({ as: visitor, path: '/account' }, async (page) => {
    const button = page.getByRole('button', { name: 'Save', exact: true });
    await button.waitFor();
    assert(await button.isDisabled(), 'nothing is changed');
    await set({ timeZone: 'Asia/Shanghai' });
    await page.getByRole('checkbox', { name: /^Orders/ }).check();
    await button.click();
    await page.getByText('Saved').waitFor();
    assert(await button.isDisabled(), 'all is saved');
    assert.deepEqual(await read(), ['Asia/Shanghai', ['orders']]);
    // Once saved, a form is compared with what it saved.
    await set({ notifications: [] });
    await page.getByRole('checkbox', { name: /^Orders/ }).uncheck();
    await page.getByRole('checkbox', { name: /^Refills/ }).check();
    await button.click();
    await page.getByRole('button', { name: 'Save', exact: true, disabled: true }).waitFor();
    assert.deepEqual(await read(), ['Asia/Shanghai', ['refills']]);
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

test('a balance is too low only for what the credit limit does not cover, and by that alone', {
  skip,
}, async () => {
  const { visitor, customerId } = await makeWebCustomer(stage.panel, '0');
  const changes = { creditLimit: parseAmount('100', 'limit') };
  await updateCustomer(stage.panel.app, staff, { customerId, changes });
  const service = await makeService(stage.panel, { name: 'On credit', rate: '60', max: 5_000 });
  await stage.visit({ as: visitor, path: `/?service=${service}` }, async (page) => {
    const tooLow = page.getByText('Your balance is too low for this order.');
    await page.getByRole('textbox', { name: 'Link' }).fill('https://example.com/credit');
    await page.getByRole('textbox', { name: 'Quantity' }).fill('2000');
    await tooLow.waitFor();
    await page.getByRole('textbox', { name: 'Quantity' }).fill('1000');
    await page.getByText('-60.00 USD').waitFor();
    assert.equal(await tooLow.count(), 0);

    await page.goto('/mass-order');
    const line = (name: string) => `${service} | 1000 | https://example.com/${name}`;
    await page.getByLabel('Orders, one per line').fill(`${line('one')}\n${line('two')}`);
    await page.getByRole('button', { name: 'Check 2 lines' }).click();
    await page.getByText('Your balance is 20.00 USD too low for all of them.').waitFor();
  });
});

test('what closes a dialog or a notice says so, in the language of the reader', {
  skip,
}, async () => {
  const { visitor } = await makeWebCustomer(stage.panel);
  for (const language of ['en', 'zh-CN']) {
    const topics = ['customer/api', 'customer/account', 'customer/frame'];
    const words = await readWords(language, topics);
    const close = words('customer/frame:states.close');
    await stage.visit({ as: visitor, language }, async (page) => {
      const press = (name: string) =>
        page.getByRole('button', { name, exact: true }).first().click();
      for (const [path, name] of [
        ['/api-access', words('customer/api:newKey')],
        ['/account', words('customer/account:changeEmail')],
      ] as const) {
        await page.goto(path);
        await press(name);
        await page.getByRole('dialog').getByRole('button', { name: close }).click();
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
      const kind = page.getByRole('checkbox', { name: words('customer/account:kinds.orders') });
      await kind.setChecked(!(await kind.isChecked()));
      await press(words('customer/frame:states.save'));
      await page.getByRole('alert').getByRole('button', { name: close }).waitFor();
    });
  }
});

test('where nothing can be paid in, the contact stands in the language of the reader', {
  skip,
}, async () => {
  const contact = { contact: 'Write to us', contactZh: '请联系我们' };
  await updateSettings(stage.panel.app, staff, contact);
  const { visitor } = await makeWebCustomer(stage.panel);
  for (const [language, text] of [
    ['en', 'Write to us'],
    ['zh-CN', '请联系我们'],
  ] as const) {
    await stage.visit({ as: visitor, language, path: '/funds' }, async (page) => {
      await page.locator('section').getByText(text).waitFor();
    });
  }
});
