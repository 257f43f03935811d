import { Anchor, Badge, Group, Stack, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { InferResponseType } from 'hono/client';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { EmptyState } from '../../kit/empty-state.tsx';
import { usePages } from '../../kit/pages.ts';
import { useActorText } from '../actor-text.ts';
import { servicesKey } from './queries.ts';
import { changeOf, ShareText } from './share-text.tsx';

const changesApi = adminApi.services.changes;
type Change = InferResponseType<typeof changesApi.$get, 200>['rows'][number];

const kindColours = {
  created: 'accent',
  rate: 'blue',
  limits: 'gray',
  flags: 'gray',
  disabled: 'orange',
  enabled: 'teal',
} as const;

const flagKeys = ['refill', 'cancel', 'dripfeed'] as const;
const reasonKeys = ['missing', 'type'] as const;

/** What changed of all services, and who did it. */
export function ChangesFeed() {
  const { t } = useTranslation('admin');
  const columns = useColumns();
  const pages = usePages<Change>([...servicesKey, 'changes'], (cursor) =>
    call(changesApi.$get({ query: cursor ? { cursor } : {} })),
  );
  return (
    <DataList<Change>
      label={t('services.tabs.changes')}
      columns={columns}
      keyOf={({ id }) => String(id)}
      empty={
        <EmptyState
          icon={IconHistory}
          title={t('services.changes.empty')}
          text={t('services.changes.emptyText')}
        />
      }
      {...pages}
    />
  );
}

function useColumns(): Column<Change>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const actorText = useActorText();
  return [
    {
      key: 'service',
      label: t('services.changes.service'),
      render: ({ serviceId, name }) => (
        <Stack gap={0} miw={0}>
          <Anchor
            size="sm"
            fw={600}
            className="long"
            renderRoot={(props) => (
              <Link to={`/admin/services/${serviceId}` as string} {...props} />
            )}
          >
            {name}
          </Anchor>
          <Text size="xs" c="dimmed" className="figures">
            {serviceId}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'kind',
      label: t('services.changes.kind'),
      width: 130,
      render: ({ kind }) => (
        <Badge className="status" color={kindColours[kind]} tt="none">
          {t(`services.changes.kinds.${kind}`)}
        </Badge>
      ),
    },
    {
      key: 'what',
      label: t('services.changes.what'),
      render: (change) => <What change={change} />,
    },
    {
      key: 'by',
      label: t('services.changes.by'),
      width: 160,
      render: ({ actor, decidedBy }) => (
        <Text span size="sm" className="long">
          {actorText(decidedBy ?? actor)}
        </Text>
      ),
    },
    {
      key: 'at',
      label: t('services.changes.at'),
      width: 210,
      render: ({ at }) => format.moment(at),
    },
  ];
}

function What({ change }: { change: Change }) {
  const { t } = useTranslation('admin');
  const text = useWhatText()(change);
  const { kind, before, after, state } = change;
  return (
    <Group gap={6}>
      <Text span size="sm" className="figures long">
        {text}
      </Text>
      {kind === 'rate' && <ShareText share={changeOf(String(before.rate), String(after.rate))} />}
      {state === 'rejected' && (
        <Badge className="status" color="red" tt="none" size="sm">
          {t('services.changes.rejected')}
        </Badge>
      )}
    </Group>
  );
}

function useWhatText(): (change: Change) => string {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const rangeOf = ({ min, max }: Change['after']) =>
    `${format.number(String(min ?? 0))} – ${format.number(String(max ?? 0))}`;
  const rateOf = ({ rate }: Change['after']) => format.amount(String(rate ?? 0));
  return ({ kind, before, after }) => {
    switch (kind) {
      case 'created':
        return `${rateOf(after)} · ${rangeOf(after)}`;
      case 'rate':
        return `${rateOf(before)} → ${rateOf(after)}`;
      case 'limits':
        return `${rangeOf(before)} → ${rangeOf(after)}`;
      case 'flags':
        return flagKeys
          .filter((flag) => before[flag] !== after[flag])
          .map((flag) => `${after[flag] === true ? '+' : '−'} ${t(`services.flag.${flag}`)}`)
          .join(', ');
      case 'enabled':
      case 'disabled': {
        const reason = reasonKeys.find((key) => key === after.reason);
        return reason === undefined ? '–' : t(`services.changes.reasons.${reason}`);
      }
    }
  };
}
