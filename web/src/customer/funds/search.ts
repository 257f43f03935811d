export const statementKinds = ['deposits', 'bonuses', 'orders', 'refunds', 'adjustments'] as const;

/** What the page of funds shows, as its address has it. */
export type FundsSearch = {
  /** The payment that is looked at. */
  payment?: string;
  /** What the payment service said when it sent the customer back. */
  result?: 'canceled';
  view?: 'payments';
  kind?: (typeof statementKinds)[number];
  /** Days, `2026-03-01`. */
  from?: string;
  to?: string;
};

/** Reads the address; what makes no sense there is left out. */
export function readFundsSearch(given: Readonly<Record<string, unknown>>): FundsSearch {
  const payment = String(given.payment ?? '');
  const kind = statementKinds.find((each) => each === given.kind);
  const [from, to] = [given.from, given.to].map(readDay);
  return {
    ...(/^\d{1,15}$/.test(payment) && { payment }),
    ...(given.result === 'canceled' && { result: 'canceled' }),
    ...(given.view === 'payments' && { view: 'payments' }),
    ...(kind && { kind }),
    ...(from && { from }),
    ...(to && { to }),
  };
}

function readDay(given: unknown): string | undefined {
  const day = String(given ?? '');
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day));
  return isDay ? day : undefined;
}

/** What the statement is narrowed down to. */
export function statementFilter({ kind, from, to }: FundsSearch) {
  return { ...(kind && { kind }), ...(from && { from }), ...(to && { to }) };
}

/** Where the same lines are a CSV file. */
export function exportAddress(search: FundsSearch): string {
  const query = new URLSearchParams(statementFilter(search)).toString();
  return `/api/customer/funds/statement.csv${query === '' ? '' : `?${query}`}`;
}
