import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type PriceOption, priceOptionsQuery } from './queries.ts';

const typingPauseMs = 250;

type Props = { customerId: number; onChoose: (service: PriceOption | null) => void };

/** Finds a service by its number or a part of its name. */
export function ServicePicker({ customerId, onChoose }: Props) {
  const { t } = useTranslation('admin');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<PriceOption | null>(null);
  const [search] = useDebouncedValue(text, typingPauseMs);
  const isChosen = chosen !== null && text === labelOf(chosen);
  const found = useQuery({
    ...priceOptionsQuery(customerId, isChosen ? String(chosen.id) : search),
    placeholderData: keepPreviousData,
  });
  const services = found.data?.services ?? [];
  const known = chosen === null || services.some(({ id }) => id === chosen.id);
  const shown = known ? services : [chosen, ...services];
  return (
    <Select
      label={t('customers.service')}
      placeholder={t('customers.serviceHint')}
      required
      searchable
      data-autofocus
      data={shown.map((service) => ({ value: String(service.id), label: labelOf(service) }))}
      // The server has searched already.
      filter={({ options }) => options}
      searchValue={text}
      onSearchChange={setText}
      value={chosen === null ? null : String(chosen.id)}
      onChange={(value) => {
        const service = shown.find(({ id }) => String(id) === value) ?? null;
        setChosen(service);
        onChoose(service);
      }}
      nothingFoundMessage={found.isFetching ? '…' : t('customers.noServices')}
      maxDropdownHeight={280}
    />
  );
}

function labelOf({ id, name }: PriceOption): string {
  return `${id} · ${name}`;
}
