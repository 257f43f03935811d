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
export const orderKinds = ['drip_feed', 'subscription'] as const;

/** What the list of orders is narrowed down by, as its address has it. */
export type OrderSearch = {
  status?: (typeof orderStatuses)[number];
  kind?: (typeof orderKinds)[number];
  service?: number;
  search?: string;
};

/** Reads the address; what makes no sense there is left out. */
export function readOrderSearch(given: Readonly<Record<string, unknown>>): OrderSearch {
  const status = orderStatuses.find((each) => each === given.status);
  const kind = orderKinds.find((each) => each === given.kind);
  const service = Number(given.service);
  const search = String(given.search ?? '').trim();
  return {
    ...(status && { status }),
    ...(kind && { kind }),
    ...(Number.isInteger(service) && service > 0 && { service }),
    ...(search !== '' && { search }),
  };
}

/** Where the same orders are a CSV file. */
export function exportAddress(search: OrderSearch): string {
  const entries = Object.entries(search).map(([name, value]) => [name, String(value)]);
  const query = new URLSearchParams(entries).toString();
  return `/api/customer/orders.csv${query === '' ? '' : `?${query}`}`;
}
