import { Group, SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../../kit/search-field.tsx';
import { offerQuery } from '../services.ts';
import { type OrderSearch, orderKinds, orderStatuses } from './search.ts';

const servicesShownMax = 60;

type Props = { search: OrderSearch; onChange: (search: OrderSearch) => void };

/** What narrows the list of orders down. */
export function OrderFilters({ search, onChange }: Props) {
  const { t } = useTranslation();
  const { status, kind, service, search: words = '' } = search;
  const statuses = orderStatuses.map((value) => ({ value, label: t(`status.${value}`) }));
  const change = (changes: Partial<Record<keyof OrderSearch, unknown>>) =>
    onChange({ ...search, ...changes } as OrderSearch); // the list reads what is put there here
  return (
    <Group gap="sm" align="flex-end">
      <SearchField
        label={t('states.search')}
        placeholder={t('orders.searchFor')}
        value={words}
        onChange={(text) => change({ search: text })}
      />
      <Select
        flex="1 1 150px"
        label={t('orders.status')}
        placeholder={t('states.all')}
        data={statuses}
        value={status ?? null}
        onChange={(value) => change({ status: value ?? undefined })}
        clearable
        clearButtonProps={{ 'aria-label': t('orders.clearFilter') }}
      />
      <ServiceField value={service} onChange={(id) => change({ service: id })} />
      <SegmentedControl
        aria-label={t('orders.kind')}
        value={kind ?? 'all'}
        onChange={(value) => change({ kind: value === 'all' ? undefined : value })}
        data={[
          { value: 'all', label: t('states.all') },
          ...orderKinds.map((value) => ({ value, label: t(`orders.kinds.${value}`) })),
        ]}
      />
    </Group>
  );
}

type ServiceProps = { value: number | undefined; onChange: (id: number | undefined) => void };

function ServiceField({ value, onChange }: ServiceProps) {
  const { t } = useTranslation();
  const { data: offer } = useQuery(offerQuery);
  const data = useMemo(() => {
    const offered = (offer?.services ?? []).map(({ id, name }) => ({
      value: String(id),
      label: `${id} · ${name}`,
    }));
    const isKnown = value === undefined || offered.some((one) => one.value === String(value));
    return isKnown ? offered : [{ value: String(value), label: String(value) }, ...offered];
  }, [offer, value]);
  return (
    <Select
      flex="1 1 180px"
      label={t('newOrder.service')}
      placeholder={t('states.all')}
      data={data}
      limit={servicesShownMax}
      value={value === undefined ? null : String(value)}
      onChange={(id) => onChange(id === null ? undefined : Number(id))}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('orders.clearFilter') }}
      nothingFoundMessage={t('newOrder.noService')}
    />
  );
}
