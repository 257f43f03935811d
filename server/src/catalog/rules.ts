import { discountRate, type Rate, type ServiceId } from '../base/index.ts';
import type { PriceTerms } from '../customers/index.ts';
import type { Catalog, Service, ServiceType } from './snapshot.ts';

const packageTypes: ReadonlySet<ServiceType> = new Set(['Package', 'Custom Comments Package']);

/** A package is sold whole: its rate is the price of one, not of 1000. */
export function isPackage(type: ServiceType): boolean {
  return packageTypes.has(type);
}

/**
 * What a customer pays for a service, per 1000 or per package: an own price if there is one, else
 * the list price less the customer's discount. `services` shows this rate and orders are charged by
 * it.
 */
export function rateFor(service: Service, terms: PriceTerms): Rate {
  const own = terms.ownRates.get(service.id);
  if (own !== undefined) return own;
  return terms.discountBasisPoints === 0
    ? service.rate
    : discountRate(service.rate, terms.discountBasisPoints);
}

/** A service a customer may order now; disabled and hidden ones are as good as unknown. */
export function findOrderable(catalog: Catalog, id: ServiceId): Service | undefined {
  const service = catalog.services.get(id);
  return service?.enabled && !service.hidden ? service : undefined;
}

/** Whether the operator's block list holds a part of this link, in any case. */
export function isLinkBlocked(catalog: Catalog, link: string): boolean {
  if (catalog.blockedLinks.length === 0) return false;
  const lower = link.toLowerCase();
  return catalog.blockedLinks.some((pattern) => lower.includes(pattern));
}
