import type { Rate, ServiceId } from '../base/index.ts';

/** What decides a customer's price of a service. */
export type PriceTerms = {
  /** Hundredths of a percent off the list price. */
  discountBasisPoints: number;
  ownRates: ReadonlyMap<ServiceId, Rate>;
};
