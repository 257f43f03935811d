import { queryOptions } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { call, customerApi } from '../../api/client.ts';

export type ApiKey = InferResponseType<typeof customerApi.keys.$get, 200>['keys'][number];
export type ApiCall = InferResponseType<typeof customerApi.calls.$get, 200>['calls'][number];

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: () => call(customerApi.keys.$get()),
});

export const callsQuery = queryOptions({
  queryKey: ['calls'],
  queryFn: () => call(customerApi.calls.$get()),
  refetchInterval: 5_000,
});
