import '@mantine/charts/styles.css';
import { CompositeChart } from '@mantine/charts';
import { Box } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const height = 220;
const axisWidth = 52;

/** One of the things drawn for each day, from the points' field of its name. */
export type Drawn = { name: string; label: string; color: string; type: 'bar' | 'line' | 'area' };

type Props = {
  points: readonly Readonly<Record<string, string | number | null>>[];
  series: readonly Drawn[];
  isStacked: boolean;
  /** Nothing is drawn between whole numbers. */
  isWhole: boolean;
  /** How a height is written; by default short. */
  write?: ((value: number) => string) | undefined;
};

/** The drawing of a chart by days. Its figures stand in words and in a table beside it. */
export default function DayPlot({ points, series, isStacked, isWhole, write }: Props) {
  const { i18n } = useTranslation();
  const format = new Intl.NumberFormat(i18n.language, {
    notation: 'compact',
    maximumFractionDigits: 2,
  });
  const short = (value: number) => format.format(value);
  return (
    <Box aria-hidden>
      <CompositeChart
        h={height}
        data={[...points]}
        dataKey="day"
        withLegend={series.length > 1}
        legendProps={{ verticalAlign: 'bottom', itemSorter: null }}
        series={[...series]}
        withDots={points.length === 1}
        connectNulls={false}
        maxBarWidth={28}
        {...(isStacked && { barProps: { stackId: 'all' } })}
        xAxisProps={{ minTickGap: 24 }}
        yAxisProps={{
          width: axisWidth,
          tickFormatter: write ?? short,
          allowDecimals: !isWhole,
        }}
        valueFormatter={write ?? short}
        composedChartProps={{ margin: { left: 0, right: 12, top: 8 } }}
        // Keys and screen readers have the table.
        accessibilityLayer={false}
      />
    </Box>
  );
}
