import { queryOptions } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { call, customerApi } from '../../api/client.ts';

const orderApi = customerApi.orders[':orderId'];

/** One order with all that belongs to it. */
export type OrderAnswer = InferResponseType<typeof orderApi.$get, 200>;
export type Order = OrderAnswer['order'];
/** An order as lists have it. */
export type OrderRow = InferResponseType<typeof customerApi.orders.$get, 200>['rows'][number];

/** One order, by its number as the address has it. */
export function orderQuery(orderId: string) {
  return queryOptions({
    queryKey: ['orders', 'one', orderId],
    queryFn: () => call(orderApi.$get({ param: { orderId } })),
    // Its orders' changes are told at once; what becomes of refills and cancellations is not.
    refetchInterval: 30_000,
  });
}
