import { Anchor, Drawer, Skeleton, Stack, Text, Timeline } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { type Fact, Facts } from '../../kit/facts.tsx';
import { Loaded } from '../../kit/loaded.tsx';
import { useActorText } from '../actor-text.ts';
import { useAreas } from '../use-areas.ts';
import { PaymentBadges } from './badges.tsx';
import { Decisions } from './decisions.tsx';
import { type Payment, paymentQuery } from './queries.ts';

/** One payment beside the list: its money, its disputes, what happened, what staff decide. */
export function PaymentDrawer({ id, onClose }: { id: number | undefined; onClose: () => void }) {
  const { t } = useTranslation('admin');
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      radius={0}
      title={id === undefined ? '' : t('payments.number', { id })}
    >
      {id !== undefined && <Asked id={String(id)} />}
    </Drawer>
  );
}

function Asked({ id }: { id: string }) {
  const query = useQuery(paymentQuery(id));
  const waiting = (
    <Stack gap="md" aria-busy="true">
      <Skeleton h={40} />
      <Skeleton h={200} />
      <Skeleton h={160} />
    </Stack>
  );
  return (
    <Loaded query={query} waiting={waiting}>
      {(payment) => <Shown payment={payment} />}
    </Loaded>
  );
}

function Shown({ payment }: { payment: Payment }) {
  const { t } = useTranslation('admin');
  const money = useMoney(payment);
  const about = useAbout(payment);
  return (
    <Stack gap="lg">
      <PaymentBadges payment={payment} />
      <Facts label={t('payments.money')} facts={money} />
      <Decisions payment={payment} />
      <Facts label={t('payments.about')} facts={about} />
      {payment.disputes.length > 0 && <Disputes payment={payment} />}
      <History payment={payment} />
    </Stack>
  );
}

function useMoney(payment: Payment): (Fact | false)[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const line = (name: 'fee' | 'bonus' | 'refunded' | 'taken' | 'owed' | 'waived') =>
    payment[name] !== '0.00' && ([t(`payments.${name}`), format.money(payment[name])] as const);
  return [
    [t('payments.amount'), format.money(payment.amount)],
    line('fee'),
    line('bonus'),
    [t('payments.credit'), <strong key="credit">{format.money(payment.credit)}</strong>],
    line('refunded'),
    line('taken'),
    line('owed'),
    line('waived'),
  ];
}

function useAbout(payment: Payment): (Fact | false)[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const mayOpen = useAreas().has('customers');
  const { customerId, customerName, externalId, chargeId, note, creditedAt } = payment;
  const customer = `${customerName} (${customerId})`;
  return [
    [
      t('customers.customer'),
      mayOpen ? (
        <Anchor
          key="customer"
          size="sm"
          renderRoot={(props) => <Link to={`/admin/customers/${customerId}`} {...props} />}
        >
          {customer}
        </Anchor>
      ) : (
        customer
      ),
    ],
    [t('payments.method'), payment.methodName],
    [t('payments.started'), format.moment(payment.createdAt)],
    creditedAt !== null && [t('payments.creditedAt'), format.moment(creditedAt)],
    externalId !== null && [t('payments.externalId'), externalId],
    chargeId !== null && [t('payments.chargeId'), chargeId],
    note !== '' && [t('payments.note'), note],
  ];
}

function Disputes({ payment }: { payment: Payment }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {t('payments.disputes')}
      </Text>
      <Facts
        label={t('payments.disputes')}
        facts={payment.disputes.map(({ id, state, amount, reportedAt }) => [
          `${id}, ${format.moment(reportedAt)}`,
          `${t(`payments.disputeStates.${state}`)} · ${format.money(amount)}`,
        ])}
      />
    </Stack>
  );
}

function History({ payment }: { payment: Payment }) {
  const { t, i18n } = useTranslation('admin');
  const format = useFormat();
  const actorText = useActorText();
  const nameOf = (kind: string) => {
    const key = `payments.events.${kind}`;
    return i18n.exists(key, { ns: 'admin' }) ? String(t(key as never)) : kind;
  };
  return (
    <Stack gap="sm">
      <Text size="sm" fw={600}>
        {t('payments.history')}
      </Text>
      <Timeline bulletSize={12} lineWidth={2}>
        {payment.events.map(({ id, kind, actor, note, createdAt, eventId }) => (
          <Timeline.Item key={id} title={<Text size="sm">{nameOf(kind)}</Text>}>
            <Text size="xs" c="dimmed" className="long">
              {format.moment(createdAt)} · {actorText(actor, payment.customerName)}
              {eventId !== null && ` · ${eventId}`}
            </Text>
            {note !== '' && (
              <Text size="xs" className="long">
                {note}
              </Text>
            )}
          </Timeline.Item>
        ))}
      </Timeline>
    </Stack>
  );
}
