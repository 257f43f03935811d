import type { PageRoute } from '../router.tsx';

/** The pages for who is not signed in yet. */
export const signInPages: readonly PageRoute[] = [
  { path: '/sign-in', load: () => import('./sign-in-page.tsx') },
  { path: '/sign-up', load: () => import('./sign-up-page.tsx') },
  { path: '/forgot-password', load: () => import('./forgot-page.tsx') },
  { path: '/reset-password', load: () => import('./reset-page.tsx') },
];
