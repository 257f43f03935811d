import { queryOptions } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { adminApi, call } from '../../api/client.ts';
import { ordersKey, refetchInterval } from '../orders/queries.ts';

export const deliveryQueues = ['unknown', 'held', 'margin', 'flagged', 'late'] as const;
export type DeliveryQueue = (typeof deliveryQueues)[number];
export const queueNames = [...deliveryQueues, 'refills', 'cancels', 'prices', 'stuck'] as const;
export type QueueName = (typeof queueNames)[number];

export type QueuedOrder = InferResponseType<
  typeof adminApi.queues.deliveries.$get,
  200
>['rows'][number];
export type WaitingCancel = InferResponseType<
  typeof adminApi.queues.cancels.$get,
  200
>['rows'][number];
export type StuckOrder = InferResponseType<typeof adminApi.queues.stuck.$get, 200>['rows'][number];

/** How much waits in each queue. */
export const countsQuery = queryOptions({
  queryKey: [ordersKey, 'queues', 'counts'],
  queryFn: () => call(adminApi.queues.$get()),
  refetchInterval,
});
