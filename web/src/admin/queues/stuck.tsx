import { Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { OrderLink } from '../../kit/order-link.tsx';
import { OrderProgress } from '../../kit/order-progress.tsx';
import { usePages } from '../../kit/pages.ts';
import { OrderNumber } from '../orders/columns.tsx';
import { ordersKey, refetchInterval } from '../orders/queries.ts';
import { NothingWaits } from './nothing.tsx';
import type { StuckOrder } from './queries.ts';

/** Orders that are slower than most of their service. */
export function StuckQueue() {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const columns = useColumns();
  const pages = usePages<StuckOrder>(
    [ordersKey, 'queues', 'stuck'],
    (cursor) => call(adminApi.queues.stuck.$get({ query: cursor ? { cursor } : {} })),
    { refetchInterval },
  );
  return (
    <DataList<StuckOrder>
      label={t('queues.tabs.stuck')}
      columns={columns}
      keyOf={({ orderId }) => String(orderId)}
      onOpen={({ orderId }) => void navigate({ to: `/admin/orders/${orderId}` })}
      empty={<NothingWaits queue="stuck" />}
      {...pages}
    />
  );
}

function useColumns(): Column<StuckOrder>[] {
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
      key: 'what',
      label: t('orders.columns.what'),
      render: ({ serviceId, service, link }) => (
        <Stack gap={2} miw={0}>
          <Text span size="sm" className="long">
            {serviceId} · {service}
          </Text>
          <OrderLink link={link} linesMax={2} />
        </Stack>
      ),
    },
    {
      key: 'provider',
      label: t('orders.delivery'),
      width: 160,
      render: ({ provider, delivery }) =>
        provider === null ? (
          t('orders.states.none')
        ) : (
          <Stack gap={2} miw={0}>
            <Text span size="sm" className="long">
              {provider}
            </Text>
            <Text span size="xs" c="dimmed">
              {t(`orders.states.${delivery ?? 'none'}`)}
            </Text>
          </Stack>
        ),
    },
    {
      key: 'progress',
      label: t('orders.columns.progress'),
      width: 150,
      render: ({ status, quantity, remains }) => (
        <OrderProgress status={status} done={quantity - remains} total={quantity} />
      ),
    },
    {
      key: 'placed',
      label: t('queues.age'),
      width: 130,
      render: ({ createdAt }) => format.ago(createdAt),
    },
    {
      key: 'since',
      label: t('queues.stuckSince'),
      width: 130,
      render: ({ stuckSince }) => format.ago(stuckSince),
    },
  ];
}
