import { Button, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone, useRefusal } from '../../kit/problems.ts';
import { Section } from '../../kit/section.tsx';
import { AcknowledgeButton } from './acknowledge.tsx';
import { useConfirm } from './confirm.tsx';
import { DecideButtons, RouteField } from './decide.tsx';
import { restOf } from './money.ts';
import { ParentButtons } from './parent.tsx';
import type { OrderDetail } from './queries.ts';
import { SettleDialog } from './settle.tsx';
import { useCommand } from './use-command.ts';

type Props = { detail: OrderDetail };

/** All that staff can do with an order as it is now; what they can't says why. */
export function ActionsSection({ detail }: Props) {
  const { t } = useTranslation('admin');
  const { order, customer, money, delivery, routes, attempts } = detail;
  const isWaiting = delivery?.state === 'held' || delivery?.state === 'unknown';
  const isSeenTo =
    delivery !== null &&
    delivery.reason !== '' &&
    (delivery.state === 'following' || delivery.state === 'done');
  const target = {
    orderId: order.id,
    customerId: customer.id,
    customer: customer.name,
    charge: order.charge,
    refunded: order.refunded,
    provider: delivery?.provider ?? '',
    cost: money.cost ?? attempts.at(-1)?.cost ?? null,
    reason: delivery?.state === 'unknown' ? 'unknown' : (delivery?.reason ?? ''),
    routes,
  };
  return (
    <Section title={t('orders.actions')}>
      <Stack gap="md">
        {isWaiting && order.completedAt === null && <DecideButtons order={target} />}
        {isSeenTo && <AcknowledgeButton order={target} />}
        <Stack gap="xs">
          <SettleButton detail={detail} />
          <SendButton detail={detail} />
          {order.kind !== 'single' && <ParentButtons detail={detail} />}
          <AskButtons detail={detail} />
        </Stack>
      </Stack>
    </Section>
  );
}

function SettleButton({ detail: { order, customer } }: Props) {
  const { t } = useTranslation('admin');
  const [isOpen, setOpen] = useState(false);
  if (order.kind !== 'single') {
    return (
      <Text size="sm" c="dimmed">
        {t('orders.parentSettle')}
      </Text>
    );
  }
  const target = { ...order, customerId: customer.id, customer: customer.name };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('orders.settle')}</Button>
      {isOpen && <SettleDialog order={target} onClose={() => setOpen(false)} />}
    </>
  );
}

/** For what was not sent: by another route, at once, or from staff to a provider. */
function SendButton({ detail }: Props) {
  const { t } = useTranslation('admin');
  const { order, delivery, routes } = detail;
  const [isOpen, setOpen] = useState(false);
  const [position, setPosition] = useState(delivery?.routePosition ?? routes[0]?.position);
  const isHandedOver = delivery === null && order.kind === 'single';
  const isOffered = (delivery?.state === 'due' || isHandedOver) && order.completedAt === null;
  const { id } = order;
  const sending = useCommand(
    (to: number) =>
      call(
        adminApi.orders[':orderId'].send.$post({
          param: { orderId: String(id) },
          json: { position: to },
        }),
      ),
    {
      isFormOwn: true,
      onDone: () => {
        showDone(`${t('orders.order', { id })}: ${t('orders.done')}`);
        setOpen(false);
      },
    },
  );
  if (!isOffered || routes.length === 0) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t('orders.send')}
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title={t('orders.sendTitle', { id })}>
        <Stack gap="md">
          <RouteField routes={routes} value={position} onChange={setPosition} />
          <Text size="sm">{t(isHandedOver ? 'orders.sendHandOver' : 'orders.sendText')}</Text>
          <ProblemAlert error={sending.error} />
          <Button
            loading={sending.isPending}
            disabled={position === undefined}
            onClick={() => position !== undefined && sending.mutate(position)}
          >
            {t('orders.send')}
          </Button>
        </Stack>
      </Modal>
    </>
  );
}

/** Requests in the customer's place, by the customer's rules. */
function AskButtons({ detail }: Props) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const confirm = useConfirm();
  const refusalText = useRefusal();
  const { order, refillRefusal, cancelRefusal } = detail;
  const { id } = order;
  const param = { orderId: String(id) };
  const onDone = () => showDone(t('orders.asked'));
  const refilling = useCommand(() => call(adminApi.orders[':orderId'].refills.$post({ param })), {
    onDone,
  });
  const cancelling = useCommand(() => call(adminApi.orders[':orderId'].cancel.$post({ param })), {
    onDone,
  });
  return (
    <>
      <AskButton
        label={t('orders.askRefill')}
        reason={refillRefusal && refusalText(refillRefusal)}
        isLoading={refilling.isPending}
        onPress={() =>
          confirm({
            title: t('orders.askRefillTitle', { id }),
            lines: [t('orders.askRefillText')],
            confirm: t('orders.askRefill'),
            onConfirm: () => refilling.mutate(undefined),
          })
        }
      />
      <AskButton
        label={t('orders.askCancel')}
        reason={cancelRefusal && refusalText(cancelRefusal)}
        isLoading={cancelling.isPending}
        onPress={() =>
          confirm({
            title: t('orders.askCancelTitle', { id }),
            lines: [t('orders.askCancelText', { amount: format.money(restOf(order)) })],
            confirm: t('orders.askCancel'),
            isDangerous: true,
            onConfirm: () => cancelling.mutate(undefined),
          })
        }
      />
    </>
  );
}

type AskProps = {
  label: string;
  /** Why it can't be asked for; null: it can. */
  reason: string | null;
  isLoading: boolean;
  onPress: () => void;
};

function AskButton({ label, reason, isLoading, onPress }: AskProps) {
  return (
    <Stack gap={2}>
      <Button variant="default" disabled={reason !== null} loading={isLoading} onClick={onPress}>
        {label}
      </Button>
      {reason !== null && (
        <Text size="xs" c="dimmed">
          {reason}
        </Text>
      )}
    </Stack>
  );
}
