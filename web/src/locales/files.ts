import type { SameKeys } from './same-keys.ts';

// A file per language, side and subject, fetched when a page needs it.
const en = {
  'customer/frame': () => import('./en/customer/frame.ts'),
  'customer/account': () => import('./en/customer/account.ts'),
  'customer/api': () => import('./en/customer/api.ts'),
  'customer/funds': () => import('./en/customer/funds.ts'),
  'customer/problems': () => import('./en/customer/problems.ts'),
  'customer/massOrder': () => import('./en/customer/mass-order.ts'),
  'customer/newOrder': () => import('./en/customer/new-order.ts'),
  'customer/orders': () => import('./en/customer/orders.ts'),
  'customer/refills': () => import('./en/customer/refills.ts'),
  'customer/services': () => import('./en/customer/services.ts'),
  'customer/signIn': () => import('./en/customer/sign-in.ts'),
  'admin/actors': () => import('./en/admin/actors.ts'),
  'admin/audit': () => import('./en/admin/audit.ts'),
  'admin/charts': () => import('./en/admin/charts.ts'),
  'admin/customers': () => import('./en/admin/customers.ts'),
  'admin/dashboard': () => import('./en/admin/dashboard.ts'),
  'admin/frame': () => import('./en/admin/frame.ts'),
  'admin/money': () => import('./en/admin/money.ts'),
  'admin/orders': () => import('./en/admin/orders.ts'),
  'admin/payments': () => import('./en/admin/payments.ts'),
  'admin/providers': () => import('./en/admin/providers.ts'),
  'admin/queues': () => import('./en/admin/queues.ts'),
  'admin/services': () => import('./en/admin/services.ts'),
  'admin/settings': () => import('./en/admin/settings.ts'),
  'admin/staff': () => import('./en/admin/staff.ts'),
  'admin/system': () => import('./en/admin/system.ts'),
} as const;

/** A side and one of its subjects: `admin/orders`. */
export type Topic = keyof typeof en;

type English<Name extends Topic> = Awaited<ReturnType<(typeof en)[Name]>>['default'];
/** What Chinese lacks does not compile. */
type Translated = { [Name in Topic]: () => Promise<{ default: SameKeys<English<Name>> }> };

const zhCn = {
  'customer/frame': () => import('./zh-CN/customer/frame.ts'),
  'customer/account': () => import('./zh-CN/customer/account.ts'),
  'customer/api': () => import('./zh-CN/customer/api.ts'),
  'customer/funds': () => import('./zh-CN/customer/funds.ts'),
  'customer/problems': () => import('./zh-CN/customer/problems.ts'),
  'customer/massOrder': () => import('./zh-CN/customer/mass-order.ts'),
  'customer/newOrder': () => import('./zh-CN/customer/new-order.ts'),
  'customer/orders': () => import('./zh-CN/customer/orders.ts'),
  'customer/refills': () => import('./zh-CN/customer/refills.ts'),
  'customer/services': () => import('./zh-CN/customer/services.ts'),
  'customer/signIn': () => import('./zh-CN/customer/sign-in.ts'),
  'admin/actors': () => import('./zh-CN/admin/actors.ts'),
  'admin/audit': () => import('./zh-CN/admin/audit.ts'),
  'admin/charts': () => import('./zh-CN/admin/charts.ts'),
  'admin/customers': () => import('./zh-CN/admin/customers.ts'),
  'admin/dashboard': () => import('./zh-CN/admin/dashboard.ts'),
  'admin/frame': () => import('./zh-CN/admin/frame.ts'),
  'admin/money': () => import('./zh-CN/admin/money.ts'),
  'admin/orders': () => import('./zh-CN/admin/orders.ts'),
  'admin/payments': () => import('./zh-CN/admin/payments.ts'),
  'admin/providers': () => import('./zh-CN/admin/providers.ts'),
  'admin/queues': () => import('./zh-CN/admin/queues.ts'),
  'admin/services': () => import('./zh-CN/admin/services.ts'),
  'admin/settings': () => import('./zh-CN/admin/settings.ts'),
  'admin/staff': () => import('./zh-CN/admin/staff.ts'),
  'admin/system': () => import('./zh-CN/admin/system.ts'),
} as const satisfies Translated;

/** The texts of the app, by language and topic. */
export const files = { en, 'zh-CN': zhCn } as const;
