import { Badge, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ProviderRow } from './queries.ts';

const colours = { on: 'teal', draining: 'yellow', paused: 'red' } as const;

type Shown = Pick<ProviderRow, 'state' | 'pausedBy' | 'hasKey' | 'isSandbox'>;

/** Whether a provider gets orders, and why it does not. */
export function StateBadges({ provider }: { provider: Shown }) {
  const { t } = useTranslation('admin');
  const { state, pausedBy, hasKey, isSandbox } = provider;
  const why = pausedBy === null ? '' : `: ${t(`providers.pausedBy.${pausedBy}`)}`;
  return (
    <Group component="span" gap={6}>
      <Badge color={colours[state]} tt="none" miw="max-content">
        {`${t(`providers.states.${state}`)}${why}`}
      </Badge>
      {!hasKey && (
        <Badge color="orange" tt="none" miw="max-content">
          {t('providers.noKey')}
        </Badge>
      )}
      {isSandbox && (
        <Badge color="gray" tt="none" miw="max-content">
          {t('providers.sandbox')}
        </Badge>
      )}
    </Group>
  );
}
