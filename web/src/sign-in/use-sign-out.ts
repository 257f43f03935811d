import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { askSignIn } from './auth.ts';

/** Ends this session here and on the server, and forgets all that was shown. */
export function useSignOut(): () => void {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    await askSignIn('sign-out', {});
    queryClient.clear();
    await navigate({ to: '/sign-in' });
  };
}
