import { Badge, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { type ApiCall, callsQuery, keysQuery } from './queries.ts';

/** The last calls with this customer's keys, and why some were refused. */
export function Calls() {
  const { t } = useTranslation();
  const format = useFormat();
  const calls = useQuery(callsQuery);
  const keys = useQuery(keysQuery);
  const nameOf = (id: number) => keys.data?.keys.find((key) => key.id === id)?.name ?? `#${id}`;
  const rows = calls.data?.calls.map((call, place) => ({ ...call, place }));
  return (
    <DataList<ApiCall & { place: number }>
      label={t('api.calls')}
      rows={rows}
      keyOf={(row) => `${row.at} ${row.place}`}
      error={calls.error}
      onRetry={() => void calls.refetch()}
      empty={<EmptyState title={t('api.noCalls')} text={t('api.noCallsText')} />}
      columns={[
        { key: 'at', label: t('api.at'), render: (row) => format.moment(row.at) },
        { key: 'key', label: t('api.key'), render: (row) => nameOf(row.keyId) },
        {
          key: 'action',
          label: t('api.action'),
          render: (row) => (
            <Text ff="monospace" size="sm">
              {row.action}
            </Text>
          ),
        },
        { key: 'address', label: t('api.address'), render: (row) => row.address },
        {
          key: 'result',
          label: t('api.result'),
          render: ({ refusal }) =>
            refusal === null ? (
              <Badge color="teal" tt="none">
                {t('api.done')}
              </Badge>
            ) : (
              <Text size="sm" c="red">
                {refusal}
              </Text>
            ),
        },
      ]}
    />
  );
}
