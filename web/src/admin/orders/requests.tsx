import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { formatUnits } from '../../money.ts';
import { useConfirm } from './confirm.tsx';
import { movedBy } from './money.ts';
import { NotNow } from './not-now.tsx';
import type { StaffRefill } from './queries.ts';
import type { Settleable } from './settle.tsx';
import { useCommand } from './use-command.ts';

type RefillStatus = 'In progress' | 'Completed' | 'Rejected';

/** What staff do with a refill that is not decided. */
export function RefillButtons({ refill }: { refill: StaffRefill }) {
  const { t } = useTranslation('admin');
  const confirm = useConfirm();
  const { id, status, externalOrderId } = refill;
  const param = { refillId: String(id) };
  const onDone = () => showDone(`${t('orders.refill', { id })}: ${t('orders.done')}`);
  const deciding = useCommand(
    (next: RefillStatus) =>
      call(adminApi.refills[':refillId'].decide.$post({ param, json: { status: next } })),
    { onDone },
  );
  const sending = useCommand(() => call(adminApi.refills[':refillId'].send.$post({ param })), {
    onDone,
  });
  const isOpen = status === 'Pending' || status === 'In progress';
  if (!isOpen) return null;
  const sendNot =
    (refill.externalId !== null && t('orders.sendRefillDone')) ||
    (externalOrderId === null && t('orders.sendRefillNot'));
  return (
    <Group gap="xs">
      {status === 'Pending' && (
        <Button size="xs" variant="default" onClick={() => deciding.mutate('In progress')}>
          {t('orders.startRefill')}
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        loading={deciding.isPending}
        onClick={() =>
          confirm({
            title: t('orders.completeRefillTitle', { id }),
            lines: [t('orders.completeRefillText')],
            confirm: t('orders.completeRefill'),
            onConfirm: () => deciding.mutate('Completed'),
          })
        }
      >
        {t('orders.completeRefill')}
      </Button>
      <Button
        size="xs"
        variant="default"
        loading={sending.isPending}
        disabled={sendNot !== false}
        onClick={() =>
          confirm({
            title: t('orders.sendRefillTitle', { id }),
            lines: [t('orders.sendRefillText')],
            confirm: t('orders.sendRefill'),
            onConfirm: () => sending.mutate(undefined),
          })
        }
      >
        {t('orders.sendRefill')}
      </Button>
      <Button
        size="xs"
        variant="light"
        color="red"
        loading={deciding.isPending}
        onClick={() =>
          confirm({
            title: t('orders.rejectRefillTitle', { id }),
            lines: [t('orders.rejectRefillText')],
            confirm: t('orders.rejectRefill'),
            isDangerous: true,
            onConfirm: () => deciding.mutate('Rejected'),
          })
        }
      >
        {t('orders.rejectRefill')}
      </Button>
      {sendNot && <NotNow what={t('orders.sendRefill')} why={sendNot} />}
    </Group>
  );
}

type Cancelled = Settleable & { kind: string };
type CancelDecision =
  | { decision: 'accept' }
  | { decision: 'accept_partly'; remains: number }
  | { decision: 'reject' };

function useDeciding(id: number, options: { onDone?: () => void; isFormOwn?: boolean } = {}) {
  const { t } = useTranslation('admin');
  const param = { orderId: String(id) };
  return useCommand(
    (json: CancelDecision) =>
      call(adminApi.orders[':orderId'].cancel.decide.$post({ param, json })),
    {
      ...options,
      onDone: () => {
        showDone(`${t('orders.cancellation')} ${id}: ${t('orders.done')}`);
        options.onDone?.();
      },
    },
  );
}

/** What staff do with a cancellation that waits for them. */
export function CancelButtons({ order }: { order: Cancelled }) {
  const { t } = useTranslation('admin');
  const confirm = useConfirm();
  const [isOpen, setOpen] = useState(false);
  const deciding = useDeciding(order.id);
  return (
    <Group gap="xs">
      <Button size="xs" variant="light" color="red" onClick={() => setOpen(true)}>
        {t('orders.acceptCancel')}
      </Button>
      <Button
        size="xs"
        variant="default"
        loading={deciding.isPending}
        onClick={() =>
          confirm({
            title: t('orders.rejectCancelTitle', { id: order.id }),
            lines: [t('orders.rejectCancelText')],
            confirm: t('orders.rejectCancel'),
            onConfirm: () => deciding.mutate({ decision: 'reject' }),
          })
        }
      >
        {t('orders.rejectCancel')}
      </Button>
      {isOpen && <AcceptDialog order={order} onClose={() => setOpen(false)} />}
    </Group>
  );
}

/** How much was delivered decides what goes back. */
function AcceptDialog({ order, onClose }: { order: Cancelled; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const [remains, setRemains] = useState<string | number>(order.quantity);
  const deciding = useDeciding(order.id, { onDone: onClose, isFormOwn: true });
  const count = Number(remains);
  const isWhole = order.kind !== 'single' || count === order.quantity;
  const status = isWhole ? 'Canceled' : 'Partial';
  const moved = movedBy(order, { status, remains: count });
  const customer = t('orders.placedBy', { name: order.customer, id: order.customerId });
  const gives = t('orders.gives', { amount: format.money(formatUnits(moved)), customer });
  return (
    <Modal opened onClose={onClose} title={t('orders.acceptCancelTitle', { id: order.id })}>
      <Stack gap="md">
        {order.kind === 'single' && (
          <NumberInput
            label={t('orders.settleRemains', { quantity: order.quantity })}
            description={t(isWhole ? 'orders.acceptWhole' : 'orders.acceptPart')}
            value={remains}
            onChange={setRemains}
            min={0}
            max={order.quantity}
            allowDecimal={false}
            allowNegative={false}
          />
        )}
        <Text size="sm" aria-live="polite">
          {order.kind === 'drip_feed' ? t('orders.stopDrip', { customer }) : gives}
        </Text>
        <ProblemAlert error={deciding.error} />
        <Button
          color="red.9"
          loading={deciding.isPending}
          disabled={remains === ''}
          onClick={() =>
            deciding.mutate(
              isWhole ? { decision: 'accept' } : { decision: 'accept_partly', remains: count },
            )
          }
        >
          {t('orders.acceptCancel')}
        </Button>
      </Stack>
    </Modal>
  );
}
