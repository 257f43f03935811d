import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { DayChart, type Series } from '../charts/day-chart.tsx';
import { sumOf } from '../orders/money.ts';
import type { Day, DayOf } from './queries.ts';
import { largestUnit, useDuration } from './use-duration.ts';

const colours = {
  ...({ revenue: 'accent', cost: 'orange.6', margin: 'blue.6' } as const),
  ...({ uncostedRevenue: 'grape.6', deposits: 'teal.6' } as const),
  ...({ completed: 'teal.6', partial: 'yellow.6', canceled: 'red.6' } as const),
} as const;

type Props = { days: readonly DayOf[] };
type ChartsProps = Props & {
  /** Those of the whole panel, with the money that came in. */
  moneyIn?: readonly Day[] | undefined;
};

/** Days as drawings, each with what it comes to in words and its figures in a table. */
export function Charts({ days, moneyIn }: ChartsProps) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <MoneyChart days={days} />
      {moneyIn && <DepositsChart days={moneyIn} />}
      <OrderCharts days={days} />
      <DeliveryCharts days={days} />
    </SimpleGrid>
  );
}

function MoneyChart({ days }: Props) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const isAllCosted = days.every(({ uncostedRevenue }) => Number(uncostedRevenue) === 0);
  const known = ['revenue', 'cost', 'margin'] as const;
  const names = isAllCosted ? known : ([...known, 'uncostedRevenue'] as const);
  const sum = (name: (typeof names)[number]) =>
    `${t(`dashboard.${name}`)}: ${format.moneySum(sumOf(days.map((day) => day[name])))}`;
  return (
    <DayChart
      title={t('dashboard.money')}
      summary={names.map(sum).join(' · ')}
      rows={days}
      series={names.map(
        (name): Series<DayOf> => ({
          ...{ name, type: 'area', label: t(`dashboard.${name}`), color: colours[name] },
          height: (day) => Number(day[name]),
          text: (day) => format.moneySum(day[name]),
        }),
      )}
    />
  );
}

function DepositsChart({ days }: { days: readonly Day[] }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const label = t('dashboard.deposits');
  return (
    <DayChart
      title={label}
      summary={`${label}: ${format.moneySum(sumOf(days.map(({ deposits }) => deposits)))}`}
      rows={days}
      series={[
        {
          ...{ name: 'deposits', label, color: colours.deposits },
          height: ({ deposits }) => Number(deposits),
          text: ({ deposits }) => format.moneySum(deposits),
        },
      ]}
    />
  );
}

function OrderCharts({ days }: Props) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  type Name = 'orders' | 'completed' | 'partial' | 'canceled';
  const count = (name: Name, label: string, color: string): Series<DayOf> => ({
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
        title={t('dashboard.placed')}
        summary={sum('orders', t('dashboard.placed'))}
        hint={t('dashboard.placedHint')}
        rows={days}
        isWhole
        series={[count('orders', t('dashboard.placed'), 'accent')]}
      />
      <DayChart
        title={t('dashboard.endings')}
        summary={endings.map(([name, label]) => sum(name, label)).join(' · ')}
        hint={t('dashboard.endingsHint')}
        rows={days}
        isStacked
        isWhole
        series={endings.map(([name, label]) => count(name, label, colours[name]))}
      />
    </>
  );
}

/** From the shortest to the longest of some times, in words. */
function useTimes(seconds: readonly number[]): string {
  const { t } = useTranslation('admin');
  const duration = useDuration();
  if (seconds.length === 0) return t('dashboard.noTimes');
  const [least, most] = [duration(Math.min(...seconds)), duration(Math.max(...seconds))];
  if (least === most) return t('dashboard.timesAll', { time: least });
  return t('dashboard.timesFrom', { least, most });
}

function DeliveryCharts({ days }: Props) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const duration = useDuration();
  const attempts = days.reduce((total, day) => total + day.attempts, 0);
  const failures = days.reduce((total, day) => total + day.failures, 0);
  const share = (day: Pick<DayOf, 'attempts' | 'failures'>) =>
    day.attempts === 0 ? null : day.failures / day.attempts;
  const percent = (part: number | null) => (part === null ? '–' : format.percent(part));
  const known = days.flatMap(({ medianSeconds }) => medianSeconds ?? []);
  const times = useTimes(known);
  // The axis counts in the unit of the longest, so that its lines are whole hours or days.
  const unit = largestUnit(Math.max(0, ...known));
  return (
    <>
      <DayChart
        title={t('dashboard.medianTime')}
        summary={times}
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
