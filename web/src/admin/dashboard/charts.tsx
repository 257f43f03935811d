import '@mantine/charts/styles.css';
import { AreaChart, BarChart } from '@mantine/charts';
import { Box, SimpleGrid, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
import { sumOf } from '../orders/money.ts';
import type { Day } from './queries.ts';

const height = 240;
const margins = { left: 8, right: 16 };

/** Days as pictures, each with its sums in words for who does not see it. */
export default function Charts({ days }: { days: readonly Day[] }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { dayOf, compact } = useAxes();
  const drawn = days.map((day) => ({
    day: dayOf(day.day),
    orders: day.orders,
    completed: day.completed,
    partial: day.partial,
    canceled: day.canceled,
    ...heights(day),
  }));
  const money = (name: 'revenue' | 'cost' | 'margin' | 'deposits') =>
    `${t(`dashboard.${name}`)}: ${format.money(sumOf(days.map((day) => day[name])))}`;
  const shared = { h: height, data: drawn, dataKey: 'day', withLegend: true } as const;
  const axis = { tickFormatter: compact, width: 64 };
  // The words beside a chart are for who cannot see it: nothing of it takes the focus.
  const spaced = { margin: margins, accessibilityLayer: false };
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Chart
        title={t('dashboard.money')}
        words={[money('revenue'), money('cost'), money('margin')]}
      >
        <AreaChart
          {...shared}
          curveType="monotone"
          series={[
            { name: 'revenue', label: t('dashboard.revenue'), color: 'accent.6' },
            { name: 'cost', label: t('dashboard.cost'), color: 'orange.6' },
            { name: 'margin', label: t('dashboard.margin'), color: 'blue.6' },
          ]}
          valueFormatter={compact}
          yAxisProps={axis}
          areaChartProps={spaced}
        />
      </Chart>
      <Chart
        title={t('dashboard.orders')}
        words={[`${t('dashboard.orders')}: ${days.reduce((sum, day) => sum + day.orders, 0)}`]}
      >
        <BarChart
          {...shared}
          series={[{ name: 'orders', label: t('dashboard.orders'), color: 'accent.6' }]}
          valueFormatter={compact}
          yAxisProps={{ ...axis, allowDecimals: false }}
          barChartProps={spaced}
          maxBarWidth={28}
        />
      </Chart>
      <Chart title={t('dashboard.deposits')} words={[money('deposits')]}>
        <BarChart
          {...shared}
          series={[{ name: 'deposits', label: t('dashboard.deposits'), color: 'teal.6' }]}
          valueFormatter={compact}
          yAxisProps={axis}
          barChartProps={spaced}
          maxBarWidth={28}
        />
      </Chart>
      <Chart title={t('dashboard.endings')} words={[]}>
        <BarChart
          {...shared}
          type="stacked"
          series={[
            { name: 'completed', label: t('dashboard.completedOrders'), color: 'teal.6' },
            { name: 'partial', label: t('dashboard.partial'), color: 'yellow.6' },
            { name: 'canceled', label: t('dashboard.canceled'), color: 'red.6' },
          ]}
          valueFormatter={compact}
          yAxisProps={{ ...axis, allowDecimals: false }}
          barChartProps={spaced}
          maxBarWidth={28}
        />
      </Chart>
    </SimpleGrid>
  );
}

type Props = { title: string; words: readonly string[]; children: React.ReactNode };

function Chart({ title, words, children }: Props) {
  return (
    <Section title={title}>
      <VisuallyHidden>{words.join('. ')}</VisuallyHidden>
      <Box aria-hidden>{children}</Box>
    </Section>
  );
}

function useAxes() {
  const { i18n } = useTranslation();
  const dayFormat = new Intl.DateTimeFormat(i18n.language, {
    month: 'short',
    day: 'numeric',
    timeZone: 'UTC',
  });
  const compactFormat = new Intl.NumberFormat(i18n.language, {
    notation: 'compact',
    maximumFractionDigits: 2,
  });
  return {
    dayOf: (iso: string) => dayFormat.format(new Date(iso)),
    compact: (value: number) => compactFormat.format(value),
  };
}

/** Amounts as heights of a drawing, which is all they are used for. */
function heights({ revenue, cost, margin, deposits }: Day) {
  return {
    revenue: Number(revenue),
    cost: Number(cost),
    margin: Number(margin),
    deposits: Number(deposits),
  };
}
