import type { PageRoute } from '../router.tsx';

/** The pages for who is not signed in yet. */
export const signInPages: readonly PageRoute[] = [
  { path: '/sign-in', load: () => import('./sign-in-page.tsx') },
];
