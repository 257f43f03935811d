import { Group } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ReasonedAction } from '../../kit/reasoned-action.tsx';
import type { OrderRow } from './queries.ts';
import { useOrderChanges } from './use-changes.ts';
import { useReason } from './use-reason.ts';
import { useStopQuestion } from './use-stop-question.tsx';

/** The buttons of one order in a list. */
export function RowActions({ row }: { row: OrderRow }) {
  const { t } = useTranslation();
  const { id, kind, refillRefusal, cancelRefusal } = row;
  const changes = useOrderChanges(row);
  const reasonOf = useReason();
  const ask = useStopQuestion();
  const isParent = kind !== 'single';
  return (
    <Group gap={6} wrap="nowrap" justify="flex-end">
      {isParent ? (
        <PauseAction row={row} />
      ) : (
        <ReasonedAction
          label={t('orders.refillOne', { id })}
          reason={refillRefusal && reasonOf(refillRefusal)}
          icon={IconRefresh}
          isLoading={changes.refill.isPending}
          onPress={() => changes.refill.mutate()}
        />
      )}
      <ReasonedAction
        label={t(isParent ? 'orders.stopOne' : 'orders.cancelOne', { id })}
        reason={cancelRefusal && reasonOf(cancelRefusal)}
        icon={IconX}
        isLoading={changes.cancel.isPending}
        onPress={() => ask(row, () => changes.cancel.mutate())}
      />
    </Group>
  );
}

function PauseAction({ row }: { row: OrderRow }) {
  const { t } = useTranslation();
  const { id, status } = row;
  const { pause } = useOrderChanges(row);
  const reason = usePauseReason()(row);
  const isPaused = status === 'Paused';
  return (
    <ReasonedAction
      label={t(isPaused ? 'orders.resumeOne' : 'orders.pauseOne', { id })}
      reason={reason}
      icon={isPaused ? IconPlayerPlay : IconPlayerPause}
      isLoading={pause.isPending}
      onPress={() => pause.mutate(!isPaused)}
    />
  );
}

/** Why a drip-feed or subscription can't be paused, or go on; null: it can. */
export function usePauseReason(): (of: { status: string; canPause: boolean }) => string | null {
  const { t } = useTranslation();
  return ({ status, canPause }) => {
    if (status === 'Paused') return null;
    if (status !== 'Active') return t('problems.order_already_final');
    return canPause ? null : t('orders.cannotPause');
  };
}
