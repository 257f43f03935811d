import {
  Badge,
  Button,
  Center,
  Group,
  Modal,
  Stack,
  Text,
  Title,
  UnstyledButton,
} from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { FavouriteButton } from '../favourite-button.tsx';
import { ServiceDetails } from '../new-order/service-details.tsx';
import { isPackage, type OfferedService } from '../services.ts';

/** Services drawn at first, and with each "more": a long page is slow on a phone. */
const shownStep = 100;

type Props = {
  services: readonly OfferedService[];
  /** Undefined for visitors, who have none. */
  favourites?: readonly number[] | undefined;
};

/** Services by category, in the panel's order. */
export function ServiceList({ services, favourites }: Props) {
  const { t } = useTranslation();
  const [shownMax, setShownMax] = useState(shownStep);
  const [opened, setOpened] = useState<OfferedService>();
  const groups = useMemo(() => groupByCategory(services.slice(0, shownMax)), [services, shownMax]);
  const columns = useColumns(favourites, setOpened);
  return (
    <Stack gap="lg">
      {groups.map(([category, members]) => (
        <Stack gap="xs" key={category} component="section">
          <Title order={2} className="long">
            {category}
          </Title>
          <DataList
            label={category}
            columns={columns}
            rows={members}
            keyOf={({ id }) => String(id)}
            empty={null}
          />
        </Stack>
      ))}
      {services.length > shownMax && (
        <Center>
          <Button variant="default" onClick={() => setShownMax(shownMax + shownStep)}>
            {t('states.more')}
          </Button>
        </Center>
      )}
      <Modal
        opened={opened !== undefined}
        onClose={() => setOpened(undefined)}
        title={t('newOrder.details')}
        closeButtonProps={{ 'aria-label': t('states.close') }}
      >
        {opened && (
          <Stack>
            <ServiceDetails service={opened} favourites={favourites} />
            <OrderLink service={opened} isWide />
          </Stack>
        )}
      </Modal>
    </Stack>
  );
}

function useColumns(
  favourites: readonly number[] | undefined,
  onOpen: (service: OfferedService) => void,
): Column<OfferedService>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      key: 'name',
      label: t('newOrder.service'),
      render: (service) => (
        <Group gap="xs" wrap="nowrap" align="flex-start">
          {favourites && (
            <FavouriteButton
              serviceId={service.id}
              name={service.name}
              isFavourite={favourites.includes(service.id)}
            />
          )}
          <UnstyledButton onClick={() => onOpen(service)} mih={28}>
            <Text size="sm" fw={500} className="long">
              <Text span c="dimmed" className="figures">
                {service.id}
              </Text>{' '}
              {service.name}
            </Text>
          </UnstyledButton>
        </Group>
      ),
    },
    {
      key: 'abilities',
      label: t('services.abilities'),
      width: 220,
      render: (service) => <Abilities service={service} />,
    },
    {
      key: 'limits',
      label: t('newOrder.limits'),
      isFigure: true,
      width: 170,
      render: ({ min, max }) => `${format.number(min)} – ${format.number(max)}`,
    },
    {
      key: 'rate',
      label: t('services.price'),
      isFigure: true,
      width: 150,
      render: (service) => (
        <Stack gap={0} align="flex-end">
          <Text span size="sm" fw={600}>
            {format.money(service.rate)}
          </Text>
          <Text span size="xs" c="dimmed">
            {t(isPackage(service) ? 'services.perPackage' : 'services.perThousand')}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'order',
      label: t('services.order'),
      isActions: true,
      width: 110,
      render: (service) => <OrderLink service={service} />,
    },
  ];
}

/** What can be asked for after ordering. */
function Abilities({ service }: { service: OfferedService }) {
  const { t } = useTranslation();
  const names = [
    ...(service.refill ? [t('newOrder.refill')] : []),
    ...(service.cancel ? [t('services.cancel')] : []),
    ...(service.dripfeed ? [t('newOrder.dripfeed')] : []),
  ];
  if (names.length === 0) return '–';
  return (
    <Group gap={4}>
      {names.map((name) => (
        <Badge key={name} color="gray" tt="none" fw={500}>
          {name}
        </Badge>
      ))}
    </Group>
  );
}

function OrderLink({ service, isWide }: { service: OfferedService; isWide?: boolean }) {
  const { t } = useTranslation();
  return (
    <Button
      renderRoot={(props) => <Link to="/" search={{ service: service.id }} {...props} />}
      variant={isWide ? 'filled' : 'light'}
      size={isWide ? 'sm' : 'compact-md'}
      aria-label={`${t('services.order')}: ${service.name}`}
    >
      {t('services.order')}
    </Button>
  );
}

function groupByCategory(services: readonly OfferedService[]): [string, OfferedService[]][] {
  const groups = new Map<string, OfferedService[]>();
  for (const service of services) {
    const group = groups.get(service.category);
    if (group === undefined) groups.set(service.category, [service]);
    else group.push(service);
  }
  return [...groups];
}
