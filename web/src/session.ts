import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import type { InferResponseType } from 'hono/client';
import { useEffect } from 'react';
import { call, customerApi } from './api/client.ts';

/** Who looks at which panel: one answer, asked before the first page is drawn. */
export type Session = InferResponseType<typeof customerApi.session.$get, 200>;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => call(customerApi.session.$get()),
  staleTime: 30_000,
});

/** The panel's own facts, and who is signed in (null: nobody). */
export function usePanel(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/**
 * Leaves pages that are not, or no longer, for who is signed in: a session may end, or become
 * another's, elsewhere. Their route says where to go instead.
 */
export function useSignedOut(isLeaving: boolean): void {
  const router = useRouter();
  useEffect(() => {
    if (isLeaving) void router.invalidate();
  }, [router, isLeaving]);
}

/** The customer whose pages these are. @throws outside the pages of customers */
export function useCustomer() {
  const customer = usePanel().signedIn?.customer;
  if (customer == null) throw new Error('this page is for customers');
  return customer;
}
