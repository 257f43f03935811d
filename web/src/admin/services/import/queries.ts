import { queryOptions } from '@tanstack/react-query';
import type { InferRequestType, InferResponseType } from 'hono/client';
import { adminApi, call } from '../../../api/client.ts';
import { servicesKey } from '../queries.ts';

const providerApi = adminApi.providers[':providerId'];
const categoriesApi = providerApi.catalog.categories;
const previewApi = providerApi.import.preview;
const importApi = providerApi.import;

export type ListedCategory = InferResponseType<
  typeof categoriesApi.$get,
  200
>['categories'][number];
export type ImportInput = InferRequestType<typeof importApi.$post>['json'];
export type Preview = InferResponseType<typeof previewApi.$post, 200>;
export type Report = InferResponseType<typeof importApi.$post, 200>;
export type Warning = Report['warnings'][number];
export type ProviderSettings = InferResponseType<typeof providerApi.$get, 200>;

const paramOf = (providerId: number) => ({ providerId: String(providerId) });

/** The categories of a provider's stored catalog; none before it was fetched. */
export const categoriesQuery = (providerId: number) =>
  queryOptions({
    queryKey: [...servicesKey, 'listed', providerId, 'categories'],
    queryFn: () => call(categoriesApi.$get({ param: paramOf(providerId) })),
  });

/** What a provider is set to, for those who may see it. */
export const settingsQuery = (providerId: number) =>
  queryOptions({
    queryKey: ['admin', 'providers', 'one', String(providerId)],
    queryFn: () => call(providerApi.$get({ param: paramOf(providerId) })),
  });

/** What an import would do. */
export function previewImport(providerId: number, json: ImportInput): Promise<Preview> {
  return call(previewApi.$post({ param: paramOf(providerId), json }));
}

/** Imports. */
export function runImport(providerId: number, json: ImportInput): Promise<Report> {
  return call(importApi.$post({ param: paramOf(providerId), json }));
}

/** Fetches a provider's catalog. */
export function fetchCatalog(providerId: number) {
  return call(providerApi.sync.$post({ param: paramOf(providerId), json: {} }));
}

export type SyncSettings = Pick<
  ProviderSettings,
  'syncPrices' | 'syncLimits' | 'syncFlags' | 'syncRemovals' | 'syncReturns' | 'priceJumpPercentMax'
>;

/** Sets what a sync of a provider's catalog changes by itself. */
export function saveSync(providerId: number, json: Partial<SyncSettings>) {
  return call(providerApi.$patch({ param: paramOf(providerId), json }));
}
