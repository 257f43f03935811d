import { Anchor, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import type { Column } from '../../kit/data-list.tsx';
import { OrderLink } from '../../kit/order-link.tsx';
import { OrderProgress } from '../../kit/order-progress.tsx';
import { StatusBadge } from '../../kit/status-badge.tsx';
import { DeliveryBadge } from './delivery-state.tsx';
import type { StaffOrder } from './queries.ts';

/** How an order stands in a list of all customers'. */
export function useOrderColumns(): Column<StaffOrder>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return [
    {
      key: 'order',
      label: t('orders.columns.order'),
      width: 165,
      render: (order) => <Heading order={order} />,
    },
    {
      key: 'customer',
      label: t('orders.customer'),
      width: 115,
      render: ({ customer, customerId }) => <CustomerName name={customer} id={customerId} />,
    },
    {
      key: 'what',
      label: t('orders.columns.what'),
      render: ({ serviceId, service, link }) => (
        <Stack gap={2} miw={150}>
          <Text span size="sm" className="long">
            <Text span c="dimmed" className="figures">
              {serviceId}
            </Text>{' '}
            {service}
          </Text>
          <OrderLink link={link} linesMax={1} />
        </Stack>
      ),
    },
    {
      key: 'delivery',
      label: t('orders.delivery'),
      width: 140,
      // A drip-feed's runs and a subscription's posts are delivered, each by itself.
      render: ({ delivery, kind }) =>
        delivery === null && kind !== 'single' ? '–' : <DeliveryBadge delivery={delivery} />,
    },
    {
      key: 'money',
      label: t('orders.columns.money'),
      isFigure: true,
      width: 130,
      render: ({ charge, refunded }) => (
        <Stack gap={0} align="flex-end">
          <Text span size="sm" fw={600}>
            {format.money(charge)}
          </Text>
          {Number(refunded) > 0 && (
            <Text span size="xs" c="dimmed">
              {t('orders.columns.refunded', { amount: format.money(refunded) })}
            </Text>
          )}
        </Stack>
      ),
    },
    {
      key: 'status',
      label: t('orders.status'),
      width: 130,
      render: ({ status, quantity, remains, kind }) => (
        <Stack gap={4} align="flex-start" miw={98}>
          <StatusBadge status={status} />
          {kind !== 'subscription' && (
            <OrderProgress status={status} done={quantity - remains} total={quantity} />
          )}
        </Stack>
      ),
    },
  ];
}

function Heading({ order: { id, kind, parentId, createdAt } }: { order: StaffOrder }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return (
    <Stack gap={0}>
      <Group gap={6}>
        <OrderNumber id={id} />
        {kind !== 'single' && (
          <Text span size="xs" c="dimmed">
            {t(`orders.kinds.${kind}`)}
          </Text>
        )}
        {parentId !== null && (
          <Text span size="xs" c="dimmed">
            {t('orders.partOf', { id: parentId })}
          </Text>
        )}
      </Group>
      <Text span size="xs" c="dimmed" className="figures one-line">
        {format.moment(createdAt)}
      </Text>
    </Stack>
  );
}

/** An order's number, leading to its page. */
export function OrderNumber({ id }: { id: number }) {
  return (
    <Anchor
      renderRoot={(props) => <Link to={`/admin/orders/${id}` as string} {...props} />}
      size="sm"
      fw={600}
      className="figures"
      onClick={(event) => event.stopPropagation()}
    >
      {id}
    </Anchor>
  );
}

/** Whose an order is, leading to all of theirs. */
export function CustomerName({ name, id }: { name: string; id: number }) {
  return (
    <Anchor
      renderRoot={(props) => <Link to="/admin/orders" search={{ customer: id }} {...props} />}
      size="sm"
      className="long"
      onClick={(event) => event.stopPropagation()}
    >
      <Text span c="dimmed" size="sm" className="figures">
        {id}
      </Text>{' '}
      {name}
    </Anchor>
  );
}
