import { queryOptions } from '@tanstack/react-query';
import type { InferRequestType, InferResponseType } from 'hono/client';
import { adminApi, call } from '../../api/client.ts';

export type StaffOrder = InferResponseType<typeof adminApi.orders.$get, 200>['rows'][number];
export type OrderDetail = InferResponseType<(typeof adminApi.orders)[':orderId']['$get'], 200>;
export type StaffRefill = OrderDetail['refills'][number];
export type Attempt = OrderDetail['attempts'][number];
export type Evidence = NonNullable<Attempt['evidence']>;
export type Decision = InferRequestType<
  (typeof adminApi.orders)[':orderId']['decide']['$post']
>['json'];
export type BulkAct = InferRequestType<typeof adminApi.orders.bulk.$post>['json']['act'];
export type BulkResults = InferResponseType<typeof adminApi.orders.bulk.$post, 200>['results'];

/** What waits for staff and what they look at is read again as often as this. */
export const refetchInterval = 15_000;
const choicesStaleMs = 5 * 60_000;

/** What all queries of orders and queues begin with: a command makes all of them old. */
export const ordersKey = 'admin-orders';

export const choicesQuery = queryOptions({
  queryKey: ['admin-order-choices'],
  queryFn: () => call(adminApi.orders.choices.$get()),
  staleTime: choicesStaleMs,
});

/** One order, whole. */
export const orderQuery = (orderId: string) =>
  queryOptions({
    queryKey: [ordersKey, 'one', orderId],
    queryFn: () => call(adminApi.orders[':orderId'].$get({ param: { orderId } })),
    refetchInterval,
  });
