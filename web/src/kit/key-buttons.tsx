import { Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { askFirst } from './questions.ts';

type Act = { isPending: boolean; mutate: () => void };
type Props = {
  name: string;
  onAddresses: () => void;
  rotating: Act;
  revoking: Act;
  /** The dialog that is open, if one is. */
  children: ReactNode;
};

/** The buttons of an API key in use, for customers and staff: what ends it asks first. */
export function KeyButtons({ name, onAddresses, rotating, revoking, children }: Props) {
  const { t } = useTranslation();
  const ask = (act: 'rotate' | 'revoke', onConfirm: () => void) =>
    askFirst({
      title: `${t(`api.${act}`)}: ${name}`,
      children: <Text size="sm">{t(`api.${act}Text`)}</Text>,
      labels: { confirm: t(`api.${act}`), cancel: t('states.cancel') },
      confirmProps: { color: 'red.9' },
      onConfirm,
    });
  return (
    <Group gap={4} justify="flex-end">
      <Button variant="subtle" size="compact-sm" onClick={onAddresses}>
        {t('api.addresses')}
      </Button>
      <Button
        variant="subtle"
        size="compact-sm"
        loading={rotating.isPending}
        onClick={() => ask('rotate', rotating.mutate)}
      >
        {t('api.rotate')}
      </Button>
      <Button
        variant="subtle"
        color="red"
        size="compact-sm"
        loading={revoking.isPending}
        onClick={() => ask('revoke', revoking.mutate)}
      >
        {t('api.revoke')}
      </Button>
      {children}
    </Group>
  );
}
