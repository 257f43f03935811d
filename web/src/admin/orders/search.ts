export const orderStatuses = [
  'Pending',
  'In progress',
  'Processing',
  'Completed',
  'Partial',
  'Canceled',
  'Active',
  'Paused',
  'Expired',
] as const;
export const orderKinds = ['single', 'drip_feed', 'subscription'] as const;
export const deliveryStates = [
  'due',
  'sending',
  'unknown',
  'following',
  'held',
  'done',
  'none',
] as const;

/** What the list of orders is narrowed down by, as its address has it. */
export type OrderSearch = {
  search?: string;
  status?: (typeof orderStatuses)[number];
  kind?: (typeof orderKinds)[number];
  delivery?: (typeof deliveryStates)[number];
  service?: number;
  provider?: number;
  customer?: number;
};

/** Reads the address; what makes no sense there is left out. */
export function readOrderSearch(given: Readonly<Record<string, unknown>>): OrderSearch {
  const status = orderStatuses.find((each) => each === given.status);
  const kind = orderKinds.find((each) => each === given.kind);
  const delivery = deliveryStates.find((each) => each === given.delivery);
  const words = String(given.search ?? '').trim();
  const [service, provider, customer] = [given.service, given.provider, given.customer].map(readId);
  return {
    ...(words !== '' && { search: words }),
    ...(status && { status }),
    ...(kind && { kind }),
    ...(delivery && { delivery }),
    ...(service && { service }),
    ...(provider && { provider }),
    ...(customer && { customer }),
  };
}

/** The same as the server takes it: all of it text. */
export function toQuery(search: OrderSearch) {
  const { service, provider, customer, ...rest } = search;
  return {
    ...rest,
    ...(service !== undefined && { service: String(service) }),
    ...(provider !== undefined && { provider: String(provider) }),
    ...(customer !== undefined && { customer: String(customer) }),
  };
}

function readId(value: unknown): number | undefined {
  const id = Number(value);
  return Number.isSafeInteger(id) && id > 0 ? id : undefined;
}
