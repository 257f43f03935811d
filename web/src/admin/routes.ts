import type { PageRoute } from '../router.tsx';

/** The pages of the people who run the panel, below /admin. */
export const adminPages: readonly PageRoute[] = [
  {
    path: '/customers',
    texts: ['admin/customers', 'customer/api'],
    load: () => import('./customers/list-page.tsx'),
  },
  {
    path: '/customers/$customerId',
    texts: ['admin/actors', 'admin/customers', 'admin/payments', 'admin/money', 'customer/api'],
    load: () => import('./customers/detail-page.tsx'),
  },
  {
    path: '/payments',
    texts: ['admin/actors', 'admin/payments', 'admin/customers', 'admin/money'],
    load: () => import('./payments/page.tsx'),
  },
  {
    path: '/',
    texts: ['admin/dashboard', 'admin/charts', 'admin/queues'],
    load: () => import('./dashboard/page.tsx'),
  },
  { path: '/account', texts: ['customer/account'], load: () => import('./account/page.tsx') },
  {
    path: '/orders',
    texts: ['admin/orders', 'customer/orders'],
    load: () => import('./orders/page.tsx'),
  },
  {
    path: '/orders/$orderId',
    texts: ['admin/actors', 'admin/orders', 'admin/queues', 'customer/orders'],
    load: () => import('./orders/detail-page.tsx'),
  },
  {
    path: '/queues',
    texts: ['admin/queues', 'admin/orders', 'admin/services', 'customer/orders'],
    load: () => import('./queues/page.tsx'),
  },
  {
    path: '/providers',
    texts: ['admin/providers'],
    load: () => import('./providers/list-page.tsx'),
  },
  {
    path: '/providers/new',
    texts: ['admin/providers', 'admin/services'],
    load: () => import('./providers/new-page.tsx'),
  },
  {
    path: '/providers/$providerId',
    texts: ['admin/providers', 'admin/services', 'admin/orders', 'admin/charts', 'customer/orders'],
    load: () => import('./providers/detail-page.tsx'),
  },
  {
    path: '/services',
    texts: ['admin/actors', 'admin/services', 'admin/orders', 'customer/orders'],
    load: () => import('./services/page.tsx'),
  },
  {
    path: '/services/import',
    texts: ['admin/services'],
    load: () => import('./services/import/page.tsx'),
  },
  {
    path: '/services/new',
    texts: ['admin/services'],
    load: () => import('./services/new-page.tsx'),
  },
  {
    path: '/services/$serviceId',
    texts: ['admin/services'],
    load: () => import('./services/detail-page.tsx'),
  },
  {
    path: '/staff',
    texts: ['admin/staff', 'customer/api'],
    load: () => import('./staff/page.tsx'),
  },
  { path: '/settings', texts: ['admin/settings'], load: () => import('./settings/page.tsx') },
  {
    path: '/audit',
    texts: ['admin/actors', 'admin/audit', 'admin/orders', 'customer/orders'],
    load: () => import('./audit/page.tsx'),
  },
  {
    path: '/system',
    texts: ['admin/actors', 'admin/system', 'admin/orders', 'customer/orders'],
    load: () => import('./system/page.tsx'),
  },
];
