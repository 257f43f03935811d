import { queryOptions } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { call, customerApi } from '../api/client.ts';

/** The whole catalog at this customer's prices, with what each type of service asks for. */
export type Offer = InferResponseType<typeof customerApi.services.$get, 200>;
export type OfferedService = Offer['services'][number];

export const offerQuery = queryOptions({
  queryKey: ['services'],
  queryFn: () => call(customerApi.services.$get()),
  staleTime: 60_000,
});

/** The services that have every word of a search in their name, category or number. */
export function findServices(
  services: readonly OfferedService[],
  search: string,
): readonly OfferedService[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return services;
  return services.filter(({ id, name, category }) => {
    const text = `${id} ${name} ${category}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const packageTypes: ReadonlySet<string> = new Set(['Package', 'Custom Comments Package']);

/** A package is sold whole: its rate is the price of one, not of 1,000. */
export function isPackage(service: Pick<OfferedService, 'type'>): boolean {
  return packageTypes.has(service.type);
}
