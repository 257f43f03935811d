import { Button, Group, NumberInput, Select, SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../../kit/search-field.tsx';
import { useTyped } from '../../kit/typed.ts';
import { choicesQuery } from './queries.ts';
import { deliveryStates, type OrderSearch, orderKinds, orderStatuses } from './search.ts';

const shownMax = 60;

type Props = { search: OrderSearch; onChange: (search: OrderSearch) => void };

/** What narrows the orders of all customers down. */
export function OrderFilters({ search, onChange }: Props) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const change = (changes: { [Key in keyof OrderSearch]?: OrderSearch[Key] | undefined }) =>
    onChange({ ...search, ...changes } as OrderSearch); // an absent one and undefined are the same
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end">
        <SearchField
          label={words('states.search')}
          placeholder={t('orders.searchFor')}
          value={search.search ?? ''}
          onChange={(text) => change({ search: text || undefined })}
        />
        <CustomerField value={search.customer} onChange={(customer) => change({ customer })} />
        {Object.keys(search).length > 0 && (
          <Button variant="subtle" color="gray" onClick={() => onChange({})}>
            {t('orders.clear')}
          </Button>
        )}
      </Group>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm">
        <Choice
          label={t('orders.status')}
          value={search.status}
          data={orderStatuses.map((value) => ({ value, label: words(`status.${value}`) }))}
          onChange={(status) => change({ status })}
        />
        <Choice
          label={t('orders.delivery')}
          value={search.delivery}
          data={deliveryStates.map((value) => ({ value, label: t(`orders.states.${value}`) }))}
          onChange={(delivery) => change({ delivery })}
        />
        <Choice
          label={t('orders.kind')}
          value={search.kind}
          data={orderKinds.map((value) => ({ value, label: t(`orders.kinds.${value}`) }))}
          onChange={(kind) => change({ kind })}
        />
        <NamedChoices search={search} onChange={change} />
      </SimpleGrid>
    </Stack>
  );
}

type NamedProps = {
  search: OrderSearch;
  onChange: (changes: { service?: number | undefined; provider?: number | undefined }) => void;
};

function NamedChoices({ search, onChange }: NamedProps) {
  const { t } = useTranslation('admin');
  const { data } = useQuery(choicesQuery);
  const named = (rows: readonly { id: number; name: string }[] | undefined, value?: number) => {
    const choices = (rows ?? []).map(({ id, name }) => ({
      value: String(id),
      label: `${id} · ${name}`,
    }));
    const isKnown = value === undefined || choices.some((one) => one.value === String(value));
    return isKnown ? choices : [{ value: String(value), label: String(value) }, ...choices];
  };
  return (
    <>
      <Choice
        label={t('orders.service')}
        value={search.service?.toString()}
        data={named(data?.services, search.service)}
        onChange={(id) => onChange({ service: id === undefined ? undefined : Number(id) })}
        isSearchable
      />
      <Choice
        label={t('orders.provider')}
        value={search.provider?.toString()}
        data={named(data?.providers, search.provider)}
        onChange={(id) => onChange({ provider: id === undefined ? undefined : Number(id) })}
        isSearchable
      />
    </>
  );
}

type ChoiceProps<Value extends string> = {
  label: string;
  value: Value | undefined;
  data: { value: Value; label: string }[];
  onChange: (value: Value | undefined) => void;
  isSearchable?: boolean;
};

function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { label, value, data, onChange, isSearchable = false } = props;
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  return (
    <Select
      label={label}
      placeholder={words('states.all')}
      data={data}
      limit={shownMax}
      value={value ?? null}
      onChange={(chosen) => onChange((chosen as Value | null) ?? undefined)} // one of `data`
      searchable={isSearchable}
      clearable
      clearButtonProps={{ 'aria-label': t('orders.clearOne') }}
      nothingFoundMessage={t('orders.nothingFound')}
    />
  );
}

type CustomerProps = { value: number | undefined; onChange: (id: number | undefined) => void };

function CustomerField({ value, onChange }: CustomerProps) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const [text, type] = useTyped(String(value ?? ''), (typed) => {
    const id = Number(typed);
    onChange(id > 0 ? id : undefined);
  });
  return (
    <NumberInput
      w={{ base: 110, sm: 160 }}
      label={t('orders.customerNumber')}
      placeholder={words('states.all')}
      value={text}
      onChange={(typed) => type(String(typed))}
      min={1}
      max={2_147_483_647}
      allowDecimal={false}
      hideControls
    />
  );
}
