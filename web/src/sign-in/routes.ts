import type { PageRoute } from '../router.tsx';

/** The pages for who is not signed in yet. */
export const signInPages: readonly PageRoute[] = [
  { path: '/sign-in', texts: [], load: () => import('./sign-in-page.tsx') },
  { path: '/sign-up', texts: [], load: () => import('./sign-up-page.tsx') },
  { path: '/forgot-password', texts: [], load: () => import('./forgot-page.tsx') },
  { path: '/reset-password', texts: [], load: () => import('./reset-page.tsx') },
];
