import { queryOptions } from '@tanstack/react-query';
import type { InferRequestType, InferResponseType } from 'hono/client';
import { adminApi, call } from '../../api/client.ts';

const servicesApi = adminApi.services;
const serviceApi = servicesApi[':serviceId'];

/** All services by category: one answer, also for 10,000 of them. */
export type Catalog = InferResponseType<typeof servicesApi.$get, 200>;
export type Category = Catalog['categories'][number];
export type Service = Category['services'][number];
export type Flag = Service['flags'][number];
export type ServiceDetail = InferResponseType<typeof serviceApi.$get, 200>;
export type Route = ServiceDetail['routes'][number];
export type NewService = InferRequestType<typeof servicesApi.$post>['json'];
export type ServiceChanges = InferRequestType<typeof serviceApi.$patch>['json'];

/** What all that is shown of services begins with. */
export const servicesKey = ['admin', 'services'] as const;

export const catalogQuery = queryOptions({
  queryKey: [...servicesKey, 'all'],
  queryFn: () => call(servicesApi.$get()),
});

export const serviceQuery = (serviceId: string) =>
  queryOptions({
    queryKey: [...servicesKey, 'one', serviceId],
    queryFn: () => call(serviceApi.$get({ param: { serviceId } })),
  });

/** Writes fields of a service. */
export function updateService(id: number, json: ServiceChanges): Promise<unknown> {
  return call(serviceApi.$patch({ param: { serviceId: String(id) }, json }));
}
