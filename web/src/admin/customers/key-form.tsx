import { Button, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { readAddresses } from '../../customer/api/addresses.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { type CustomerKey, paramOf, useRefreshCustomers } from './queries.ts';

const keysApi = adminApi.customers[':customerId'].keys;

type NewProps = { customerId: number; onClose: () => void; onCreated: (key: string) => void };

/** Makes a key for a customer. */
export function NewKey({ customerId, onClose, onCreated }: NewProps) {
  const { t: words } = useTranslation();
  const refresh = useRefreshCustomers();
  const [name, setName] = useState('');
  const [addresses, setAddresses] = useState('');
  const making = useMutation({
    mutationFn: () =>
      call(
        keysApi.$post({
          ...paramOf(customerId),
          json: { name, allowedAddresses: readAddresses(addresses) },
        }),
      ),
    onSuccess: ({ key }) => {
      refresh();
      onClose();
      onCreated(key);
    },
  });
  return (
    <Modal opened onClose={onClose} title={words('api.newKey')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          making.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput
            label={words('api.name')}
            description={words('api.nameHint')}
            required
            maxLength={100}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <AddressesField value={addresses} onChange={setAddresses} />
          <ProblemAlert error={making.error} />
          <Button type="submit" loading={making.isPending}>
            {words('api.newKey')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

type LimitProps = { customerId: number; apiKey: CustomerKey; onClose: () => void };

/** Says from where a key works. */
export function KeyAddresses({ customerId, apiKey, onClose }: LimitProps) {
  const { t: words } = useTranslation();
  const refresh = useRefreshCustomers();
  const [text, setText] = useState(apiKey.allowedAddresses.join('\n'));
  const saving = useMutation({
    mutationFn: () =>
      call(
        keysApi[':keyId'].addresses.$put({
          param: { ...paramOf(customerId).param, keyId: String(apiKey.id) },
          json: { allowedAddresses: readAddresses(text) },
        }),
      ),
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={`${words('api.addresses')}: ${apiKey.name}`}>
      <Stack gap="md">
        <AddressesField value={text} onChange={setText} />
        <ProblemAlert error={saving.error} />
        <Button loading={saving.isPending} onClick={() => saving.mutate()}>
          {words('states.save')}
        </Button>
      </Stack>
    </Modal>
  );
}

function AddressesField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const { t: words } = useTranslation();
  return (
    <Textarea
      label={words('api.allowed')}
      description={words('api.addressesHint')}
      autosize
      minRows={2}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
