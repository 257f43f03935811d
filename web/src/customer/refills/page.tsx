import { Anchor, Button, Select, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { InferResponseType } from 'hono/client';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { OrderLink } from '../../kit/order-link.tsx';
import { Page } from '../../kit/page.tsx';
import { usePages } from '../../kit/pages.ts';
import { StatusBadge } from '../../kit/status-badge.tsx';

type Refill = InferResponseType<typeof customerApi.refills.$get, 200>['rows'][number];
const statuses = ['Pending', 'In progress', 'Completed', 'Rejected', 'Error'] as const;

/** The refills a customer asked for, newest first. */
export default function RefillsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search: { status?: string } = useSearch({ strict: false });
  const status = statuses.find((each) => each === search.status);
  const columns = useColumns();
  const pages = usePages(
    ['refills', status ?? 'all'],
    (cursor) =>
      call(
        customerApi.refills.$get({
          query: { ...(status && { status }), ...(cursor !== undefined && { cursor }) },
        }),
      ),
    { refetchInterval: 30_000 },
  );
  const choose = (value: string | null) =>
    void navigate({ to: '/refills', search: value === null ? {} : { status: value } });
  return (
    <Page title={t('refills.title')} description={t('refills.description')}>
      <Select
        maw={260}
        label={t('orders.status')}
        placeholder={t('states.all')}
        data={statuses.map((value) => ({ value, label: t(`status.${value}`) }))}
        value={status ?? null}
        onChange={choose}
        clearable
        clearButtonProps={{ 'aria-label': t('orders.clearFilter') }}
      />
      <DataList<Refill>
        label={t('refills.title')}
        columns={columns}
        keyOf={({ id }) => String(id)}
        onOpen={({ order }) => void navigate({ to: `/orders/${order}` })}
        empty={
          <EmptyState
            icon={IconRefresh}
            title={t(status ? 'refills.noneSuch' : 'refills.none')}
            text={t('refills.noneText')}
            action={
              <Button component={Link} to="/orders" variant="default" mt="xs">
                {t('refills.toOrders')}
              </Button>
            }
          />
        }
        {...pages}
      />
    </Page>
  );
}

function useColumns(): Column<Refill>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      key: 'order',
      label: t('refills.order'),
      width: 130,
      render: ({ id, order }) => (
        <Stack gap={0}>
          <Anchor component={Link} to={`/orders/${order}`} size="sm" className="figures">
            {order}
          </Anchor>
          <Text size="xs" c="dimmed" className="figures">
            {t('refills.one', { id })}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'service',
      label: t('newOrder.service'),
      render: ({ serviceName, link }) => (
        <Stack gap={0}>
          <Text size="sm" className="long">
            {serviceName}
          </Text>
          <OrderLink link={link} linesMax={2} />
        </Stack>
      ),
    },
    {
      key: 'asked',
      label: t('refills.asked'),
      width: 190,
      isFigure: true,
      render: ({ requestedAt }) => format.moment(requestedAt),
    },
    {
      key: 'status',
      label: t('orders.status'),
      width: 130,
      render: ({ status }) => <StatusBadge status={status} />,
    },
  ];
}
