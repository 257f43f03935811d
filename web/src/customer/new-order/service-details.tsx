import { Group, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { FavouriteButton } from '../favourite-button.tsx';
import { isPackage, type OfferedService } from '../services.ts';

/** `favourites`: undefined for visitors, who have none. */
type Props = { service: OfferedService; favourites?: readonly number[] | undefined };

/** What a customer wants to know of a service before ordering it. */
export function ServiceDetails({ service, favourites }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const limits = `${format.number(service.min)} – ${format.number(service.max)}`;
  const refill =
    service.refillDays === null
      ? t('newOrder.refillAlways')
      : t('newOrder.refillDays', { count: service.refillDays });
  const facts: [string, ReactNode][] = [
    [t(isPackage(service) ? 'newOrder.packageRate' : 'newOrder.rate'), format.money(service.rate)],
    [t('newOrder.limits'), limits],
    ...(service.averageTime === ''
      ? []
      : ([[t('newOrder.averageTime'), service.averageTime]] as [string, ReactNode][])),
    [t('newOrder.refill'), service.refill ? refill : t('states.no')],
    [t('newOrder.cancel'), t(service.cancel ? 'states.yes' : 'states.no')],
    [t('newOrder.dripfeed'), t(service.dripfeed ? 'states.yes' : 'states.no')],
  ];
  return (
    <Stack gap="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text fw={600} className="long">
          {service.name}
        </Text>
        {favourites && (
          <FavouriteButton
            serviceId={service.id}
            name={service.name}
            isFavourite={favourites.includes(service.id)}
          />
        )}
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
