import {
  Badge,
  Box,
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
import { memo, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { FavouriteButton } from '../favourite-button.tsx';
import { ServiceDetails } from '../new-order/service-details.tsx';
import { isPackage, type OfferedService } from '../services.ts';

/** Services drawn at first, and with each "more": a long page is slow on a phone. */
const shownStep = 100;
/** Rows of one table, which is laid out only when it comes near the screen. */
const rowsMax = 50;

type Props = {
  services: readonly OfferedService[];
  /** Undefined for visitors, who have none. */
  favourites?: readonly number[] | undefined;
};

/**
 * Services by category, in the panel's order. What was opened with "more" stays open when the list is
 * fetched anew; a search, of which each list is one of its own, begins with few again.
 */
export function ServiceList({ services, favourites }: Props) {
  const { t } = useTranslation();
  const [shownMax, setShownMax] = useState(shownStep);
  const [opened, setOpened] = useState<OfferedService>();
  const groups = useMemo(() => groupByCategory(services), [services]);
  const columns = useColumns(favourites, setOpened);
  return (
    <Stack gap="lg">
      {groups.map(({ category, before, pieces }) =>
        before >= shownMax ? null : (
          <Stack gap="xs" key={category} component="section">
            <Title order={2} className="long">
              {category}
            </Title>
            {pieces.map((piece, at) =>
              before + at * rowsMax >= shownMax ? null : (
                <Piece key={piece[0]?.id} label={category} columns={columns} rows={piece} />
              ),
            )}
          </Stack>
        ),
      )}
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

type PieceProps = {
  label: string;
  columns: Column<OfferedService>[];
  rows: readonly OfferedService[];
};

/** A part of a category, which is drawn again only when it changes. */
const Piece = memo(function Piece({ label, columns, rows }: PieceProps) {
  return (
    <Box className="near-screen" __vars={{ '--rows': String(rows.length) }}>
      <DataList
        label={label}
        columns={columns}
        rows={rows}
        keyOf={({ id }) => String(id)}
        empty={null}
      />
    </Box>
  );
});

function useColumns(
  favourites: readonly number[] | undefined,
  onOpen: (service: OfferedService) => void,
): Column<OfferedService>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const columns = (): Column<OfferedService>[] => [
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
  // Formats change with the language, as the words do.
  return useMemo(columns, [t, favourites, onOpen]);
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

type Category = {
  category: string;
  /** How many services come before it. */
  before: number;
  pieces: OfferedService[][];
};

function groupByCategory(services: readonly OfferedService[]): Category[] {
  const members = new Map<string, OfferedService[]>();
  for (const service of services) {
    const group = members.get(service.category);
    if (group === undefined) members.set(service.category, [service]);
    else group.push(service);
  }
  let before = 0;
  return [...members].map(([category, all]) => {
    const starts = Array.from({ length: Math.ceil(all.length / rowsMax) }, (_, at) => at * rowsMax);
    const pieces = starts.map((start) => all.slice(start, start + rowsMax));
    before += all.length;
    return { category, before: before - all.length, pieces };
  });
}
