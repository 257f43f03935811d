import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
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
  const isToPay = state === 'started' && methodKind === 'manual';
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
          {t('funds.payment', { id })} · {methodName} · {format.moment(createdAt)}
        </Text>
      </Stack>
      <Button
        size="xs"
        variant={isToPay ? 'light' : 'default'}
        style={{ flexShrink: 0 }}
        aria-label={`${t(isToPay ? 'funds.finish' : 'funds.show')}: ${t('funds.payment', { id })}`}
        onClick={() => onShow(id)}
      >
        {t(isToPay ? 'funds.finish' : 'funds.show')}
      </Button>
    </Group>
  );
}
