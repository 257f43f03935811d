import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { KeyActions } from './key-actions.tsx';
import { KeyForm } from './key-form.tsx';
import { type ApiKey, keysQuery } from './queries.ts';
import { ShownKey } from './shown-key.tsx';

/** The customer's keys: made, replaced, limited to addresses, revoked. */
export function Keys() {
  const { t } = useTranslation();
  const format = useFormat();
  const keys = useQuery(keysQuery);
  const [isMaking, setMaking] = useState(false);
  const [shown, setShown] = useState<string>();
  const make = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
      {t('api.newKey')}
    </Button>
  );
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text c="dimmed" size="sm">
          {t('api.keysText')}
        </Text>
        {make}
      </Group>
      <DataList<ApiKey>
        label={t('api.keys')}
        rows={keys.data?.keys}
        keyOf={(key) => String(key.id)}
        error={keys.error}
        onRetry={() => void keys.refetch()}
        empty={<EmptyState icon={IconKey} title={t('api.noKeys')} text={t('api.noKeysText')} />}
        columns={[
          { key: 'name', label: t('api.name'), render: (key) => <KeyName apiKey={key} /> },
          {
            key: 'allowed',
            label: t('api.allowed'),
            render: ({ allowedAddresses }) =>
              allowedAddresses.length === 0 ? t('api.everywhere') : allowedAddresses.join(', '),
          },
          { key: 'created', label: t('api.created'), render: (key) => format.day(key.createdAt) },
          {
            key: 'used',
            label: t('api.lastUsed'),
            render: ({ lastUsedAt }) => (lastUsedAt ? format.ago(lastUsedAt) : t('api.never')),
          },
          {
            key: 'actions',
            label: t('api.actions'),
            isActions: true,
            render: (key) =>
              key.revokedAt === null && <KeyActions apiKey={key} onCreated={setShown} />,
          },
        ]}
      />
      <KeyForm isOpen={isMaking} onClose={() => setMaking(false)} onCreated={setShown} />
      <ShownKey value={shown} onClose={() => setShown(undefined)} />
    </Stack>
  );
}

function KeyName({ apiKey }: { apiKey: ApiKey }) {
  const { t } = useTranslation();
  return (
    <Group gap="xs">
      <Text fw={600} size="sm" className="long">
        {apiKey.name}
      </Text>
      <Text ff="monospace" size="xs" c="dimmed">
        {apiKey.prefix}…
      </Text>
      {apiKey.revokedAt !== null && (
        <Badge color="gray" tt="none">
          {t('api.revoked')}
        </Badge>
      )}
    </Group>
  );
}
