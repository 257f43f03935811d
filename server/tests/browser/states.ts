import type { Page } from 'playwright-core';
import { password } from '../sign-in/visitor.ts';
import type { Screen } from './screens.ts';
import type { Words } from './words.ts';

/** A page after somebody has done something there, or while it waits: for pictures alone. */
export type State = Screen & {
  /** What is done before the picture is taken. */
  steps?: readonly Step[];
  /** What is asked for here is never answered. */
  waitsFor?: RegExp;
};

type Step = (page: Page, words: Words) => Promise<void>;

const topics = ['account', 'api'].map((name) => `customer/${name}`);
const adminTopics = ['customers', 'payments', 'services', 'orders'].map((name) => `admin/${name}`);

/** The texts that the steps name. */
export const stateTopics: readonly string[] = [...topics, ...adminTopics];

const press =
  (key: string): Step =>
  (page, words) =>
    page
      .getByRole('button', { name: words(key), exact: true })
      .first()
      .click();

/** What is asked last lies on top. */
const pressThere =
  (key: string): Step =>
  (page, words) =>
    page
      .getByRole('dialog')
      .last()
      .getByRole('button', { name: words(key), exact: true })
      .click();

const pick =
  (key: string): Step =>
  (page, words) =>
    page.getByRole('menuitem', { name: words(key) }).click();

const fill =
  (key: string, text: string): Step =>
  (page, words) =>
    page
      .getByRole('dialog')
      .last()
      .getByLabel(words(key).replace(/\s*\{\{.*$/, ''))
      .first()
      .fill(text);

const see =
  (key: string): Step =>
  (page, words) =>
    page.getByText(words(key)).first().waitFor();

const dialog: Step = (page) => page.getByRole('dialog').last().waitFor();

const customer = { route: '/admin/customers/$customerId', as: 'operator' } as const;
const queues = { route: '/admin/queues', as: 'operator' } as const;
const more = press('admin/customers:more');

/** Tabs, queues, steps and dialogs, which have no address of their own or are one page's others. */
export const states: readonly State[] = [
  { route: '/funds', as: 'customer', name: 'funds-payments', search: '?view=payments' },
  { route: '/api-access', as: 'customer', name: 'api-docs', search: '?tab=documentation' },
  { route: '/api-access', as: 'customer', name: 'api-calls', search: '?tab=calls' },
  {
    route: '/api-access',
    as: 'customer',
    name: 'api-new-key',
    steps: [
      press('customer/api:newKey'),
      dialog,
      fill('customer/api:name', 'Second shop'),
      pressThere('customer/api:newKey'),
      see('customer/api:shownOnceText'),
    ],
  },
  {
    route: '/account',
    as: 'customer',
    name: 'account-two-step',
    steps: [
      press('customer/account:turnOn'),
      dialog,
      fill('customer/account:askPassword', password),
      pressThere('customer/account:turnOn'),
      see('customer/account:scan'),
    ],
  },
  {
    route: '/account',
    as: 'customer',
    name: 'account-passkey',
    steps: [press('customer/account:addPasskey'), dialog],
  },
  ...['held', 'margin', 'refills', 'cancels', 'prices', 'stuck'].map(
    (queue): State => ({ ...queues, name: `admin-queue-${queue}`, search: `?queue=${queue}` }),
  ),
  ...['statement', 'prices', 'keys', 'calls', 'payments'].map(
    (tab): State => ({ ...customer, name: `admin-customer-${tab}`, search: `?tab=${tab}` }),
  ),
  {
    ...customer,
    name: 'admin-customer-adjust',
    steps: [
      more,
      pick('admin/customers:adjust'),
      dialog,
      fill('admin/customers:amount', '25'),
      fill('admin/customers:reason', 'Goodwill for a late order'),
    ],
  },
  {
    ...customer,
    name: 'admin-customer-suspend',
    steps: [more, pick('admin/customers:suspend'), dialog],
  },
  {
    route: '/admin/payments',
    as: 'operator',
    name: 'admin-payments-methods',
    search: '?tab=methods',
  },
  {
    route: '/admin/services/import',
    as: 'operator',
    name: 'admin-import-choose',
    steps: [press('admin/services:importing.next')],
  },
  {
    route: '/admin/services/import',
    as: 'operator',
    name: 'admin-import-prices',
    steps: [
      press('admin/services:importing.next'),
      (page, words) =>
        page.getByText(words('admin/services:importing.all'), { exact: true }).click(),
      press('admin/services:importing.next'),
      see('admin/services:importing.previewTitle'),
    ],
  },
  {
    route: '/admin/services',
    as: 'operator',
    name: 'admin-services-reprice',
    steps: [
      async (page, words) => {
        const name = words('admin/services:chooseCategory').replace('{{name}}', 'Followers');
        await page.getByRole('checkbox', { name }).check();
      },
      press('admin/services:bulk.prices'),
      dialog,
      fill('admin/services:prices.percent', '12.5'),
      async (page) => {
        const changed = page.getByRole('dialog').getByText('+12.5%');
        await changed.first().waitFor();
      },
    ],
  },
  {
    route: '/admin/services/import',
    as: 'operator',
    name: 'admin-import-result',
    steps: [
      press('admin/services:importing.next'),
      (page, words) =>
        page.getByText(words('admin/services:importing.all'), { exact: true }).click(),
      press('admin/services:importing.next'),
      (page) => page.getByRole('button', { name: /^(Import|导入) ?\d/ }).click(),
      see('admin/services:sync.jump'),
    ],
  },
  { route: '/orders', as: 'customer', name: 'orders-loading', waitsFor: /\/api\/customer\/orders/ },
  { route: '/admin', as: 'operator', name: 'admin-loading', waitsFor: /\/api\/admin\/dashboard/ },
];
