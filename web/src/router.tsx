import type { QueryClient } from '@tanstack/react-query';
import {
  type AnyRoute,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { adminPages } from './admin/routes.ts';
import { customerPages, openPages } from './customer/routes.ts';
import { loadTexts } from './i18n.ts';
import { PageSkeleton } from './kit/page-skeleton.tsx';
import { RouteError } from './kit/route-error.tsx';
import type { Topic } from './locales/files.ts';
import { parseSearch, stringifySearch } from './search-params.ts';
import { sessionQuery } from './session.ts';
import { signInPages } from './sign-in/routes.ts';

type RouterContext = { queryClient: QueryClient };

/** A page: its address, the texts it needs, the module whose default export draws it. */
export type PageRoute = {
  path: string;
  texts: readonly Topic[];
  load: () => Promise<{ default: () => React.ReactNode }>;
};

const rootRoute = createRootRouteWithContext<RouterContext>()({ component: Outlet });

/** Pages for whoever comes: signing in, and what the operator shows to everybody. */
const openRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'open',
  component: lazyRouteComponent(() => import('./sign-in/frame.tsx')),
});

const customerRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'customer',
  beforeLoad: async ({ context, location }) => {
    const { signedIn } = await context.queryClient.ensureQueryData(sessionQuery);
    if (signedIn === null) throw redirect({ to: '/sign-in', search: { to: location.href } });
    if (signedIn.customer === null) throw redirect({ to: '/admin' });
  },
  component: lazyRouteComponent(() => import('./customer/frame.tsx')),
});

const adminRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/admin',
  beforeLoad: async ({ context, location }) => {
    const { signedIn } = await context.queryClient.ensureQueryData(sessionQuery);
    if (signedIn === null) throw redirect({ to: '/sign-in', search: { to: location.href } });
    // Staff who act as a customer come back by the banner on the customer's pages.
    if (signedIn.staff === null || signedIn.isActing) throw redirect({ to: '/' });
    // They reach nothing else, so they are led to where they set it up.
    const isKept = signedIn.staff.missingFactor !== null;
    if (isKept && location.pathname !== '/admin/account') throw redirect({ to: '/admin/account' });
    await loadTexts(['admin/frame']);
  },
  component: lazyRouteComponent(() => import('./admin/frame.tsx')),
});

/** The app's addresses. A page's code is fetched when it is first gone to, or pointed at. */
export function makeRouter(queryClient: QueryClient) {
  const tree = rootRoute.addChildren([
    openRoute.addChildren([...signInPages, ...openPages].map((page) => makePage(openRoute, page))),
    customerRoute.addChildren(customerPages.map((page) => makePage(customerRoute, page))),
    adminRoute.addChildren(adminPages.map((page) => makePage(adminRoute, page))),
  ]);
  return createRouter({
    routeTree: tree,
    context: { queryClient },
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultPendingComponent: PageSkeleton,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: lazyRouteComponent(() => import('./kit/not-found.tsx'), 'NotFound'),
    scrollRestoration: true,
  });
}

function makePage<Parent extends AnyRoute>(parent: Parent, { path, texts, load }: PageRoute) {
  return createRoute({
    getParentRoute: () => parent,
    path,
    loader: () => loadTexts(texts),
    component: lazyRouteComponent(load),
  });
}
