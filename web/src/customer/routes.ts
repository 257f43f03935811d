import type { PageRoute } from '../router.tsx';

/** The pages of signed-in customers. */
export const customerPages: readonly PageRoute[] = [
  { path: '/', load: () => import('./new-order/page.tsx') },
  { path: '/account', load: () => import('./account/page.tsx') },
  { path: '/mass-order', load: () => import('./mass-order/page.tsx') },
  { path: '/orders', load: () => import('./orders/page.tsx') },
  { path: '/orders/$orderId', load: () => import('./orders/detail-page.tsx') },
  { path: '/refills', load: () => import('./refills/page.tsx') },
  { path: '/funds', load: () => import('./funds/page.tsx') },
  { path: '/services', load: () => import('./price-list/page.tsx') },
  { path: '/api-access', load: () => import('./api/page.tsx') },
];

/** The pages that the panel shows to everybody. */
export const openPages: readonly PageRoute[] = [
  { path: '/price-list', load: () => import('./price-list/public-page.tsx') },
  { path: '/terms', load: () => import('./terms/page.tsx') },
];
