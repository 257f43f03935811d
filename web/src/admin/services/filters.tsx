import { Group, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../../kit/search-field.tsx';
import { type Filter, type ShownState, shownStates } from './finder.ts';
import type { Catalog } from './queries.ts';

type Props = {
  filter: Filter;
  onChange: (filter: Filter) => void;
  providers: Catalog['providers'];
};

/** What narrows the table down. */
export function Filters({ filter, onChange, providers }: Props) {
  const { t } = useTranslation('admin');
  const { t: shared } = useTranslation();
  return (
    <Group gap="sm" align="flex-end">
      <SearchField
        label={shared('states.search')}
        placeholder={t('services.searchHint')}
        value={filter.search}
        onChange={(search) => onChange({ ...filter, search })}
      />
      <Select
        label={t('services.provider')}
        placeholder={t('services.anyProvider')}
        clearable
        searchable
        w={{ base: '100%', xs: 200 }}
        data={[
          { value: 'staff', label: t('services.byStaff') },
          ...providers.map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
        value={filter.provider}
        onChange={(provider) => onChange({ ...filter, provider })}
      />
      <Select
        label={t('services.state')}
        allowDeselect={false}
        w={{ base: '100%', xs: 200 }}
        data={shownStates.map((state) => ({ value: state, label: t(`services.states.${state}`) }))}
        value={filter.state}
        onChange={(state) => onChange({ ...filter, state: (state ?? 'all') as ShownState })}
      />
    </Group>
  );
}
