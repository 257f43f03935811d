import { queryOptions } from '@tanstack/react-query';
import type { InferResponseType } from 'hono/client';
import { adminApi, call } from '../../api/client.ts';

const factsMs = 15_000;
const progressMs = 1_000;

export const systemQuery = queryOptions({
  queryKey: ['admin', 'system'],
  queryFn: () => call(adminApi.system.$get()),
  refetchInterval: factsMs,
});

export const verifyQuery = queryOptions({
  queryKey: ['admin', 'verify'],
  queryFn: () => call(adminApi.system.verify.$get()),
  refetchInterval: (query) => (query.state.data?.running ? progressMs : factsMs),
});

export const mailsKey = ['admin', 'mails'];

export type System = InferResponseType<typeof adminApi.system.$get, 200>;
export type Run = NonNullable<InferResponseType<typeof adminApi.system.verify.$get, 200>['last']>;
export type OutboxMail = InferResponseType<typeof adminApi.system.mails.$get, 200>['rows'][number];
