import { queryOptions } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { adminApi, call } from '../../api/client.ts';

export const settingsQuery = queryOptions({
  queryKey: ['admin', 'settings'],
  queryFn: () => call(adminApi.settings.$get()),
});

export const linksQuery = queryOptions({
  queryKey: ['admin', 'settings', 'blocked-links'],
  queryFn: () => call(adminApi.settings['blocked-links'].$get()),
});

export const alarmsQuery = queryOptions({
  queryKey: ['admin', 'settings', 'alarms'],
  queryFn: () => call(adminApi.settings.alarms.$get()),
});

export const retentionQuery = queryOptions({
  queryKey: ['admin', 'settings', 'retention'],
  queryFn: () => call(adminApi.settings.retention.$get()),
});

export type Retention = InferResponseType<typeof adminApi.settings.retention.$get, 200>;
export type AlarmSettings = InferResponseType<typeof adminApi.settings.alarms.$get, 200>;
export type Settings = InferResponseType<typeof adminApi.settings.$get, 200>;
/** What can be changed one by one; the logo goes another way. */
export type Changeable = Omit<Settings, 'logoVersion' | 'canChangeCurrency' | 'mailMode'>;
