import type { PageRoute } from '../router.tsx';

/** The pages of the people who run the panel, below /admin. */
export const adminPages: readonly PageRoute[] = [
  { path: '/customers', load: () => import('./customers/list-page.tsx') },
  { path: '/customers/$customerId', load: () => import('./customers/detail-page.tsx') },
  { path: '/payments', load: () => import('./payments/page.tsx') },
  { path: '/', load: () => import('./dashboard/page.tsx') },
  { path: '/account', load: () => import('./account/page.tsx') },
  { path: '/orders', load: () => import('./orders/page.tsx') },
  { path: '/orders/$orderId', load: () => import('./orders/detail-page.tsx') },
  { path: '/queues', load: () => import('./queues/page.tsx') },
  { path: '/providers', load: () => import('./providers/list-page.tsx') },
  { path: '/providers/new', load: () => import('./providers/new-page.tsx') },
  { path: '/providers/$providerId', load: () => import('./providers/detail-page.tsx') },
  { path: '/services', load: () => import('./services/page.tsx') },
  { path: '/services/import', load: () => import('./services/import/page.tsx') },
  { path: '/services/new', load: () => import('./services/new-page.tsx') },
  { path: '/services/$serviceId', load: () => import('./services/detail-page.tsx') },
  { path: '/staff', load: () => import('./staff/page.tsx') },
  { path: '/settings', load: () => import('./settings/page.tsx') },
  { path: '/audit', load: () => import('./audit/page.tsx') },
  { path: '/system', load: () => import('./system/page.tsx') },
];
