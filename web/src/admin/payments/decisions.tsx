import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { showDone } from '../../kit/problems.ts';
import { parseDecimal, plainDecimal } from '../../money.ts';
import { usePanel } from '../../session.ts';
import { LimitNote } from '../limit-note.tsx';
import { MoneyProblem } from '../money-problem.tsx';
import { type Payment, useRefreshPayments } from './queries.ts';

const one = adminApi.payments[':paymentId'];
type Kind = 'confirm' | 'reject' | 'clear-flag' | 'waive';

/** What staff decide of a payment, as far as it can be decided now. */
export function Decisions({ payment }: { payment: Payment }) {
  const { t } = useTranslation('admin');
  const [kind, setKind] = useState<Kind>();
  const kinds = kindsOf(payment);
  if (kinds.length === 0) return null;
  return (
    <>
      <Group gap="xs">
        {kinds.map((each) => (
          <Button
            key={each}
            variant={each === 'confirm' ? 'filled' : 'default'}
            onClick={() => setKind(each)}
          >
            {t(`payments.decide.${each}`)}
          </Button>
        ))}
      </Group>
      {kind && <Decide payment={payment} kind={kind} onClose={() => setKind(undefined)} />}
    </>
  );
}

function kindsOf({ creditedAt, state, flag, owed }: Payment): Kind[] {
  const isOpen = creditedAt === null;
  const kinds: (Kind | false)[] = [
    isOpen && 'confirm',
    isOpen && (state !== 'failed' || flag !== null) && 'reject',
    flag !== null && !isOpen && 'clear-flag',
    owed !== '0.00' && 'waive',
  ];
  return kinds.filter((kind) => kind !== false);
}

function Decide({ payment, kind, onClose }: { payment: Payment; kind: Kind; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { panel } = usePanel();
  const refresh = useRefreshPayments();
  const [amount, setAmount] = useState(plainDecimal(payment.amount));
  const [note, setNote] = useState('');
  const deciding = useMutation({
    mutationFn: () => decide(payment, { kind, amount: amount.trim(), note: note.trim() }),
    onSuccess: ({ changed }) => {
      showDone(t(changed ? 'payments.done' : 'payments.doneBefore'));
      refresh();
      onClose();
    },
  });
  const needsNote = kind === 'clear-flag' || kind === 'waive';
  return (
    <Modal opened onClose={onClose} title={t(`payments.decide.${kind}`)} zIndex={300}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          deciding.mutate();
        }}
      >
        <Stack gap="md">
          <Text size="sm">
            {t(`payments.decideText.${kind}`, {
              customer: payment.customerName,
              credit: format.money(payment.credit),
              owed: format.money(payment.owed),
            })}
          </Text>
          {kind === 'confirm' && (
            <TextInput
              label={t('payments.received', { currency: panel.currency })}
              description={t('payments.receivedHint')}
              inputMode="decimal"
              required
              data-autofocus
              value={amount}
              onChange={(event) => setAmount(event.currentTarget.value)}
            />
          )}
          <Textarea
            label={t('payments.note')}
            description={t('payments.noteHint')}
            required={needsNote}
            maxLength={500}
            autosize
            minRows={2}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          {(kind === 'confirm' || kind === 'waive') && <LimitNote />}
          <MoneyProblem error={deciding.error} />
          <Button
            type="submit"
            loading={deciding.isPending}
            {...(kind === 'reject' && { color: 'red' })}
          >
            {t(`payments.decide.${kind}`)}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

type Given = { kind: Kind; amount: string; note: string };

function decide(payment: Payment, { kind, amount, note }: Given) {
  const param = { paymentId: String(payment.id) };
  if (kind === 'confirm') {
    const isOther = parseDecimal(amount) !== parseDecimal(payment.amount);
    const json = { ...(isOther && { amount }), ...(note !== '' && { note }) };
    return call(one.confirm.$post({ param, json }));
  }
  return call(one[kind].$post({ param, json: { note } }));
}
