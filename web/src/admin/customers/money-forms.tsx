import { Button, Modal, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { showDone } from '../../kit/problems.ts';
import { formatUnits, parseDecimal } from '../../money.ts';
import { usePanel } from '../../session.ts';
import { LimitNote } from '../limit-note.tsx';
import { MoneyProblem } from '../money-problem.tsx';
import { type Customer, paramOf, useRefreshCustomers } from './queries.ts';

const one = adminApi.customers[':customerId'];
type Props = { customer: Customer; onClose: () => void };
type Changed = { changed: boolean; balance: string };

/** Adds money that was paid in outside the panel, or a bonus. */
export function AddFunds({ customer, onClose }: Props) {
  const { t } = useTranslation('admin');
  const [amount, setAmount] = useState('');
  const [source, setSource] = useState<'deposits' | 'bonuses'>('deposits');
  // One per dialog: sent twice, it still pays once.
  const [drawn] = useState(() => `staff-${crypto.randomUUID()}`);
  const [reference, setReference] = useState('');
  const adding = useMoneyChange(onClose, () =>
    call(
      one.funds.$post({
        ...paramOf(customer.id),
        json: { amount: amount.trim(), source, reference: reference.trim() || drawn },
      }),
    ),
  );
  return (
    <MoneyModal
      title={t('customers.titled', { what: t('customers.addFunds'), name: customer.name })}
      submit={t('customers.addFunds')}
      changing={adding}
      after={afterOf(customer.balance, amount)}
      isGift
      onClose={onClose}
    >
      <SegmentedControl
        aria-label={t('customers.source')}
        value={source}
        onChange={(value) => setSource(value as typeof source)}
        data={(['deposits', 'bonuses'] as const).map((value) => ({
          value,
          label: t(`customers.sources.${value}`),
        }))}
      />
      <AmountField value={amount} onChange={setAmount} />
      <TextInput
        label={t('customers.reference')}
        description={t('customers.referenceHint')}
        maxLength={128}
        value={reference}
        onChange={(event) => setReference(event.currentTarget.value)}
      />
    </MoneyModal>
  );
}

/** Gives to the balance or takes from it, for a reason. */
export function Adjust({ customer, onClose }: Props) {
  const { t } = useTranslation('admin');
  const [amount, setAmount] = useState('');
  const [way, setWay] = useState<'give' | 'take'>('give');
  const [reason, setReason] = useState('');
  const [reference] = useState(() => `staff-${crypto.randomUUID()}`);
  const signed = way === 'give' ? amount.trim() : `-${amount.trim()}`;
  const adjusting = useMoneyChange(onClose, () =>
    call(
      one.adjustments.$post({
        ...paramOf(customer.id),
        json: { amount: signed, reason, reference },
      }),
    ),
  );
  return (
    <MoneyModal
      title={t('customers.titled', { what: t('customers.adjust'), name: customer.name })}
      submit={t(`customers.ways.${way}`)}
      changing={adjusting}
      after={afterOf(customer.balance, signed)}
      isGift={way === 'give'}
      onClose={onClose}
    >
      <SegmentedControl
        aria-label={t('customers.way')}
        value={way}
        onChange={(value) => setWay(value as typeof way)}
        data={(['give', 'take'] as const).map((value) => ({
          value,
          label: t(`customers.ways.${value}`),
        }))}
      />
      <AmountField value={amount} onChange={setAmount} />
      <Textarea
        label={t('customers.reason')}
        description={t('customers.adjustHint')}
        required
        maxLength={500}
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </MoneyModal>
  );
}

function useMoneyChange(onClose: () => void, change: () => Promise<Changed>) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const refresh = useRefreshCustomers();
  return useMutation({
    mutationFn: change,
    onSuccess: ({ changed, balance }) => {
      const key = changed ? 'customers.moved' : 'customers.movedBefore';
      showDone(t(key, { balance: format.money(balance) }));
      refresh();
      onClose();
    },
  });
}

type ModalProps = {
  title: string;
  submit: string;
  changing: ReturnType<typeof useMoneyChange>;
  /** The balance afterwards; undefined while no amount is entered. */
  after: string | undefined;
  /** Whether it counts to the day of who gives it. */
  isGift: boolean;
  onClose: () => void;
  children: ReactNode;
};

function MoneyModal(props: ModalProps) {
  const { title, submit, changing, after, isGift, onClose, children } = props;
  const { t } = useTranslation('admin');
  const format = useFormat();
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          changing.mutate();
        }}
      >
        <Stack gap="md">
          {children}
          {after !== undefined && (
            <Text size="sm" c="dimmed" className="figures">
              {t('customers.balanceAfter', { balance: format.money(after) })}
            </Text>
          )}
          {isGift && <LimitNote />}
          <MoneyProblem error={changing.error} />
          <Button type="submit" loading={changing.isPending} disabled={after === undefined}>
            {submit}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function AmountField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const { t } = useTranslation('admin');
  const { panel } = usePanel();
  return (
    <TextInput
      label={t('customers.amount', { currency: panel.currency })}
      inputMode="decimal"
      required
      data-autofocus
      className="figures"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** What a change makes of a balance, as the server will have it; undefined for no amount. */
function afterOf(balance: string, change: string): string | undefined {
  const units = parseDecimal(change);
  if (units === undefined || units === 0n) return undefined;
  return formatUnits((parseDecimal(balance) ?? 0n) + units);
}
