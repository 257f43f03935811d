import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { ErrorState } from './error-state.tsx';

/** What stands where a page could not be drawn, or what its route asks for did not come. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const queries = useQueryErrorResetBoundary();
  const retry = () => {
    // Without it what a page waits for would not be asked for again.
    queries.reset();
    reset();
    // What the route itself asks for.
    void router.invalidate();
  };
  return <ErrorState error={error} reset={retry} isPage />;
}
