import { queryOptions } from '@tanstack/react-query';
import { accountApi, call } from '../api/client.ts';
import { askSignIn } from '../sign-in/auth.ts';

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: () => call(accountApi.sessions.$get()),
});

export type Passkey = { id: string; name?: string | null; createdAt?: string | null };

export const passkeysQuery = queryOptions({
  queryKey: ['passkeys'],
  queryFn: () => askSignIn<Passkey[]>('passkey/list-user-passkeys'),
});
