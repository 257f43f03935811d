import { queryOptions, useQueryClient } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { adminApi, call } from '../../api/client.ts';

export type PaymentRow = InferResponseType<typeof adminApi.payments.$get, 200>['rows'][number];
export type Payment = InferResponseType<(typeof adminApi.payments)[':paymentId']['$get'], 200>;
export type Stray = InferResponseType<
  (typeof adminApi)['payment-strays']['$get'],
  200
>['rows'][number];
export type Method = InferResponseType<
  (typeof adminApi)['payment-methods']['$get'],
  200
>['methods'][number];

const key = 'admin-payments';
/** Where lists of payments are kept. */
export const listKey = [key, 'list'];
export const straysKey = [key, 'strays'];

export const waitingQuery = queryOptions({
  queryKey: [key, 'waiting'],
  queryFn: () => call(adminApi.payments.waiting.$get()),
});

export const paymentQuery = (id: string) =>
  queryOptions({
    queryKey: [key, 'one', id],
    queryFn: () => call(adminApi.payments[':paymentId'].$get({ param: { paymentId: id } })),
  });

export const methodsQuery = queryOptions({
  queryKey: [key, 'methods'],
  queryFn: () => call(adminApi['payment-methods'].$get()),
});

/** Reads anew all that is shown of payments, and of the customers whose they are. */
export function useRefreshPayments(): () => void {
  const queryClient = useQueryClient();
  return () => {
    void queryClient.invalidateQueries({ queryKey: [key] });
    void queryClient.invalidateQueries({ queryKey: ['admin-customers'] });
  };
}
