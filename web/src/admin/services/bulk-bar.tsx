import { Button, CloseButton, Group, Paper, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { showDone } from '../../kit/problems.ts';
import { useConfirm } from '../orders/confirm.tsx';
import { BulkMove } from './bulk-move.tsx';
import { BulkPrices } from './bulk-prices.tsx';
import classes from './catalog.module.css';
import type { Catalog, Service } from './queries.ts';
import { useCatalogChange } from './use-catalog.ts';

type Props = { catalog: Catalog; chosen: ReadonlySet<number>; onClear: () => void };

const switches = ['enable', 'disable', 'show', 'hide'] as const;
type SwitchName = (typeof switches)[number];

const switchTo = {
  enable: { enabled: true },
  disable: { enabled: false },
  show: { hidden: false },
  hide: { hidden: true },
} as const satisfies Record<SwitchName, object>;

/** What can be done with all that is chosen; nothing while nothing is. */
export function BulkBar({ catalog, chosen, onClear }: Props) {
  const { t } = useTranslation('admin');
  const [isPricing, pricing] = useDisclosure();
  const [isMoving, moving] = useDisclosure();
  const services = catalog.categories
    .flatMap((category) => category.services)
    .filter(({ id }) => chosen.has(id));
  const flip = useSwitches(services);
  if (services.length === 0) return null;
  return (
    <Paper
      className={`surface ${classes.bulk}`}
      p="sm"
      component="section"
      aria-label={t('services.bulk.chosen', { count: services.length })}
    >
      <Group gap="xs">
        <CloseButton onClick={onClear} aria-label={t('services.bulk.clear')} />
        <Text size="sm" fw={600} className="figures" role="status" mr="auto">
          {t('services.bulk.chosen', { count: services.length })}
        </Text>
        {switches.map((name) => (
          <Button key={name} size="xs" variant="default" onClick={() => flip(name)}>
            {t(`services.bulk.${name}`)}
          </Button>
        ))}
        <Button size="xs" variant="default" onClick={moving.open}>
          {t('services.bulk.move')}
        </Button>
        <Button size="xs" onClick={pricing.open}>
          {t('services.bulk.prices')}
        </Button>
      </Group>
      <BulkPrices services={services} isOpen={isPricing} onClose={pricing.close} />
      <BulkMove
        services={services}
        categories={catalog.categories.map(({ name }) => name)}
        isOpen={isMoving}
        onClose={moving.close}
      />
    </Paper>
  );
}

/** Switches all that is chosen, once it has been said how many change. */
function useSwitches(services: readonly Service[]): (name: SwitchName) => void {
  const { t } = useTranslation('admin');
  const confirm = useConfirm();
  const change = useCatalogChange();
  return (name) => {
    const changing = services.filter((service) => !isSo(service, name));
    const [count, same] = [changing.length, services.length - changing.length];
    const ids = new Set(changing.map(({ id }) => id));
    const run = () =>
      change({
        preview: (catalog) => ({
          ...catalog,
          categories: catalog.categories.map((category) => ({
            ...category,
            services: category.services.map((each) => (ids.has(each.id) ? as(each, name) : each)),
          })),
        }),
        run: async () => {
          const json = { serviceIds: [...ids], ...switchTo[name] };
          const { changed } = await call(adminApi.services.switch.$post({ json }));
          showDone(t('services.bulk.changed', { count: changed }));
        },
      });
    if (count === 0) {
      showDone(t('services.bulk.willChange', { count, same }));
      return;
    }
    confirm({
      title: t(`services.bulk.${name}`),
      lines: [t('services.bulk.willChange', { count, same })],
      confirm: t(`services.bulk.${name}`),
      onConfirm: run,
    });
  };
}

function isSo({ offBy, flags }: Service, name: SwitchName): boolean {
  switch (name) {
    case 'enable':
      return offBy === undefined;
    case 'disable':
      return offBy !== undefined;
    case 'show':
      return !flags.includes('hidden');
    case 'hide':
      return flags.includes('hidden');
  }
}

function as(service: Service, name: SwitchName): Service {
  const { offBy: _, ...onSale } = service;
  const flags = service.flags.filter((flag) => flag !== 'hidden');
  switch (name) {
    case 'enable':
      return onSale;
    case 'disable':
      return { ...service, offBy: 'staff' };
    case 'show':
      return { ...service, flags };
    case 'hide':
      return { ...service, flags: [...flags, 'hidden'] };
  }
}
