import { queryOptions, useQueryClient } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { adminApi, call } from '../../api/client.ts';

const one = adminApi.customers[':customerId'];

export type CustomerRow = InferResponseType<typeof adminApi.customers.$get, 200>['rows'][number];
export type Customer = InferResponseType<typeof one.$get, 200>;
export type CustomerKey = Customer['keys'][number];
export type Line = InferResponseType<typeof one.statement.$get, 200>['rows'][number];
export type ApiCall = InferResponseType<typeof one.calls.$get, 200>['calls'][number];
export type PriceOption = InferResponseType<typeof one.prices.$get, 200>['services'][number];

const key = 'admin-customers';
/** Where the lists of customers are kept. */
export const listKey = [key, 'list'];
/** Where a statement is kept. */
export const statementKey = (id: number) => [key, 'one', id, 'statement'];

/** The number in a path, as the server takes it. */
export const paramOf = (id: number) => ({ param: { customerId: String(id) } });

export const customerQuery = (id: number) =>
  queryOptions({ queryKey: [key, 'one', id], queryFn: () => call(one.$get(paramOf(id))) });

export const callsQuery = (id: number) =>
  queryOptions({
    queryKey: [key, 'one', id, 'calls'],
    queryFn: () => call(one.calls.$get(paramOf(id))),
    refetchInterval: 5_000,
  });

export const priceOptionsQuery = (id: number, search: string) =>
  queryOptions({
    queryKey: [key, 'one', id, 'prices', search],
    queryFn: () => call(one.prices.$get({ ...paramOf(id), query: { search } })),
  });

/** Reads anew all that is shown of customers, and payments, which are theirs. */
export function useRefreshCustomers(): () => void {
  const queryClient = useQueryClient();
  return () => {
    void queryClient.invalidateQueries({ queryKey: [key] });
    void queryClient.invalidateQueries({ queryKey: ['admin-payments'] });
  };
}
