import { Chip, Combobox, Group, Select, Stack, Text, TextInput, useCombobox } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { findServices, type Offer, type OfferedService } from '../services.ts';

/** More make the list slow to read, not quicker to find anything in. */
const shownMax = 60;

type Props = {
  offer: Offer;
  chosen: OfferedService | undefined;
  onChoose: (service: OfferedService) => void;
};

/** Finds one service among thousands: by category, favourites, and as one types. */
export function ServicePicker({ offer, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const [category, setCategory] = useState<string | null>(null);
  const [isFavourite, setFavourite] = useState(false);
  const categories = useMemo(
    () => [...new Set(offer.services.map((service) => service.category))],
    [offer],
  );
  const favourites = useMemo(() => new Set(offer.favourites), [offer]);
  const services = useMemo(
    () =>
      offer.services.filter(
        (service) =>
          (category === null || service.category === category) &&
          (!isFavourite || favourites.has(service.id)),
      ),
    [offer, category, isFavourite, favourites],
  );
  return (
    <Stack gap="sm">
      <Group align="flex-end" gap="sm">
        <Select
          flex={1}
          label={t('newOrder.category')}
          placeholder={t('newOrder.allCategories')}
          data={categories}
          value={category}
          onChange={setCategory}
          clearable
          searchable
        />
        <Chip checked={isFavourite} onChange={setFavourite} size="md">
          {t('newOrder.favouritesOnly')}
        </Chip>
      </Group>
      <Finder services={services} favourites={favourites} chosen={chosen} onChoose={onChoose} />
    </Stack>
  );
}

function Finder({
  services,
  favourites,
  chosen,
  onChoose,
}: {
  services: readonly OfferedService[];
  favourites: ReadonlySet<number>;
  chosen: OfferedService | undefined;
  onChoose: (service: OfferedService) => void;
}) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const combobox = useCombobox({ onDropdownClose: () => setSearch('') });
  const found = useMemo(() => findServices(services, search), [services, search]);
  const shown = useMemo(() => {
    const [first, others] = [true, false].map((wanted) =>
      found.filter(({ id }) => favourites.has(id) === wanted),
    );
    return [...(first ?? []), ...(others ?? [])].slice(0, shownMax);
  }, [found, favourites]);
  const groups = [
    { label: t('newOrder.favouritesOnly'), isFavourite: true },
    { label: t('newOrder.otherServices'), isFavourite: false },
  ].map((group) => ({
    ...group,
    services: shown.filter(({ id }) => favourites.has(id) === group.isFavourite),
  }));
  const label = chosen ? `${chosen.id} · ${chosen.name}` : '';
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(value) => {
        const service = shown.find(({ id }) => String(id) === value);
        if (service) onChoose(service);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target withExpandedAttribute>
        <TextInput
          role="combobox"
          label={t('newOrder.service')}
          placeholder={t('newOrder.searchService')}
          leftSection={<IconSearch size={16} />}
          value={combobox.dropdownOpened ? search : label}
          onClick={() => combobox.openDropdown()}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            combobox.openDropdown();
            combobox.selectFirstOption();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options
          mah={360}
          style={{ overflowY: 'auto' }}
          aria-label={t('newOrder.service')}
        >
          {shown.length === 0 && <Combobox.Empty>{t('newOrder.noService')}</Combobox.Empty>}
          {groups.map(({ label: group, services: members }) =>
            members.length === 0 || members.length === shown.length ? (
              members.map((service) => <ServiceOption key={service.id} service={service} />)
            ) : (
              <Combobox.Group key={group} label={group}>
                {members.map((service) => (
                  <ServiceOption key={service.id} service={service} />
                ))}
              </Combobox.Group>
            ),
          )}
        </Combobox.Options>
        {found.length > shownMax && (
          <Combobox.Footer>
            <Text size="xs" c="dimmed">
              {t('newOrder.tooMany', { count: shownMax, total: found.length })}
            </Text>
          </Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  );
}

function ServiceOption({ service }: { service: OfferedService }) {
  const format = useFormat();
  return (
    <Combobox.Option value={String(service.id)}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Stack gap={0} miw={0}>
          <Text size="sm" className="long">
            <Text span c="dimmed" className="figures">
              {service.id}
            </Text>{' '}
            {service.name}
          </Text>
          <Text size="xs" c="dimmed">
            {service.category}
          </Text>
        </Stack>
        <Text size="sm" fw={600} className="figures" style={{ whiteSpace: 'nowrap' }}>
          {format.money(service.rate)}
        </Text>
      </Group>
    </Combobox.Option>
  );
}
