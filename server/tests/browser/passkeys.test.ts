import { after, before, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { password, signUp } from '../sign-in/visitor.ts';
import { skip } from './chromium.ts';
import { makeStaff } from './sample-people.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
before(async () => {
  if (!skip) stage = await openStage();
});
after(async () => {
  if (!skip) await stage.close();
});

/** Gives the browser a fingerprint reader, and a finger that fits. */
async function addAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** A passkey belongs to a name; the panel's address of other tests is a number. */
const byName = () => stage.panel.url.replace('127.0.0.1', 'localhost');

const people = [
  { who: 'a customer', path: '/account', find: async () => (await signUp(stage.panel)).email },
  {
    who: 'a member of staff',
    path: '/admin/account',
    find: async () => (await makeStaff(stage.panel)).mei ?? '',
  },
];

for (const { who, path, find } of people) {
  test(`${who} adds a passkey, signs out, and signs in with it alone`, { skip }, async () => {
    const email = await find();
    const expects = [/status of 401/];
    await stage.visit({ path, baseURL: byName(), expects }, async (page, { context }) => {
      await addAuthenticator(context, page);
      await page.getByLabel('E-mail').fill(email);
      await page.getByRole('textbox', { name: 'Password' }).fill(password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();

      await page.getByText('No passkeys yet').waitFor();
      await page.getByRole('button', { name: 'Add a passkey' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
      await dialog.getByRole('textbox', { name: 'Name' }).fill('My laptop');
      await dialog.getByRole('button', { name: 'Add a passkey' }).click();
      await page.getByText('The passkey is added').waitFor();
      await page.getByText('My laptop').waitFor();

      const header = page.getByRole('banner');
      await header.getByRole('button', { name: 'Account' }).click();
      await header.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
      await page.getByRole('navigation', { name: 'Menu' }).waitFor();
      await page.goto(path);
      await page.getByText('My laptop').waitFor();
    });
  });
}

test('who has no passkey of the panel is told that none was accepted', { skip }, async () => {
  await stage.visit({ path: '/sign-in', baseURL: byName() }, async (page, { context }) => {
    await addAuthenticator(context, page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('The passkey was not accepted.').waitFor();
  });
});
