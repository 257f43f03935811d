import { useState } from 'react';
import type { Route, ServiceDetail } from './queries.ts';

/** A route while it is arranged: what is stored, or was just added. */
export type RouteDraft = Route;

/** What names a route: a provider's service is there once. */
export function routeKey({ providerId, externalId }: Pick<Route, 'providerId' | 'externalId'>) {
  return `r${providerId}:${externalId}`;
}

/** The routes of a service while they are arranged; those that are stored until one changes. */
export function useRouteDrafts(service: ServiceDetail) {
  const [drafts, setDrafts] = useState<readonly RouteDraft[]>();
  const routes = drafts ?? service.routes;
  const isDirty = drafts !== undefined && written(drafts) !== written(service.routes);
  return {
    routes,
    isDirty,
    add: (route: RouteDraft) => setDrafts([...routes, route]),
    remove: (key: string) => setDrafts(routes.filter((route) => routeKey(route) !== key)),
    change: (key: string, changes: Partial<RouteDraft>) =>
      setDrafts(
        routes.map((route) => (routeKey(route) === key ? { ...route, ...changes } : route)),
      ),
    move: (moved: string, over: string) => {
      const [from, to] = [moved, over].map((key) =>
        routes.findIndex((route) => routeKey(route) === key),
      );
      const route = from === undefined ? undefined : routes[from];
      if (route === undefined || to === undefined) return;
      setDrafts(routes.filter((each) => each !== route).toSpliced(to, 0, route));
    },
    reset: () => setDrafts(undefined),
  };
}

/** Routes as the server takes them. */
export function toRoutes(routes: readonly RouteDraft[]) {
  return routes.map(({ providerId, externalId, isDelegated, guardsMargin }) => ({
    ...{ providerId, externalId, isDelegated, guardsMargin },
  }));
}

function written(routes: readonly RouteDraft[]): string {
  return JSON.stringify(toRoutes(routes));
}
