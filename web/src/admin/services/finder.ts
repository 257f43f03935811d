import { parseDecimal } from '../../money.ts';
import type { Catalog, Category, Service } from './queries.ts';

export const shownStates = ['all', 'on', 'off', 'hidden', 'waiting', 'loss'] as const;
export type ShownState = (typeof shownStates)[number];

export type Filter = {
  search: string;
  /** A provider's number, `staff` for services without routes, null for all. */
  provider: string | null;
  state: ShownState;
};

export const noFilter: Filter = { search: '', provider: null, state: 'all' };

/** Whether a filter hides anything. */
export function isFiltering({ search, provider, state }: Filter): boolean {
  return search.trim() !== '' || provider !== null || state !== 'all';
}

/** The categories with the services that a filter leaves; empty ones only without a filter. */
export function findInCatalog(catalog: Catalog, filter: Filter): Category[] {
  if (!isFiltering(filter)) return catalog.categories;
  const words = filter.search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const matches = (service: Service, category: string) => {
    if (!isInState(service, filter.state) || !isOfProvider(service, filter.provider)) return false;
    if (words.length === 0) return true;
    const text = `${service.id} ${service.name} ${category}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  };
  return catalog.categories
    .map((category) => ({
      ...category,
      services: category.services.filter((service) => matches(service, category.name)),
    }))
    .filter(({ services }) => services.length > 0);
}

function isOfProvider(service: Service, provider: string | null): boolean {
  if (provider === null) return true;
  return provider === 'staff'
    ? service.providerId === undefined
    : String(service.providerId) === provider;
}

function isInState(service: Service, state: ShownState): boolean {
  switch (state) {
    case 'all':
      return true;
    case 'on':
      return service.offBy === undefined && !service.flags.includes('hidden');
    case 'off':
      return service.offBy !== undefined;
    case 'hidden':
      return service.flags.includes('hidden');
    case 'waiting':
      return service.heldRate !== undefined;
    case 'loss':
      return (marginOf(service.rate, service.cost) ?? 0) < 0;
  }
}

/** What part of the price is left after the cost; undefined without a cost or a price. */
export function marginOf(rate: string, cost: string | null | undefined): number | undefined {
  const [price, paid] = [parseDecimal(rate), parseDecimal(cost ?? '')];
  if (price === undefined || paid === undefined || price === 0n) return undefined;
  return Number(((price - paid) * 10_000n) / price) / 10_000;
}
