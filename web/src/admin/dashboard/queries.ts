import { queryOptions } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { adminApi, call } from '../../api/client.ts';

export const spans = ['7', '30', '90', '365'] as const;
export type Span = (typeof spans)[number];

export type Figures = InferResponseType<typeof adminApi.dashboard.$get, 200>;
export type Day = Figures['days'][number];
/** A day of one provider: it has all but the money that came in. */
export type DayOf = Omit<Day, 'deposits' | 'bonuses' | 'adjustments'>;
export type ByProvider = Figures['providers'][number];
export type ByService = Figures['services'][number];

/** The running day is summed up once a minute. */
const refetchInterval = 60_000;

/** What the last days came to. */
export const figuresQuery = (days: Span) =>
  queryOptions({
    queryKey: ['admin-dashboard', days],
    queryFn: () => call(adminApi.dashboard.$get({ query: { days } })),
    refetchInterval,
  });

/** How a provider, or staff themselves, is named in an address. */
export const keyOf = ({ providerId }: Pick<ByProvider, 'providerId'>) =>
  String(providerId ?? 'staff');

/** What one provider delivered, by day. */
export const daysOfQuery = (days: Span, provider: string) =>
  queryOptions({
    queryKey: ['admin-dashboard', days, provider],
    queryFn: () => call(adminApi.dashboard.days.$get({ query: { days, provider } })),
    refetchInterval,
  });
