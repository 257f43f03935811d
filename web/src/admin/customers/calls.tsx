import { Badge, Text } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { type ApiCall, type Customer, callsQuery } from './queries.ts';

/** The last calls with a customer's keys, and why some were refused. */
export function Calls({ customer }: { customer: Customer }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const format = useFormat();
  const calls = useQuery(callsQuery(customer.id));
  const nameOf = (id: number) => customer.keys.find((key) => key.id === id)?.name ?? `#${id}`;
  const rows = calls.data?.calls.map((call, place) => ({ ...call, place }));
  return (
    <DataList<ApiCall & { place: number }>
      label={words('api.calls')}
      rows={rows}
      keyOf={(row) => `${row.at} ${row.place}`}
      error={calls.error}
      onRetry={() => void calls.refetch()}
      empty={
        <EmptyState
          icon={IconPlugConnected}
          title={words('api.noCalls')}
          text={t('customers.noCallsText')}
        />
      }
      columns={[
        { key: 'at', label: words('api.at'), render: (row) => format.moment(row.at) },
        { key: 'key', label: words('api.key'), render: (row) => nameOf(row.keyId) },
        {
          key: 'action',
          label: words('api.action'),
          render: (row) => (
            <Text ff="monospace" size="sm">
              {row.action}
            </Text>
          ),
        },
        { key: 'address', label: words('api.address'), render: (row) => row.address },
        {
          key: 'result',
          label: words('api.result'),
          render: ({ refusal }) =>
            refusal === null ? (
              <Badge color="teal" tt="none" className="status">
                {words('api.done')}
              </Badge>
            ) : (
              <Text size="sm" className="loss">
                {refusal}
              </Text>
            ),
        },
      ]}
    />
  );
}
