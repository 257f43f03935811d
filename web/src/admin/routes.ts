import type { PageRoute } from '../router.tsx';

/** The pages of the people who run the panel, below /admin. */
export const adminPages: readonly PageRoute[] = [
  { path: '/account', load: () => import('./account/page.tsx') },
  { path: '/orders', load: () => import('./orders/page.tsx') },
  { path: '/orders/$orderId', load: () => import('./orders/detail-page.tsx') },
  { path: '/queues', load: () => import('./queues/page.tsx') },
];
