export const states = [
  'started',
  'waiting',
  'credited',
  'failed',
  'expired',
  'disputed',
  'lost',
  'refunded',
] as const;
export const flags = ['amount_differs', 'paid_twice', 'reference_used', 'refund_failed'] as const;
export const wants = ['attention', 'owing'] as const;

/** What a list of payments is narrowed down by, as its address has it. */
export type PaymentSearch = {
  state?: (typeof states)[number];
  flag?: (typeof flags)[number];
  wants?: (typeof wants)[number];
  method?: number;
  customer?: number;
  /** The payment that is open beside the list. */
  payment?: number;
};

/** Reads the address; what makes no sense there is left out. */
export function readPaymentSearch(given: Readonly<Record<string, unknown>>): PaymentSearch {
  const state = states.find((each) => each === given.state);
  const flag = flags.find((each) => each === given.flag);
  const want = wants.find((each) => each === given.wants);
  const method = readId(given.method);
  const customer = readId(given.customer);
  const payment = readId(given.payment);
  return {
    ...(state && { state }),
    ...(flag && { flag }),
    ...(want && { wants: want }),
    ...(method !== undefined && { method }),
    ...(customer !== undefined && { customer }),
    ...(payment !== undefined && { payment }),
  };
}

function readId(given: unknown): number | undefined {
  const id = Number(given);
  return Number.isSafeInteger(id) && id > 0 ? id : undefined;
}
