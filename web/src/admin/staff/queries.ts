import { queryOptions } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { adminApi, call } from '../../api/client.ts';

export const staffQuery = queryOptions({
  queryKey: ['admin', 'staff'],
  queryFn: () => call(adminApi.staff.$get()),
});

type Staff = InferResponseType<typeof adminApi.staff.$get, 200>;
export type Member = Staff['members'][number];
export type Area = Member['areas'][number];

/** The parts of the panel, in the menu's order. */
export const areas: readonly Area[] = [
  'orders',
  'customers',
  'payments',
  'services',
  'providers',
  'staff',
  'settings',
  'audit',
  'system',
];
