import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { OrderLink } from '../../kit/order-link.tsx';
import { usePages } from '../../kit/pages.ts';
import { CustomerName, OrderNumber } from '../orders/columns.tsx';
import { ordersKey, refetchInterval, type StaffRefill } from '../orders/queries.ts';
import { RefillButtons } from '../orders/requests.tsx';
import { NothingWaits } from './nothing.tsx';

/** Refills that staff do, or pass on. */
export function RefillQueue() {
  const { t } = useTranslation('admin');
  const columns = useColumns();
  const pages = usePages<StaffRefill>(
    [ordersKey, 'queues', 'refills'],
    (cursor) => call(adminApi.queues.refills.$get({ query: cursor ? { cursor } : {} })),
    { refetchInterval },
  );
  return (
    <DataList<StaffRefill>
      label={t('queues.tabs.refills')}
      columns={columns}
      keyOf={({ id }) => String(id)}
      empty={<NothingWaits queue="refills" />}
      {...pages}
    />
  );
}

function useColumns(): Column<StaffRefill>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return [
    {
      key: 'order',
      label: t('orders.columns.order'),
      width: 130,
      render: ({ id, orderId }) => (
        <Stack gap={0}>
          <OrderNumber id={orderId} />
          <Text span size="xs" c="dimmed">
            {t('orders.refill', { id })}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'customer',
      label: t('orders.customer'),
      width: 150,
      render: ({ customer, customerId }) => <CustomerName name={customer} id={customerId} />,
    },
    {
      key: 'what',
      label: t('orders.columns.what'),
      render: ({ service, link, quantity }) => (
        <Stack gap={2} miw={0}>
          <Text span size="sm" className="long">
            {format.number(quantity)} × {service}
          </Text>
          <OrderLink link={link} linesMax={2} />
        </Stack>
      ),
    },
    {
      key: 'note',
      label: t('queues.note'),
      width: 180,
      render: ({ provider, externalOrderId, note }) =>
        [provider, externalOrderId, note].filter(Boolean).join(' · ') || '–',
    },
    {
      key: 'since',
      label: t('queues.requested'),
      width: 120,
      render: ({ requestedAt }) => format.ago(requestedAt),
    },
    {
      key: 'actions',
      label: t('orders.actions'),
      isActions: true,
      width: 320,
      render: (refill) => <RefillButtons refill={refill} />,
    },
  ];
}
