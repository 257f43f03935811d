import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { IconBuildingFactory2, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { Page } from '../../kit/page.tsx';
import { RowLink } from '../row-link.tsx';
import { StateBadges } from './badges.tsx';
import { type ProviderRow, providersQuery } from './queries.ts';
import { useFigures } from './use-figures.ts';

/** The panels that deliver, and how each of them does. */
export default function ProvidersPage() {
  const { t } = useTranslation('admin');
  const navigate = useNavigate();
  const columns = useColumns();
  const { data, error, refetch } = useQuery(providersQuery);
  return (
    <Page title={t('providers.title')} description={t('providers.description')} actions={<Add />}>
      <DataList<ProviderRow>
        label={t('providers.title')}
        columns={columns}
        rows={data?.providers}
        keyOf={({ id }) => String(id)}
        error={error}
        onRetry={() => void refetch()}
        onOpen={({ id }) => void navigate({ to: `/admin/providers/${id}` })}
        empty={
          <EmptyState
            icon={IconBuildingFactory2}
            title={t('providers.empty')}
            text={t('providers.emptyText')}
            action={<Add />}
          />
        }
      />
    </Page>
  );
}

function Add() {
  const { t } = useTranslation('admin');
  return (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      renderRoot={(props) => <Link to={'/admin/providers/new' as string} {...props} />}
    >
      {t('providers.add')}
    </Button>
  );
}

function useColumns(): Column<ProviderRow>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const figures = useFigures();
  return [
    { key: 'name', label: t('providers.name'), render: (row) => <Name row={row} /> },
    {
      key: 'state',
      label: t('providers.state'),
      render: (row) => <StateBadges provider={row} />,
    },
    {
      key: 'balance',
      label: t('providers.balance'),
      isFigure: true,
      render: (row) => <Balance row={row} />,
    },
    {
      key: 'health',
      label: t('providers.errors'),
      isFigure: true,
      render: (row) => (
        <Stack gap={0} align="flex-end">
          <Text span size="sm">
            {figures.errors(row)}
          </Text>
          <Text span size="xs" c="dimmed">
            {row.calls === 0 ? t('providers.noCallsToday') : figures.median(row)}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'orders',
      label: t('providers.openOrders'),
      isFigure: true,
      render: (row) => <Orders row={row} />,
    },
    {
      key: 'spent',
      label: t('providers.spentMonth'),
      isFigure: true,
      render: ({ spentMonth, spentToday }) => (
        <Stack gap={0} align="flex-end">
          <Text span size="sm">
            {format.moneySum(spentMonth)}
          </Text>
          <Text span size="xs" c="dimmed">
            {t('providers.today', { amount: format.moneySum(spentToday) })}
          </Text>
        </Stack>
      ),
    },
  ];
}

function Name({ row: { id, name, url } }: { row: ProviderRow }) {
  return (
    <Stack gap={0}>
      <RowLink to={`/admin/providers/${id}`} name={name} />
      <Text size="xs" c="dimmed" className="long">
        {URL.canParse(url) ? new URL(url).host : url}
      </Text>
    </Stack>
  );
}

function Balance({ row }: { row: ProviderRow }) {
  const { t } = useTranslation('admin');
  const figures = useFigures();
  const { balance, balanceLowMark, isBalanceLow, currency } = row;
  return (
    <Stack gap={2} align="flex-end">
      <Group gap={6} wrap="nowrap">
        {isBalanceLow && (
          <Badge color="orange" tt="none" miw="max-content">
            {t('providers.balanceLow')}
          </Badge>
        )}
        <Text span size="sm" fw={600} {...(balance === null && { c: 'dimmed', fw: 400 })}>
          {figures.ownMoney(balance, currency)}
        </Text>
      </Group>
      {balanceLowMark !== null && (
        <Text span size="xs" c="dimmed">
          {t('providers.lowBelow', { amount: figures.ownMoney(balanceLowMark, currency) })}
        </Text>
      )}
    </Stack>
  );
}

function Orders({ row: { orders } }: { row: ProviderRow }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const forStaff = orders.held + orders.unknown;
  return (
    <Stack gap={0} align="flex-end">
      <Text span size="sm">
        {t('providers.dueAndRunning', {
          due: format.number(orders.due + orders.inFlight),
          following: format.number(orders.following),
        })}
      </Text>
      {forStaff > 0 && (
        <Text span size="xs" className="loss">
          {t('providers.forStaff', { count: forStaff })}
        </Text>
      )}
    </Stack>
  );
}
