import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import type { ByProvider, ByService } from './queries.ts';
import { useDuration } from './use-duration.ts';

/** What each provider, and staff themselves, delivered. */
export function ProvidersTable({ rows }: { rows: readonly ByProvider[] }) {
  const { t } = useTranslation('admin');
  const shared = useSharedColumns();
  const name: Column<ByProvider> = {
    key: 'name',
    label: t('dashboard.provider'),
    render: (row) =>
      row.providerId === null ? (
        t('dashboard.byStaff')
      ) : (
        <Anchor
          size="sm"
          renderRoot={(props) => <Link to={`/admin/providers/${row.providerId}`} {...props} />}
        >
          {row.name}
        </Anchor>
      ),
  };
  return (
    <DataList
      label={t('dashboard.byProvider')}
      columns={[name, ...shared]}
      rows={rows}
      keyOf={({ providerId }) => String(providerId)}
      empty={<Nothing />}
    />
  );
}

/** The services with the most revenue. */
export function ServicesTable({ rows }: { rows: readonly ByService[] }) {
  const { t } = useTranslation('admin');
  const shared = useSharedColumns();
  const name: Column<ByService> = {
    key: 'name',
    label: t('dashboard.service'),
    render: ({ serviceId, name: text }) => (
      <Anchor
        size="sm"
        renderRoot={(props) => <Link to={`/admin/services/${serviceId}`} {...props} />}
      >
        {serviceId} · {text}
      </Anchor>
    ),
  };
  return (
    <DataList
      label={t('dashboard.byService')}
      columns={[name, ...shared]}
      rows={rows}
      keyOf={({ serviceId }) => String(serviceId)}
      empty={<Nothing />}
    />
  );
}

function useSharedColumns(): Column<ByProvider | ByService>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const duration = useDuration();
  const figure = { isFigure: true } as const;
  return [
    {
      ...{ key: 'orders', label: t('dashboard.orders'), ...figure },
      render: ({ orders }) => format.number(orders),
    },
    {
      ...{ key: 'revenue', label: t('dashboard.revenue'), ...figure },
      render: ({ revenue }) => format.moneySum(revenue),
    },
    {
      ...{ key: 'cost', label: t('dashboard.cost'), ...figure },
      render: ({ cost, uncosted }) => (
        <>
          {format.moneySum(cost)}
          {uncosted > 0 && (
            <Text size="xs" c="dimmed">
              {t('dashboard.uncostedOf', { count: uncosted })}
            </Text>
          )}
        </>
      ),
    },
    {
      ...{ key: 'margin', label: t('dashboard.margin'), ...figure },
      render: ({ margin }) => format.moneySum(margin),
    },
    {
      ...{ key: 'time', label: t('dashboard.medianTime'), ...figure },
      render: ({ medianSeconds }) => duration(medianSeconds),
    },
    {
      ...{ key: 'failures', label: t('dashboard.failureRate'), ...figure },
      render: ({ attempts, failures }) =>
        attempts === 0 ? '–' : format.percent(failures / attempts),
    },
  ];
}

function Nothing() {
  const { t } = useTranslation('admin');
  return (
    <Text size="sm" c="dimmed" p="md">
      {t('dashboard.nothing')}
    </Text>
  );
}
