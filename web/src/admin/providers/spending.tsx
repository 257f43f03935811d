import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
import { DayChart } from '../charts/day-chart.tsx';
import { sumOf } from '../orders/money.ts';
import type { Provider } from './queries.ts';

/** What orders cost at a provider, and were sold for, by day. */
export function Spending({ provider: { days } }: { provider: Provider }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  if (days.length === 0) {
    return (
      <Section title={t('providers.spending')}>
        <Text size="sm" c="dimmed">
          {t('providers.noSpending')}
        </Text>
      </Section>
    );
  }
  const orders = days.reduce((sum, day) => sum + day.orders, 0);
  return (
    <DayChart
      title={t('providers.spending')}
      summary={t('providers.spendingText', {
        orders: format.number(orders),
        cost: format.moneySum(sumOf(days.map(({ cost }) => cost))),
        revenue: format.moneySum(sumOf(days.map(({ revenue }) => revenue))),
      })}
      rows={days}
      series={[
        {
          ...{ name: 'cost', label: t('providers.cost'), color: 'orange.6' },
          height: ({ cost }) => Number(cost),
          text: ({ cost }) => format.moneySum(cost),
        },
        {
          ...{ name: 'revenue', label: t('providers.revenue'), color: 'accent' },
          height: ({ revenue }) => Number(revenue),
          text: ({ revenue }) => format.moneySum(revenue),
        },
      ]}
    />
  );
}
