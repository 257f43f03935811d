import { Button, Group, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useShowProblem } from '../../kit/problems.ts';
import { KeyAddresses } from './key-form.tsx';
import { type CustomerKey, paramOf, useRefreshCustomers } from './queries.ts';

const keyApi = adminApi.customers[':customerId'].keys[':keyId'];

type Props = { customerId: number; apiKey: CustomerKey; onCreated: (key: string) => void };

/** What staff do with a customer's key in use. */
export function KeyActions({ customerId, apiKey, onCreated }: Props) {
  const { t: words } = useTranslation();
  const [isLimiting, setLimiting] = useState(false);
  const param = { ...paramOf(customerId).param, keyId: String(apiKey.id) };
  const shared = { onError: useShowProblem(), onSettled: useRefreshCustomers() };
  const rotating = useMutation({
    ...shared,
    mutationFn: () => call(keyApi.rotate.$post({ param })),
    onSuccess: ({ key }) => onCreated(key),
  });
  const revoking = useMutation({ ...shared, mutationFn: () => call(keyApi.$delete({ param })) });
  const ask = (act: 'rotate' | 'revoke', onConfirm: () => void) =>
    modals.openConfirmModal({
      title: `${words(`api.${act}`)}: ${apiKey.name}`,
      children: <Text size="sm">{words(`api.${act}Text`)}</Text>,
      labels: { confirm: words(`api.${act}`), cancel: words('states.cancel') },
      confirmProps: { color: 'red' },
      onConfirm,
    });
  return (
    <Group gap={4} justify="flex-end">
      <Button variant="subtle" size="compact-sm" onClick={() => setLimiting(true)}>
        {words('api.addresses')}
      </Button>
      <Button
        variant="subtle"
        size="compact-sm"
        loading={rotating.isPending}
        onClick={() => ask('rotate', rotating.mutate)}
      >
        {words('api.rotate')}
      </Button>
      <Button
        variant="subtle"
        color="red"
        size="compact-sm"
        loading={revoking.isPending}
        onClick={() => ask('revoke', revoking.mutate)}
      >
        {words('api.revoke')}
      </Button>
      {isLimiting && (
        <KeyAddresses customerId={customerId} apiKey={apiKey} onClose={() => setLimiting(false)} />
      )}
    </Group>
  );
}
