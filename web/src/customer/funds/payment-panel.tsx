import { Alert, Button, Group, Loader, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Loaded } from '../../kit/loaded.tsx';
import { Section } from '../../kit/section.tsx';
import { OpenActions } from './open-actions.tsx';
import { PaidForm } from './paid-form.tsx';
import { PaymentBadge } from './payment-badge.tsx';
import { isOpen, type Payment, paymentQuery } from './queries.ts';

type Props = {
  paymentId: string;
  /** The payment service sent the customer back unpaid. */
  isCanceled: boolean;
  onClose: () => void;
  /** Fills the form with the same method and amount. */
  onAgain: (payment: Payment) => void;
};

/** One payment: what to do next, or what has become of it. It is asked again while it is open. */
export function PaymentPanel({ paymentId, isCanceled, onClose, onAgain }: Props) {
  const { t } = useTranslation();
  const query = useQuery(paymentQuery(paymentId));
  return (
    <Section
      title={
        <Group gap="xs">
          {t('funds.payment', { id: paymentId })}
          {query.data && <PaymentBadge state={query.data.state} />}
        </Group>
      }
      description={query.data?.methodName}
      actions={
        <Button variant="default" size="xs" onClick={onClose}>
          {t('states.close')}
        </Button>
      }
    >
      <Loaded query={query} waiting={<Skeleton h={120} />}>
        {(payment) => (
          <>
            <Figures payment={payment} />
            <div role="status">
              <Next payment={payment} isCanceled={isCanceled} />
            </div>
            {payment.methodKind === 'manual' && isOpen(payment) && <ByHand payment={payment} />}
            {payment.state === 'started' && <OpenActions payment={payment} />}
            {!isOpen(payment) && payment.state !== 'credited' && (
              <Group>
                <Button variant="default" onClick={() => onAgain(payment)}>
                  {t('funds.again')}
                </Button>
              </Group>
            )}
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Figures({ payment }: { payment: Payment }) {
  const { t } = useTranslation();
  const format = useFormat();
  const money = (amount: string) => format.money(amount);
  const facts = [
    [t('funds.toPay'), money(payment.amount)],
    [t(isOpen(payment) ? 'funds.willAdd' : 'funds.credit'), money(payment.credit)],
    [t('funds.startedAt'), format.moment(payment.createdAt)],
  ];
  return (
    <Group gap="xl">
      {facts.map(([label, value]) => (
        <Stack key={label} gap={0}>
          <Text size="xs" c="dimmed">
            {label}
          </Text>
          <Text fw={600} className="figures">
            {value}
          </Text>
        </Stack>
      ))}
    </Group>
  );
}

function Next({ payment, isCanceled }: { payment: Payment; isCanceled: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { state, methodKind, credit, owed } = payment;
  if (isOpen(payment)) {
    if (methodKind === 'manual') {
      return state === 'started' ? null : <Alert p="sm">{t('funds.waitingStaff')}</Alert>;
    }
    if (isCanceled && state === 'started') {
      return (
        <Alert color="yellow" p="sm">
          {t('funds.canceledText')}
        </Alert>
      );
    }
    return (
      <Alert p="sm" icon={<Loader size={18} aria-hidden />}>
        {t(state === 'started' ? 'funds.startedText' : 'funds.waitingBank')}
      </Alert>
    );
  }
  if (state === 'credited') {
    return (
      <Alert color="teal" p="sm">
        {t('funds.creditedText', { amount: format.money(credit) })}
      </Alert>
    );
  }
  const isOwing = /[1-9]/.test(owed);
  return (
    <Alert color={state === 'refunded' || state === 'expired' ? 'gray' : 'yellow'} p="sm">
      {t(`funds.ended.${state as Exclude<Payment['state'], 'started' | 'waiting' | 'credited'>}`)}
      {isOwing && ` ${t('funds.owed', { amount: format.money(owed) })}`}
    </Alert>
  );
}

function ByHand({ payment }: { payment: Payment }) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Stack gap={4}>
        <Text size="sm" fw={600}>
          {t('funds.howTo')}
        </Text>
        <Text size="sm" className="long" style={{ whiteSpace: 'pre-line' }}>
          {payment.instructions}
        </Text>
      </Stack>
      {payment.state === 'started' && <PaidForm paymentId={payment.id} />}
      {payment.state === 'waiting' && payment.note !== '' && (
        <Text size="sm" c="dimmed" className="long">
          {t('funds.yourNote', { note: payment.note })}
        </Text>
      )}
    </Stack>
  );
}
