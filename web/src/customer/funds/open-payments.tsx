import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
import { useResume } from './open-actions.tsx';
import { PaymentBadge } from './payment-badge.tsx';
import type { PaymentRow } from './queries.ts';

/** The most that can be open at a time. */
const openMax = 20;
const refetchMs = 30_000;

type Props = { shown: string | undefined; onShow: (paymentId: number) => void };

/** What is not paid or not confirmed yet, each with what to do next. */
export function OpenPayments({ shown, onShow }: Props) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['funds', 'payments', 'open'],
    queryFn: () =>
      call(customerApi.funds.payments.$get({ query: { open: 'true', limit: String(openMax) } })),
    refetchInterval: (query) => ((query.state.data?.rows.length ?? 0) > 0 ? refetchMs : false),
  });
  const open = data?.rows.filter(({ id }) => String(id) !== shown) ?? [];
  if (open.length === 0) return null;
  return (
    <Section title={t('funds.open')} description={t('funds.openText')}>
      <Stack gap="sm" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {open.map((payment) => (
          <OpenPayment key={payment.id} payment={payment} onShow={onShow} />
        ))}
      </Stack>
    </Section>
  );
}

type OneProps = { payment: PaymentRow; onShow: (paymentId: number) => void };

function OpenPayment({ payment, onShow }: OneProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id, methodName, methodKind, state, amount, createdAt } = payment;
  const resume = useResume(id);
  const isToPay = state === 'started';
  // What is over at the payment service shows that in its panel.
  const isResumed = isToPay && methodKind !== 'manual' && !resume.error;
  const label = isResumed ? 'funds.resume' : isToPay ? 'funds.finish' : 'funds.show';
  return (
    <Group component="li" justify="space-between" gap="sm" wrap="nowrap" align="flex-start">
      <Stack gap={2} miw={0}>
        <Group gap="xs">
          <Text size="sm" fw={600} className="figures">
            {format.money(amount)}
          </Text>
          <PaymentBadge state={state} />
        </Group>
        <Text size="xs" c="dimmed" className="long">
          <Anchor component="button" type="button" size="xs" onClick={() => onShow(id)}>
            {t('funds.payment', { id })}
          </Anchor>{' '}
          · {methodName} · {format.moment(createdAt)}
        </Text>
      </Stack>
      <Button
        size="xs"
        variant={isToPay ? 'light' : 'default'}
        style={{ flexShrink: 0 }}
        aria-label={`${t(label)}: ${t('funds.payment', { id })}`}
        loading={resume.isLeaving}
        onClick={isResumed ? resume.start : () => onShow(id)}
      >
        {t(label)}
      </Button>
    </Group>
  );
}
