import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ShownKey } from '../../customer/api/shown-key.tsx';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { KeyActions } from './key-actions.tsx';
import { NewKey } from './key-form.tsx';
import type { Customer, CustomerKey } from './queries.ts';

/** A customer's keys: made, replaced, limited to addresses, revoked. */
export function Keys({ customer }: { customer: Customer }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const format = useFormat();
  const [isMaking, setMaking] = useState(false);
  const [shown, setShown] = useState<string>();
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text c="dimmed" size="sm" flex="1 1 260px">
          {t('customers.keysText')}
        </Text>
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
          {words('api.newKey')}
        </Button>
      </Group>
      <DataList<CustomerKey>
        label={words('api.keys')}
        rows={customer.keys}
        keyOf={(key) => String(key.id)}
        empty={
          <EmptyState icon={IconKey} title={words('api.noKeys')} text={t('customers.noKeysText')} />
        }
        columns={[
          { key: 'name', label: words('api.name'), render: (key) => <KeyName apiKey={key} /> },
          {
            key: 'allowed',
            label: words('api.allowed'),
            render: ({ allowedAddresses: allowed }) =>
              allowed.length === 0 ? words('api.everywhere') : allowed.join(', '),
          },
          {
            key: 'created',
            label: words('api.created'),
            render: (key) => format.day(key.createdAt),
          },
          {
            key: 'used',
            label: words('api.lastUsed'),
            render: ({ lastUsedAt }) => (lastUsedAt ? format.ago(lastUsedAt) : words('api.never')),
          },
          {
            key: 'actions',
            label: words('api.actions'),
            isActions: true,
            render: (key) =>
              key.revokedAt === null && (
                <KeyActions customerId={customer.id} apiKey={key} onCreated={setShown} />
              ),
          },
        ]}
      />
      {isMaking && (
        <NewKey customerId={customer.id} onClose={() => setMaking(false)} onCreated={setShown} />
      )}
      <ShownKey value={shown} onClose={() => setShown(undefined)} />
    </Stack>
  );
}

function KeyName({ apiKey }: { apiKey: CustomerKey }) {
  const { t: words } = useTranslation();
  return (
    <Group gap="xs">
      <Text fw={600} size="sm" className="long">
        {apiKey.name}
      </Text>
      <Text ff="monospace" size="xs" c="dimmed">
        {apiKey.prefix}…
      </Text>
      {apiKey.revokedAt !== null && (
        <Badge color="gray" tt="none" className="status">
          {words('api.revoked')}
        </Badge>
      )}
    </Group>
  );
}
