import { queryOptions, useQueryClient } from '@tanstack/react-query';
import type { InferRequestType, InferResponseType } from 'hono/client';
import { adminApi, call } from '../../api/client.ts';
import { settingsQuery } from '../services/import/queries.ts';
import { servicesKey } from '../services/queries.ts';

const one = adminApi.providers[':providerId'];
/** The key of the settings that the import wizard reads, too. */
const providersKey = ['admin', 'providers'];
const refetchInterval = 30_000;

export type ProviderRow = InferResponseType<
  typeof adminApi.providers.$get,
  200
>['providers'][number];
export type Provider = InferResponseType<typeof one.$get, 200>;
export type ProviderState = ProviderRow['state'];
export type ProviderChanges = InferRequestType<typeof one.$patch>['json'];
export type NewProvider = InferRequestType<typeof adminApi.providers.$post>['json'];
export type TestAnswer = InferResponseType<typeof one.test.$post, 200>;

export const providersQuery = queryOptions({
  queryKey: [...providersKey, 'list'],
  queryFn: () => call(adminApi.providers.$get()),
  refetchInterval,
});

/** A provider with its settings and its last days. */
export const providerQuery = (id: number) => ({ ...settingsQuery(id), refetchInterval });

const paramOf = (id: number) => ({ param: { providerId: String(id) } });

/** Adds a provider; it is on at once. */
export const addProvider = (json: NewProvider) => call(adminApi.providers.$post({ json }));

/** Changes what staff set of a provider. */
export const changeProvider = (id: number, json: ProviderChanges) =>
  call(one.$patch({ ...paramOf(id), json }));

/** Sets a provider on, lets it finish, or pauses it. */
export const setState = (id: number, state: ProviderState) =>
  call(one.state.$put({ ...paramOf(id), json: { state } }));

/** Asks a provider for its balance now. */
export const testProvider = (id: number) => call(one.test.$post(paramOf(id)));

/** Fetches a provider's catalog; `force` also takes off sale what most of it is gone with. */
export const syncProvider = (id: number, force: boolean) =>
  call(one.sync.$post({ ...paramOf(id), json: { force } }));

/** Reads anew what is shown of providers, and of services, which follow them. */
export function useRefreshProviders(): () => Promise<void> {
  const queryClient = useQueryClient();
  return async () => {
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: providersKey }),
      queryClient.invalidateQueries({ queryKey: servicesKey }),
    ]);
  };
}
