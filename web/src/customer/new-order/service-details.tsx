import { ActionIcon, Group, Stack, Table, Text } from '@mantine/core';
import { IconStar, IconStarFilled } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { useShowProblem } from '../../kit/problems.ts';
import { type Offer, type OfferedService, offerQuery } from '../services.ts';

/** What a customer wants to know of a service before ordering it. */
export function ServiceDetails({ service, offer }: { service: OfferedService; offer: Offer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const limits = `${format.number(service.min)} – ${format.number(service.max)}`;
  const refill =
    service.refillDays === null
      ? t('newOrder.refillAlways')
      : t('newOrder.refillDays', { count: service.refillDays });
  const facts: [string, ReactNode][] = [
    [t('newOrder.rate'), format.money(service.rate)],
    [t('newOrder.limits'), limits],
    ...(service.averageTime === ''
      ? []
      : ([[t('newOrder.averageTime'), service.averageTime]] as [string, ReactNode][])),
    [t('newOrder.refill'), service.refill ? refill : t('states.no')],
    [t('newOrder.cancel'), t(service.cancel ? 'states.yes' : 'states.no')],
  ];
  return (
    <Stack gap="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text fw={600} className="long">
          {service.name}
        </Text>
        <FavouriteButton service={service} isFavourite={offer.favourites.includes(service.id)} />
      </Group>
      <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0}>
        <Table.Tbody>
          {facts.map(([label, value]) => (
            <Table.Tr key={label}>
              <Table.Td c="dimmed">{label}</Table.Td>
              <Table.Td ta="right" className="figures">
                {value}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {service.description && (
        <Text size="sm" className="long" style={{ whiteSpace: 'pre-line' }}>
          {service.description}
        </Text>
      )}
    </Stack>
  );
}

function FavouriteButton({
  service,
  isFavourite,
}: {
  service: OfferedService;
  isFavourite: boolean;
}) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const changing = useMutation({
    mutationFn: () =>
      call(
        customerApi.favourites[':serviceId'].$put({
          param: { serviceId: String(service.id) },
          json: { isFavourite: !isFavourite },
        }),
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: offerQuery.queryKey }),
    onError: showProblem,
  });
  return (
    <ActionIcon
      variant="subtle"
      color={isFavourite ? 'yellow' : 'gray'}
      aria-pressed={isFavourite}
      aria-label={t(isFavourite ? 'newOrder.unfavourite' : 'newOrder.favourite')}
      loading={changing.isPending}
      onClick={() => changing.mutate()}
    >
      {isFavourite ? <IconStarFilled size={18} /> : <IconStar size={18} />}
    </ActionIcon>
  );
}
