import { Alert, Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';
import { formatUnits } from '../../money.ts';
import { movedBy } from './money.ts';
import { useCommand } from './use-command.ts';

const plainStatuses = [
  'Pending',
  'In progress',
  'Processing',
  'Completed',
  'Partial',
  'Canceled',
] as const;
type PlainStatus = (typeof plainStatuses)[number];
const finalStatuses: readonly string[] = ['Completed', 'Partial', 'Canceled'];
const noteLettersMax = 500;

export type Settleable = {
  id: number;
  customerId: number;
  customer: string;
  status: string;
  quantity: number;
  remains: number;
  startCount: number | null;
  charge: string;
  refunded: string;
};

type Draft = { status: PlainStatus | null; remains: string | number; startCount: string | number };

/** Staff's own report on an order; it says what it moves before it is sent. */
export function SettleDialog({ order, onClose }: { order: Settleable; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const [draft, setDraft] = useState<Draft>({ status: null, remains: '', startCount: '' });
  const [note, setNote] = useState('');
  const settling = useSettling(order, onClose);
  const { status, remains, startCount } = draft;
  const isEmpty = status === null && remains === '' && startCount === '';
  const needsRemains = status === 'Partial' && remains === '';
  const change = (changes: Partial<Draft>) => setDraft({ ...draft, ...changes });
  return (
    <Modal opened onClose={onClose} title={t('orders.settleTitle', { id: order.id })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          settling.mutate({ ...draft, note });
        }}
      >
        <Stack gap="md">
          <Select
            label={t('orders.status')}
            placeholder={t('orders.settleKeep', {
              status: words(`status.${order.status}` as never),
            })}
            data={plainStatuses.map((value) => ({ value, label: words(`status.${value}`) }))}
            value={status}
            onChange={(value) => change({ status: value })}
            clearable
            clearButtonProps={{ 'aria-label': t('orders.clearOne') }}
          />
          <Group grow align="flex-start">
            <NumberInput
              label={t('orders.settleRemains', { quantity: order.quantity })}
              description={t('orders.settleRemainsHint')}
              placeholder={String(order.remains)}
              value={remains}
              onChange={(value) => change({ remains: value })}
              min={0}
              max={order.quantity}
              allowDecimal={false}
              allowNegative={false}
              withAsterisk={status === 'Partial'}
            />
            <NumberInput
              label={t('orders.startCount')}
              description={words('states.optional')}
              placeholder={order.startCount === null ? '–' : String(order.startCount)}
              value={startCount}
              onChange={(value) => change({ startCount: value })}
              min={0}
              allowDecimal={false}
              allowNegative={false}
            />
          </Group>
          <TextInput
            label={t('orders.note')}
            description={t('orders.noteHint')}
            maxLength={noteLettersMax}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Consequence order={order} draft={draft} />
          <ProblemAlert error={settling.error} />
          <Button type="submit" loading={settling.isPending} disabled={isEmpty || needsRemains}>
            {t('orders.settle')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function useSettling(order: Settleable, onClose: () => void) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const format = useFormat();
  const { id } = order;
  return useCommand(
    ({ status, remains, startCount, note }: Draft & { note: string }) =>
      call(
        adminApi.orders[':orderId'].settle.$post({
          param: { orderId: String(id) },
          json: {
            ...(status !== null && { status }),
            ...(remains !== '' && { remains: Number(remains) }),
            ...(startCount !== '' && { startCount: Number(startCount) }),
            ...(note.trim() !== '' && { note: note.trim() }),
          },
        }),
      ),
    {
      isFormOwn: true,
      onDone: ({ changed, status: after, refund }) => {
        const status = words(`status.${after}` as never);
        const amount = format.money(refund);
        const hasMoved = Number(refund) !== 0;
        if (!changed) showDone(t('orders.same', { id }));
        else if (hasMoved) showDone(t('orders.settledRefund', { id, status, amount }));
        else showDone(t('orders.settled', { id, status }));
        onClose();
      },
    },
  );
}

function Consequence({ order, draft }: { order: Settleable; draft: Draft }) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const format = useFormat();
  const status = draft.status ?? order.status;
  const remains = draft.remains === '' ? undefined : Number(draft.remains);
  const moved = movedBy(order, { status, remains });
  const customer = t('orders.placedBy', { name: order.customer, id: order.customerId });
  const isReopened = finalStatuses.includes(order.status) && !finalStatuses.includes(status);
  const text =
    moved === 0n
      ? t('orders.nothingMoves')
      : moved > 0n
        ? t('orders.gives', { amount: format.money(formatUnits(moved)), customer })
        : t('orders.takes', { amount: format.money(formatUnits(-moved)), customer });
  return (
    <Alert color={moved === 0n ? 'gray' : 'yellow'} p="sm" aria-live="polite">
      {text}
      {isReopened &&
        ` ${t('orders.leavesFinal', { status: words(`status.${order.status}` as never) })}`}
    </Alert>
  );
}
