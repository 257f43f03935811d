import { Button, Stack, Text } from '@mantine/core';
import {
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconRepeat,
  IconX,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../kit/section.tsx';
import type { OrderAnswer } from './queries.ts';
import { usePauseReason } from './row-actions.tsx';
import { useOrderChanges } from './use-changes.ts';
import { useReason } from './use-reason.ts';
import { useStopQuestion } from './use-stop-question.tsx';

/** What may be asked for of an order; what may not says why. */
export function OrderActions({ answer }: { answer: OrderAnswer }) {
  const { t } = useTranslation();
  const { order, refillRefusal, cancelRefusal } = answer;
  const changes = useOrderChanges(order);
  const reasonOf = useReason();
  const ask = useStopQuestion();
  const isParent = order.kind !== 'single';
  return (
    <Section title={t('orders.actions')}>
      <Stack gap="sm">
        {order.parent === null && (
          <Button
            renderRoot={(props) => <Link to="/" search={{ again: order.id }} {...props} />}
            leftSection={<IconRepeat size={16} aria-hidden />}
            fullWidth
          >
            {t('orders.again')}
          </Button>
        )}
        {isParent && <PauseAction answer={answer} />}
        {!isParent && (
          <Action reason={refillRefusal && reasonOf(refillRefusal)}>
            <Button
              variant="default"
              fullWidth
              leftSection={<IconRefresh size={16} aria-hidden />}
              disabled={refillRefusal !== null}
              loading={changes.refill.isPending}
              onClick={() => changes.refill.mutate()}
            >
              {t('orders.refill')}
            </Button>
          </Action>
        )}
        <Action reason={cancelRefusal && reasonOf(cancelRefusal, answer.cancel)}>
          <Button
            variant="default"
            fullWidth
            leftSection={<IconX size={16} aria-hidden />}
            disabled={cancelRefusal !== null}
            loading={changes.cancel.isPending}
            onClick={() => ask(order, () => changes.cancel.mutate())}
          >
            {t(isParent ? 'orders.stop' : 'orders.cancel')}
          </Button>
        </Action>
      </Stack>
    </Section>
  );
}

function PauseAction({ answer: { order } }: { answer: OrderAnswer }) {
  const { t } = useTranslation();
  const { pause } = useOrderChanges(order);
  const isPaused = order.status === 'Paused';
  const reason = usePauseReason()(order);
  return (
    <Action reason={reason}>
      <Button
        variant="default"
        fullWidth
        leftSection={
          isPaused ? (
            <IconPlayerPlay size={16} aria-hidden />
          ) : (
            <IconPlayerPause size={16} aria-hidden />
          )
        }
        disabled={reason !== null}
        loading={pause.isPending}
        onClick={() => pause.mutate(!isPaused)}
      >
        {t(isPaused ? 'orders.resume' : 'orders.pause')}
      </Button>
    </Action>
  );
}

/** A button, and below it why it can't be pressed. */
function Action({ reason, children }: { reason: string | null; children: ReactNode }) {
  return (
    <Stack gap={4}>
      {children}
      {reason && (
        <Text size="xs" c="dimmed">
          {reason}
        </Text>
      )}
    </Stack>
  );
}
