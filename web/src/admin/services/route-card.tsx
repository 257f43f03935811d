import { ActionIcon, Badge, Group, Paper, Stack, Switch, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import classes from './catalog.module.css';
import { DragHandle, useDragged } from './drag.tsx';
import { marginOf } from './finder.ts';
import type { ServiceDetail } from './queries.ts';
import { type RouteDraft, routeKey } from './route-drafts.ts';
import { RouteQuality } from './route-quality.tsx';
import { canBeDelegated } from './types.ts';

type Props = {
  service: ServiceDetail;
  route: RouteDraft;
  place: number;
  onChange: (changes: Partial<RouteDraft>) => void;
  onRemove: () => void;
};

/** One route: who, at what cost, by which rules, and how it delivered. */
export function RouteCard({ service, route, place, onChange, onRemove }: Props) {
  const { t } = useTranslation('admin');
  const { row, handle } = useDragged(routeKey(route));
  const name = `${route.provider} · ${route.externalId}`;
  return (
    <Paper
      component="li"
      p="md"
      ref={row.ref}
      style={row.style}
      className={`surface ${row.className}`}
      radius="md"
    >
      <Stack gap="sm">
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <DragHandle label={t('services.move', { name })} handle={handle} />
          <Text fw={600} c="dimmed" className="figures" pt={2}>
            {place}
          </Text>
          <Group flex={1} gap="xs" miw={0} pt={2} align="flex-start">
            <Stack gap={0} flex="1 1 180px" miw={0}>
              <Text fw={600} className="long">
                {name}
              </Text>
              <ListedText route={route} />
            </Stack>
            <RouteCost service={service} route={route} />
          </Group>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('services.routes.remove', { name })}
            onClick={onRemove}
          >
            <IconTrash size={18} aria-hidden />
          </ActionIcon>
        </Group>
        <Group gap="xl" align="flex-start">
          <Switch
            label={t('services.routes.guard')}
            description={t('services.routes.guardHint')}
            checked={route.guardsMargin}
            onChange={(event) => onChange({ guardsMargin: event.currentTarget.checked })}
            maw={320}
          />
          {(canBeDelegated(service) || route.isDelegated) && (
            <Switch
              label={t('services.routes.delegated')}
              description={t('services.routes.delegatedHint')}
              checked={route.isDelegated}
              onChange={(event) => onChange({ isDelegated: event.currentTarget.checked })}
              maw={320}
            />
          )}
        </Group>
        <RouteQuality quality={route.quality} />
      </Stack>
    </Paper>
  );
}

function ListedText({ route: { listed } }: { route: RouteDraft }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  if (listed === null) {
    return (
      <Text size="sm" className={classes.note ?? ''}>
        {t('services.routes.notListed')}
      </Text>
    );
  }
  const { name, type, min, max, isMissing } = listed;
  const bounds = min !== null && max !== null && `${format.number(min)} – ${format.number(max)}`;
  return (
    <Group gap={6}>
      <Text size="sm" c="dimmed" className="long">
        {[name, type, bounds].filter(Boolean).join(' · ')}
      </Text>
      {isMissing && (
        <Badge className="status" color="red" tt="none" size="sm">
          {t('services.routes.missing')}
        </Badge>
      )}
    </Group>
  );
}

function RouteCost({ service, route }: { service: ServiceDetail; route: RouteDraft }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { cost = null, providerCost = null, currency } = route.listed ?? {};
  if (providerCost === null) return null;
  const margin = marginOf(service.rate, cost);
  // Until it is saved, what is known of a new route is its provider's own price.
  const isForeign = cost !== null && providerCost !== cost;
  return (
    <Stack gap={0} align="flex-end">
      <Text size="sm" fw={600} className="figures" style={{ whiteSpace: 'nowrap' }}>
        <Text span size="xs" c="dimmed">
          {t('services.routes.cost')}
        </Text>{' '}
        {cost === null ? format.money(providerCost, currency) : format.money(cost)}
      </Text>
      {isForeign && (
        <Text size="xs" c="dimmed" className="figures">
          {format.money(providerCost, currency)}
        </Text>
      )}
      {margin !== undefined && (
        <Text
          size="xs"
          className={`figures ${margin < 0 ? classes.loss : ''}`}
          {...(margin >= 0 && { c: 'dimmed' })}
        >
          {t('services.margin')} {format.percent(margin)}
        </Text>
      )}
    </Stack>
  );
}
