import { Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { parseDecimal } from '../../money.ts';

type Quote = { amount: string; fee: string; bonus: string; credit: string };
type Props = { quote: Quote | undefined; isQuoting: boolean };

/** What is paid, kept, added, and credited in the end. */
export function QuoteLines({ quote, isQuoting }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const isMore = (text: string) => (parseDecimal(text) ?? 0n) > 0n;
  return (
    <Stack gap={6} aria-live="polite" aria-busy={isQuoting} opacity={isQuoting ? 0.6 : 1}>
      {quote && isMore(quote.fee) && (
        <Line label={t('funds.fee')} value={`−${format.money(quote.fee)}`} />
      )}
      {quote && isMore(quote.bonus) && (
        <Line label={t('funds.bonus')} value={`+${format.money(quote.bonus)}`} />
      )}
      <Line label={t('funds.credited')} value={quote ? format.money(quote.credit) : '–'} isStrong />
    </Stack>
  );
}

function Line({ label, value, isStrong }: { label: string; value: string; isStrong?: boolean }) {
  return (
    <Group justify="space-between" gap="md">
      <Text size="sm" c={isStrong ? undefined : 'dimmed'}>
        {label}
      </Text>
      <Text className="figures" fw={isStrong ? 650 : 400} size={isStrong ? 'lg' : 'sm'}>
        {value}
      </Text>
    </Group>
  );
}
