import { Button, Menu, Text } from '@mantine/core';
import {
  IconChevronDown,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerTrackNext,
} from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { showDone, useShowProblem } from '../../kit/problems.ts';
import { useConfirm } from '../orders/confirm.tsx';
import { type Provider, type ProviderState, setState, useRefreshProviders } from './queries.ts';

const states = [
  { state: 'on', icon: IconPlayerPlay },
  { state: 'draining', icon: IconPlayerTrackNext },
  { state: 'paused', icon: IconPlayerPause },
] as const;

/** Sets a provider on, lets it finish what it has, or stops all calls; asks first. */
export function StateMenu({ provider }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const confirm = useConfirm();
  const refresh = useRefreshProviders();
  const showProblem = useShowProblem();
  const { id, name } = provider;
  const setting = useMutation({
    mutationFn: (state: ProviderState) => setState(id, state),
    onSuccess: async () => {
      showDone(t('providers.stateSet'));
      await refresh();
    },
    onError: showProblem,
  });
  const ask = (state: ProviderState) =>
    confirm({
      title: t(`providers.confirm.${state}`, { name }),
      lines: [t(`providers.confirmText.${state}`)],
      confirm: t(`providers.setState.${state}`),
      isDangerous: state === 'paused',
      onConfirm: () => setting.mutate(state),
    });
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <Button
          loading={setting.isPending}
          rightSection={<IconChevronDown size={16} aria-hidden />}
        >
          {t('providers.changeState')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {states
          .filter(({ state }) => state !== provider.state)
          .map(({ state, icon: Glyph }) => (
            <Menu.Item
              key={state}
              leftSection={<Glyph size={18} stroke={1.7} aria-hidden />}
              onClick={() => ask(state)}
            >
              {t(`providers.setState.${state}`)}
              <Text size="xs" c="dimmed">
                {t(`providers.stateHints.${state}`)}
              </Text>
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}
