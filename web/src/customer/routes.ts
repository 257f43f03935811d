import type { PageRoute } from '../router.tsx';

/** The pages of signed-in customers. */
export const customerPages: readonly PageRoute[] = [
  { path: '/', texts: ['customer/newOrder'], load: () => import('./new-order/page.tsx') },
  { path: '/account', texts: ['customer/account'], load: () => import('./account/page.tsx') },
  {
    path: '/mass-order',
    texts: ['customer/massOrder', 'customer/newOrder'],
    load: () => import('./mass-order/page.tsx'),
  },
  {
    path: '/orders',
    texts: ['customer/orders', 'customer/newOrder'],
    load: () => import('./orders/page.tsx'),
  },
  {
    path: '/orders/$orderId',
    texts: ['customer/orders', 'customer/newOrder', 'customer/refills'],
    load: () => import('./orders/detail-page.tsx'),
  },
  {
    path: '/refills',
    texts: ['customer/refills', 'customer/orders', 'customer/newOrder'],
    load: () => import('./refills/page.tsx'),
  },
  {
    path: '/funds',
    texts: ['customer/funds', 'customer/orders'],
    load: () => import('./funds/page.tsx'),
  },
  {
    path: '/services',
    texts: ['customer/services', 'customer/newOrder'],
    load: () => import('./price-list/page.tsx'),
  },
  { path: '/api-access', texts: ['customer/api'], load: () => import('./api/page.tsx') },
];

/** The pages that the panel shows to everybody. */
export const openPages: readonly PageRoute[] = [
  {
    path: '/price-list',
    texts: ['customer/services', 'customer/newOrder'],
    load: () => import('./price-list/public-page.tsx'),
  },
  { path: '/terms', texts: [], load: () => import('./terms/page.tsx') },
];
