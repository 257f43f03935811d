import { Button, Chip, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../kit/empty-state.tsx';
import { findServices, type OfferedService } from '../services.ts';
import { ServiceList } from './service-list.tsx';

type Props = {
  services: readonly OfferedService[];
  /** Undefined for visitors, who have none. */
  favourites?: readonly number[];
};

/** The price list, and what narrows it down. */
export function PriceListFinder({ services, favourites }: Props) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [category, setCategory] = useState<string | null>(null);
  const [isFavourite, setFavourite] = useState(false);
  const words = useDeferredValue(search);
  const categories = useMemo(
    () => [...new Set(services.map((service) => service.category))],
    [services],
  );
  const found = useMemo(() => {
    const chosen = services.filter(
      (service) =>
        (category === null || service.category === category) &&
        (!isFavourite || favourites?.includes(service.id)),
    );
    return findServices(chosen, words);
  }, [services, favourites, words, category, isFavourite]);
  const clear = () => {
    setSearch('');
    setCategory(null);
    setFavourite(false);
  };
  return (
    <Stack gap="lg">
      <Group gap="sm" align="flex-end">
        <TextInput
          flex="2 1 220px"
          type="search"
          label={t('states.search')}
          placeholder={t('newOrder.searchService')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Select
          flex="1 1 200px"
          label={t('newOrder.category')}
          placeholder={t('newOrder.allCategories')}
          data={categories}
          value={category}
          onChange={setCategory}
          clearable
          searchable
        />
        {favourites && (
          <Chip checked={isFavourite} onChange={setFavourite} size="md">
            {t('newOrder.favouritesOnly')}
          </Chip>
        )}
      </Group>
      <Text size="sm" c="dimmed" role="status">
        {t('services.count', { count: found.length })}
      </Text>
      {found.length === 0 ? (
        <EmptyState
          title={t('newOrder.noService')}
          text={isFavourite ? t('services.noFavourites') : undefined}
          action={
            <Button variant="default" mt="xs" onClick={clear}>
              {t('services.clear')}
            </Button>
          }
        />
      ) : (
        <ServiceList
          key={`${words}|${category}|${isFavourite}`}
          services={found}
          favourites={favourites}
        />
      )}
    </Stack>
  );
}
