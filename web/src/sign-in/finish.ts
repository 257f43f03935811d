import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { sessionQuery } from '../session.ts';

/** Goes on to where the reader wanted to go, as who they are now. */
export function useFinishSignIn(): () => Promise<void> {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { to }: { to?: string } = useSearch({ strict: false });
  return async () => {
    queryClient.clear();
    const { signedIn } = await queryClient.fetchQuery(sessionQuery);
    const home = signedIn?.staff ? '/admin' : '/';
    // Only our own addresses: a link could carry another.
    const isOwn = to !== undefined && /^\/(?![/\\])/.test(to);
    await navigate({ to: isOwn ? to : home });
  };
}
