import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { call, customerApi } from '../../api/client.ts';

const { funds: fundsApi } = customerApi;
const onePayment = fundsApi.payments[':paymentId'];

/** The balance, and the ways to add to it. */
export type Funds = InferResponseType<typeof fundsApi.$get, 200>;
export type Method = Funds['methods'][number];
/** A payment as lists have it. */
export type PaymentRow = InferResponseType<typeof fundsApi.payments.$get, 200>['rows'][number];
export type Payment = InferResponseType<typeof onePayment.$get, 200>;
export type StatementLine = InferResponseType<typeof fundsApi.statement.$get, 200>['rows'][number];

export const fundsQuery = queryOptions({
  queryKey: ['funds', 'overview'],
  queryFn: () => call(fundsApi.$get()),
});

/** What an amount would bring by a method; the server's word counts. */
export function quoteQuery(method: number, amount: string) {
  return queryOptions({
    queryKey: ['funds', 'quote', method, amount],
    queryFn: () => call(fundsApi.quote.$get({ query: { method: String(method), amount } })),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** Who comes back from paying waits for the answer of a payment service, which takes seconds. */
const soonMs = 3_000;
/** Staff take longer. */
const laterMs = 20_000;

/** One payment, asked again while something is still to happen to it. */
export function paymentQuery(paymentId: string) {
  return queryOptions({
    queryKey: ['funds', 'payment', paymentId],
    queryFn: () => call(onePayment.$get({ param: { paymentId } })),
    refetchInterval: ({ state: { data } }) => {
      if (data === undefined || !isOpen(data)) return false;
      return data.methodKind === 'manual' ? laterMs : soonMs;
    },
  });
}

/** Whether a payment is neither paid nor over. */
export function isOpen({ state }: Pick<PaymentRow, 'state'>): boolean {
  return state === 'started' || state === 'waiting';
}
