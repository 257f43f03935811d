import { parseRate, type ServiceId } from '../../src/base/index.ts';
import { setRoutes } from '../../src/catalog/index.ts';
import { setCustomerPrice, updateCustomer } from '../../src/customers/index.ts';
import { createListener, type Listener } from '../../src/http/index.ts';
import { orderTypes } from '../../src/orders/index.ts';
import { addProvider } from '../../src/providers/index.ts';
import { makeCustomer, makeService, staff } from '../../tests/factories.ts';
import type { TestPanel } from '../../tests/harness.ts';
import type { Offer, Terms } from './charges.ts';
import { canaries } from './replies.ts';

/** What answers the panel's requests, without a port. */
export function openListener(panel: TestPanel): Listener {
  return createListener(panel.app, {
    publicUrl: undefined,
    isProxyTrusted: true,
    isStopping: () => false,
  });
}

const rates = ['0.90', '1', '0.00001', '1234.56789', '0.33333', '99999.99999', '12.5', '0.07'];

/** Puts a service of every type on sale, each at an awkward rate, some delivered by a provider. */
export async function stock(panel: TestPanel): Promise<Offer[]> {
  const providerId = await addProvider(panel.app, staff, {
    name: canaries.providerName,
    url: `http://${canaries.providerHost}/api/v2`,
    key: canaries.providerKey,
  });
  const offers: Offer[] = [];
  const types = Object.keys(orderTypes) as (keyof typeof orderTypes)[]; // the table's own keys
  for (const [index, type] of [...types, 'Default' as const, 'Default' as const].entries()) {
    const offer = {
      type,
      rate: rates[index % rates.length] ?? '1',
      min: (index % 3) + 1,
      max: index % 2 === 0 ? 20 : 1_000,
      dripfeed: (type === 'Default' || type === 'Web Traffic') && index % 2 === 0,
    };
    const flags = { refill: true, cancel: index % 4 !== 1, denyDuplicates: type === 'SEO' };
    const id = await makeService(panel, { ...offer, ...flags });
    if (index % 3 === 0) await route(panel, id, providerId);
    offers.push({ id, ...offer });
  }
  await panel.app.catalog.refresh();
  return offers;
}

function route(
  panel: TestPanel,
  serviceId: ServiceId,
  providerId: Awaited<ReturnType<typeof addProvider>>,
) {
  const routes = [{ providerId, externalId: String(serviceId) }];
  return setRoutes(panel.app, staff, { serviceId, routes });
}

/** A customer who orders by key, at terms of their own. */
export type Caller = {
  customerId: Awaited<ReturnType<typeof makeCustomer>>['customerId'];
  key: string;
  terms: Terms;
  /** In 10⁻⁸ of the currency. */
  start: bigint;
};

const unitsPerOne = 100_000_000n;

/** One at list prices, one with a discount and an own price, one who is soon out of funds. */
export async function makeCallers(panel: TestPanel, offers: readonly Offer[]): Promise<Caller[]> {
  const callers: Caller[] = [];
  const [first] = offers;
  const plans = [
    { funds: 1_000_000_000n, discountBasisPoints: 0, own: new Map<number, string>() },
    {
      funds: 1_000_000_000n,
      discountBasisPoints: 733,
      own: new Map([[first?.id ?? 0, '0.12345']]),
    },
    { funds: 50n, discountBasisPoints: 1, own: new Map<number, string>() },
  ];
  for (const { funds, discountBasisPoints, own } of plans) {
    const { customerId, key } = await makeCustomer(panel, { funds: String(funds) });
    await updateCustomer(panel.app, staff, { customerId, changes: { discountBasisPoints } });
    for (const [id, rate] of own) {
      const serviceId = id as ServiceId; // one of those on sale
      const price = { customerId, serviceId, rate: parseRate(rate, 'rate') };
      await setCustomerPrice(panel.app, staff, price);
    }
    const terms = { discountBasisPoints, ownRates: own };
    callers.push({ customerId, key, terms, start: funds * unitsPerOne });
  }
  return callers;
}
