import { Anchor, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import type { Column } from '../../kit/data-list.tsx';
import { OrderLink } from '../../kit/order-link.tsx';
import { OrderProgress } from '../../kit/order-progress.tsx';
import { StatusBadge } from '../../kit/status-badge.tsx';
import { parseDecimal } from '../../money.ts';
import type { OrderRow } from './queries.ts';
import { RowActions } from './row-actions.tsx';

/** The columns of a list of orders. */
export function useOrderColumns(): Column<OrderRow>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      key: 'order',
      label: t('orders.order'),
      width: 170,
      render: ({ id, createdAt }) => (
        <Stack gap={0}>
          <Anchor component={Link} to={`/orders/${id}`} size="sm" fw={600} className="figures">
            {id}
          </Anchor>
          <Text size="xs" c="dimmed" className="figures one-line">
            {format.moment(createdAt)}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'service',
      label: t('newOrder.service'),
      render: (row) => <Subject row={row} />,
    },
    {
      key: 'progress',
      label: t('orders.progress'),
      width: 150,
      render: (row) => <RowProgress row={row} />,
    },
    {
      key: 'charge',
      label: t('newOrder.charge'),
      width: 130,
      isFigure: true,
      render: (row) => <Charge row={row} />,
    },
    {
      key: 'status',
      label: t('orders.status'),
      width: 120,
      render: ({ status }) => <StatusBadge status={status} />,
    },
    {
      key: 'actions',
      label: t('orders.actions'),
      width: 100,
      isActions: true,
      render: (row) => <RowActions row={row} />,
    },
  ];
}

function Subject({ row: { serviceName, link, parent, run } }: { row: OrderRow }) {
  const { t } = useTranslation();
  return (
    <Stack gap={2} align="flex-start" miw={180}>
      <Text size="sm" className="long" ta="start">
        {serviceName}
      </Text>
      <OrderLink link={link} linesMax={2} />
      {parent !== null && (
        <Group gap={4}>
          <Text size="xs" c="dimmed">
            {t('orders.runOf', { run: run ?? 0 })}
          </Text>
          <Anchor
            component={Link}
            to={`/orders/${parent}`}
            size="xs"
            className="figures"
            onClick={(event) => event.stopPropagation()}
          >
            {parent}
          </Anchor>
        </Group>
      )}
    </Stack>
  );
}

function RowProgress({ row }: { row: OrderRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { kind, status, quantity, remains, parts } = row;
  if (kind === 'subscription') {
    const total = parts?.total ?? null;
    return (
      <Stack gap={2}>
        <OrderProgress status={status} done={parts?.done ?? 0} total={total} />
        <Text size="xs" c="dimmed">
          {t(total === null ? 'orders.postsWithoutEnd' : 'orders.posts')}
        </Text>
      </Stack>
    );
  }
  return (
    <Stack gap={2}>
      <OrderProgress status={status} done={quantity - remains} total={quantity} />
      {parts?.total != null && (
        <Text size="xs" c="dimmed" className="figures">
          {t('orders.runsOf', {
            done: format.number(parts.done),
            total: format.number(parts.total),
          })}
        </Text>
      )}
    </Stack>
  );
}

function Charge({ row: { kind, charge, refunded } }: { row: OrderRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (kind === 'subscription') {
    return (
      <Text size="xs" c="dimmed">
        {t('orders.perPostCharge')}
      </Text>
    );
  }
  return (
    <Stack gap={0}>
      <Text size="sm" className="figures">
        {format.money(charge)}
      </Text>
      {parseDecimal(refunded) !== 0n && (
        <Text size="xs" c="dimmed" className="figures">
          {t('orders.refundedAmount', { amount: format.money(refunded) })}
        </Text>
      )}
    </Stack>
  );
}
