import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { OrderLink } from '../../kit/order-link.tsx';
import { usePages } from '../../kit/pages.ts';
import { CustomerName, OrderNumber } from '../orders/columns.tsx';
import { restOf } from '../orders/money.ts';
import { ordersKey, refetchInterval } from '../orders/queries.ts';
import { CancelButtons } from '../orders/requests.tsx';
import { NothingWaits } from './nothing.tsx';
import type { WaitingCancel } from './queries.ts';

/** Cancellations that staff decide. */
export function CancelQueue() {
  const { t } = useTranslation('admin');
  const columns = useColumns();
  const pages = usePages<WaitingCancel>(
    [ordersKey, 'queues', 'cancels'],
    (cursor) => call(adminApi.queues.cancels.$get({ query: cursor ? { cursor } : {} })),
    { refetchInterval },
  );
  return (
    <DataList<WaitingCancel>
      label={t('queues.tabs.cancels')}
      columns={columns}
      keyOf={({ orderId }) => String(orderId)}
      empty={<NothingWaits queue="cancels" />}
      {...pages}
    />
  );
}

function useColumns(): Column<WaitingCancel>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return [
    {
      key: 'order',
      label: t('orders.columns.order'),
      width: 110,
      render: ({ orderId }) => <OrderNumber id={orderId} />,
    },
    {
      key: 'customer',
      label: t('orders.customer'),
      width: 160,
      render: ({ customer, customerId }) => <CustomerName name={customer} id={customerId} />,
    },
    {
      key: 'what',
      label: t('orders.columns.what'),
      render: ({ service, link, quantity, remains }) => (
        <Stack gap={2} miw={0}>
          <Text span size="sm" className="long">
            {format.number(quantity - remains)} / {format.number(quantity)} × {service}
          </Text>
          <OrderLink link={link} linesMax={2} />
        </Stack>
      ),
    },
    {
      key: 'note',
      label: t('queues.note'),
      width: 150,
      render: ({ provider, externalId, note }) =>
        [provider, externalId, note].filter(Boolean).join(' · ') || '–',
    },
    {
      key: 'gives',
      label: t('queues.gives'),
      isFigure: true,
      width: 130,
      render: (cancel) => format.money(restOf(cancel)),
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
      width: 200,
      render: (cancel) => (
        <CancelButtons order={{ ...cancel, id: cancel.orderId, startCount: null }} />
      ),
    },
  ];
}
