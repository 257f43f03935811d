import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { DayChart, type Series } from '../charts/day-chart.tsx';
import { sumOf } from '../orders/money.ts';
import type { Day } from './queries.ts';
import { largestUnit, useDuration } from './use-duration.ts';

const colours = {
  ...({ revenue: 'accent', cost: 'orange.6', margin: 'blue.6', deposits: 'teal.6' } as const),
  ...({ completed: 'teal.6', partial: 'yellow.6', canceled: 'red.6' } as const),
} as const;

/** Days as drawings, each with what it comes to in words and its figures in a table. */
export function Charts({ days }: { days: readonly Day[] }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <MoneyCharts days={days} />
      <OrderCharts days={days} />
      <DeliveryCharts days={days} />
    </SimpleGrid>
  );
}

type Props = { days: readonly Day[] };

function MoneyCharts({ days }: Props) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  type Name = 'revenue' | 'cost' | 'margin' | 'deposits';
  const money = (name: Name, type: 'bar' | 'area'): Series<Day> => ({
    ...{ name, type, label: t(`dashboard.${name}`), color: colours[name] },
    height: (day) => Number(day[name]),
    text: (day) => format.money(day[name]),
  });
  const sum = (name: Name) =>
    `${t(`dashboard.${name}`)}: ${format.moneySum(sumOf(days.map((day) => day[name])))}`;
  return (
    <>
      <DayChart
        title={t('dashboard.money')}
        summary={[sum('revenue'), sum('cost'), sum('margin')].join(' · ')}
        rows={days}
        series={[money('revenue', 'area'), money('cost', 'area'), money('margin', 'area')]}
      />
      <DayChart
        title={t('dashboard.deposits')}
        summary={sum('deposits')}
        rows={days}
        series={[money('deposits', 'bar')]}
      />
    </>
  );
}

function OrderCharts({ days }: Props) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  type Name = 'orders' | 'completed' | 'partial' | 'canceled';
  const count = (name: Name, label: string, color: string): Series<Day> => ({
    ...{ name, label, color },
    height: (day) => day[name],
    text: (day) => format.number(day[name]),
  });
  const sum = (name: Name, label: string) =>
    `${label}: ${format.number(days.reduce((total, day) => total + day[name], 0))}`;
  const endings = [
    ['completed', t('dashboard.completedOrders')],
    ['partial', t('dashboard.partial')],
    ['canceled', t('dashboard.canceled')],
  ] as const;
  return (
    <>
      <DayChart
        title={t('dashboard.orders')}
        summary={sum('orders', t('dashboard.orders'))}
        rows={days}
        isWhole
        series={[count('orders', t('dashboard.orders'), 'accent')]}
      />
      <DayChart
        title={t('dashboard.endings')}
        summary={endings.map(([name, label]) => sum(name, label)).join(' · ')}
        rows={days}
        isStacked
        isWhole
        series={endings.map(([name, label]) => count(name, label, colours[name]))}
      />
    </>
  );
}

function DeliveryCharts({ days }: Props) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const duration = useDuration();
  const attempts = days.reduce((total, day) => total + day.attempts, 0);
  const failures = days.reduce((total, day) => total + day.failures, 0);
  const share = (day: Pick<Day, 'attempts' | 'failures'>) =>
    day.attempts === 0 ? null : day.failures / day.attempts;
  const percent = (part: number | null) => (part === null ? '–' : format.percent(part));
  const known = days.flatMap(({ medianSeconds }) => medianSeconds ?? []);
  // The axis counts in the unit of the longest, so that its lines are whole hours or days.
  const unit = largestUnit(Math.max(0, ...known));
  return (
    <>
      <DayChart
        title={t('dashboard.medianTime')}
        summary={
          known.length === 0
            ? t('dashboard.noTimes')
            : t('dashboard.timesFrom', {
                least: duration(Math.min(...known)),
                most: duration(Math.max(...known)),
              })
        }
        rows={days}
        write={(units) => (units === 0 ? '0' : duration(units * unit))}
        series={[
          {
            ...{ name: 'median', label: t('dashboard.medianTime'), color: 'blue.6' },
            height: ({ medianSeconds }) => (medianSeconds === null ? null : medianSeconds / unit),
            text: ({ medianSeconds }) => duration(medianSeconds),
          },
        ]}
      />
      <DayChart
        title={t('dashboard.failureRate')}
        summary={t('dashboard.failedOf', {
          failures: format.number(failures),
          attempts: format.number(attempts),
          share: percent(share({ attempts, failures })),
        })}
        rows={days}
        write={(part) => format.percent(part)}
        series={[
          {
            ...{ name: 'share', label: t('dashboard.failureRate'), color: 'red.6' },
            height: share,
            text: (day) => percent(share(day)),
          },
        ]}
      />
    </>
  );
}
