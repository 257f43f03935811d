import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorState } from './error-state.tsx';
import { PageSkeleton } from './page-skeleton.tsx';

type Props<Data> = {
  query: Pick<UseQueryResult<Data>, 'data' | 'error' | 'refetch'>;
  /** What stands there until the first answer; else the skeleton of a page. */
  waiting?: ReactNode;
  children: (data: Data) => ReactNode;
};

/**
 * What a query answered, or why there is nothing. What is there stays when it is asked for again in
 * vain: somebody may be writing into it.
 */
export function Loaded<Data>({ query, waiting = <PageSkeleton />, children }: Props<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) return waiting;
  return <ErrorState error={query.error} reset={() => void query.refetch()} />;
}
