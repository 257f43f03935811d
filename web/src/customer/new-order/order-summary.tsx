import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { formatUnits, parseDecimal } from '../../money.ts';
import { useCustomer } from '../../session.ts';
import type { Plan } from './draft.ts';

const minuteMs = 60_000;

type Props = { charge: string | undefined; plan: Plan | undefined; problem: string | undefined };

/** What the order will cost, what is left then, and what the drip-feed will do. */
export default function OrderSummary({ charge, plan, problem }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { balance, creditLimit } = useCustomer();
  const left = charge && (parseDecimal(balance) ?? 0n) - (parseDecimal(charge) ?? 0n);
  const least = -(parseDecimal(creditLimit) ?? 0n);
  return (
    <Stack gap="xs" aria-live="polite">
      <Line label={t('newOrder.charge')} value={charge ? format.money(charge) : '–'} isStrong />
      {typeof left === 'bigint' && (
        <Line label={t('newOrder.balanceAfter')} value={format.money(formatUnits(left))} />
      )}
      {plan && (
        <Text size="sm" c="dimmed">
          {t('newOrder.plan', {
            runs: format.number(String(plan.runs)),
            quantity: format.number(String(plan.quantity)),
            interval: format.number(String(plan.interval)),
            total: format.number(String(plan.quantity * plan.runs)),
            end: format.moment(endOf(plan)),
          })}
        </Text>
      )}
      {typeof left === 'bigint' && left < least && (
        <Alert color="yellow" p="sm">
          {t('newOrder.tooDear')}{' '}
          <Anchor component={Link} to="/funds" size="sm">
            {t('newOrder.addFunds')}
          </Anchor>
        </Alert>
      )}
      {problem && (
        <Alert color="red" p="sm" role="alert">
          {problem}
        </Alert>
      )}
    </Stack>
  );
}

function endOf(plan: Plan): string {
  return new Date(Date.now() + Number(plan.minutes) * minuteMs).toISOString();
}

function Line({ label, value, isStrong }: { label: string; value: string; isStrong?: boolean }) {
  return (
    <Group justify="space-between">
      <Text size="sm" c={isStrong ? undefined : 'dimmed'}>
        {label}
      </Text>
      <Text className="figures" fw={isStrong ? 650 : 400} size={isStrong ? 'lg' : 'sm'}>
        {value}
      </Text>
    </Group>
  );
}
