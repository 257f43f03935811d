import { Badge, Group, Stack, Text } from '@mantine/core';
import type { InferResponseType } from 'hono/client';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { usePages } from '../../kit/pages.ts';
import { parseDecimal } from '../../money.ts';

const changesApi = customerApi.services.changes;
type Change = InferResponseType<typeof changesApi.$get, 200>['rows'][number];

const colours: Readonly<Record<Change['kind'], string>> = {
  created: 'teal',
  enabled: 'teal',
  disabled: 'red',
  rate: 'blue',
  limits: 'gray',
  flags: 'gray',
};

/** What changed in the catalog, newest first. */
export function Changes() {
  const { t } = useTranslation();
  const columns = useColumns();
  const pages = usePages(['services', 'changes'], (cursor) =>
    call(changesApi.$get({ query: cursor === undefined ? {} : { cursor } })),
  );
  return (
    <DataList<Change>
      label={t('services.changes')}
      columns={columns}
      keyOf={({ id }) => String(id)}
      empty={<EmptyState title={t('services.noChanges')} text={t('services.noChangesText')} />}
      {...pages}
    />
  );
}

function useColumns(): Column<Change>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      key: 'service',
      label: t('newOrder.service'),
      render: ({ service, name }) => (
        <Text size="sm" className="long">
          <Text span c="dimmed" className="figures">
            {service}
          </Text>{' '}
          {name}
        </Text>
      ),
    },
    {
      key: 'kind',
      label: t('services.change'),
      width: 150,
      render: ({ kind, before, after }) => (
        <Badge
          color={kind === 'rate' && isRise(before, after) ? 'orange' : colours[kind]}
          tt="none"
        >
          {t(`services.kinds.${kind}`)}
        </Badge>
      ),
    },
    { key: 'what', label: t('services.what'), render: (change) => <What change={change} /> },
    {
      key: 'at',
      label: t('services.when'),
      isFigure: true,
      width: 190,
      render: ({ at }) => format.moment(at),
    },
  ];
}

function isRise(before: Change['before'], after: Change['after']): boolean {
  return (parseDecimal(after.rate ?? '') ?? 0n) > (parseDecimal(before.rate ?? '') ?? 0n);
}

/** The values before and after, those alone that differ. */
function What({ change: { kind, before, after } }: { change: Change }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (kind === 'rate' && before.rate !== undefined && after.rate !== undefined) {
    return <FromTo from={format.money(before.rate)} to={format.money(after.rate)} />;
  }
  if (kind === 'created' && after.rate !== undefined) return format.money(after.rate);
  if (kind === 'limits') {
    const range = ({ min = 0, max = 0 }: Change['before']) =>
      `${format.number(min)} – ${format.number(max)}`;
    return <FromTo from={range(before)} to={range(after)} />;
  }
  if (kind !== 'flags') return '–';
  const flags = (['refill', 'cancel', 'dripfeed'] as const).filter(
    (flag) => before[flag] !== after[flag],
  );
  return (
    <Stack gap={2}>
      {flags.map((flag) => (
        <Text key={flag} size="sm">
          {t(`services.flags.${flag}`)}: {t(after[flag] ? 'states.yes' : 'states.no')}
        </Text>
      ))}
    </Stack>
  );
}

function FromTo({ from, to }: { from: string; to: string }) {
  return (
    <Group gap={6} className="figures" wrap="wrap">
      <Text size="sm" c="dimmed" td="line-through">
        {from}
      </Text>
      <Text size="sm" fw={600}>
        {to}
      </Text>
    </Group>
  );
}
