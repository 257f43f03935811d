import { Alert, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
import { formatUnits, parseDecimal } from '../../money.ts';
import type { Funds } from './queries.ts';

/** What the customer has, and what can be spent. */
export function BalanceSection({ funds }: { funds: Funds }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [balance, limit, owed] = [funds.balance, funds.creditLimit, funds.owed].map(
    (text) => parseDecimal(text) ?? 0n,
  ) as [bigint, bigint, bigint];
  return (
    <Section title={t('nav.balance')}>
      <Stack gap="sm">
        <Text fw={650} className="headline tall figures long">
          {format.money(funds.balance)}
        </Text>
        {limit > 0n && (
          <Stack gap={4}>
            <Fact label={t('funds.creditLimit')} value={format.money(funds.creditLimit)} />
            <Fact label={t('funds.spendable')} value={format.money(formatUnits(balance + limit))} />
          </Stack>
        )}
        {owed > 0n && (
          <Alert color="yellow" p="sm">
            {t('funds.owed', { amount: format.money(funds.owed) })}
          </Alert>
        )}
      </Stack>
    </Section>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <Group justify="space-between" gap="md">
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text size="sm" className="figures">
        {value}
      </Text>
    </Group>
  );
}
