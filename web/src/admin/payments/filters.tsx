import { Group, Pill, SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { methodsQuery } from './queries.ts';
import { flags, type PaymentSearch, readPaymentSearch, states, wants } from './search.ts';

type Props = { search: PaymentSearch; onChange: (next: PaymentSearch) => void };

/** What narrows the list of payments down. */
export function PaymentFilters({ search, onChange }: Props) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const methods = useQuery(methodsQuery).data?.methods ?? [];
  const change = (changes: Record<string, unknown>) =>
    onChange(readPaymentSearch({ ...search, ...changes }));
  const shared = {
    flex: '1 1 150px',
    placeholder: words('states.all'),
    clearable: true,
    clearButtonProps: { 'aria-label': t('payments.clearFilter') },
  };
  return (
    <Group gap="sm" align="flex-end" mb="md">
      <SegmentedControl
        aria-label={t('payments.which')}
        value={search.wants ?? 'all'}
        onChange={(value) => change({ wants: value })}
        data={[
          { value: 'all', label: words('states.all') },
          ...wants.map((value) => ({ value, label: t(`payments.wants.${value}`) })),
        ]}
      />
      <Select
        {...shared}
        label={t('payments.state')}
        data={states.map((value) => ({ value, label: t(`payments.states.${value}`) }))}
        value={search.state ?? null}
        onChange={(value) => change({ state: value })}
      />
      <Select
        {...shared}
        label={t('payments.method')}
        data={methods.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={search.method === undefined ? null : String(search.method)}
        onChange={(value) => change({ method: value })}
      />
      <Select
        {...shared}
        label={t('payments.flag')}
        data={flags.map((value) => ({ value, label: t(`payments.flags.${value}`) }))}
        value={search.flag ?? null}
        onChange={(value) => change({ flag: value })}
      />
      {search.customer !== undefined && (
        <Pill
          size="lg"
          withRemoveButton
          onRemove={() => change({ customer: undefined })}
          removeButtonProps={{ 'aria-label': t('payments.clearFilter') }}
        >
          {t('customers.number', { id: search.customer })}
        </Pill>
      )}
    </Group>
  );
}
