import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { adminApi, call } from '../../api/client.ts';
import { KeyButtons } from '../../kit/key-buttons.tsx';
import { useShowProblem } from '../../kit/problems.ts';
import { KeyAddresses } from './key-form.tsx';
import { type CustomerKey, paramOf, useRefreshCustomers } from './queries.ts';

const keyApi = adminApi.customers[':customerId'].keys[':keyId'];

type Props = { customerId: number; apiKey: CustomerKey; onCreated: (key: string) => void };

/** What staff do with a customer's key in use. */
export function KeyActions({ customerId, apiKey, onCreated }: Props) {
  const [isLimiting, setLimiting] = useState(false);
  const param = { ...paramOf(customerId).param, keyId: String(apiKey.id) };
  const shared = { onError: useShowProblem(), onSettled: useRefreshCustomers() };
  const rotating = useMutation({
    ...shared,
    mutationFn: () => call(keyApi.rotate.$post({ param })),
    onSuccess: ({ key }) => onCreated(key),
  });
  const revoking = useMutation({ ...shared, mutationFn: () => call(keyApi.$delete({ param })) });
  return (
    <KeyButtons
      name={apiKey.name}
      onAddresses={() => setLimiting(true)}
      rotating={rotating}
      revoking={revoking}
    >
      {isLimiting && (
        <KeyAddresses customerId={customerId} apiKey={apiKey} onClose={() => setLimiting(false)} />
      )}
    </KeyButtons>
  );
}
