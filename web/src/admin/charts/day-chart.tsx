import { Box, Button, Group, Skeleton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../kit/section.tsx';
import { DayPlot, Legend } from './day-plot.tsx';
import type { Drawn } from './drawn.ts';

const DayTable = lazy(() => import('./day-table.tsx'));

/** What is drawn: `height` in the drawing, which is all a number is used for, `text` as it is. */
export type Series<Row> = {
  name: string;
  label: string;
  color: string;
  type?: Drawn['type'];
  height: (row: Row) => number | null;
  text: (row: Row) => string;
};

type Props<Row> = {
  title: string;
  /** What the drawing comes to, in words. */
  summary: string;
  /** What is counted, where the title alone does not say. */
  hint?: string;
  rows: readonly Row[];
  series: readonly Series<Row>[];
  isStacked?: boolean;
  /** Nothing is drawn between whole numbers. */
  isWhole?: boolean;
  /** How a height is written; by default short. */
  write?: (value: number) => string;
};

/** Days as a drawing, with what it comes to in words and all its figures in a table. */
export function DayChart<Row extends { day: string }>(props: Props<Row>) {
  const { title, summary, hint, rows, series, isStacked = false, isWhole = false, write } = props;
  const { t } = useTranslation('admin');
  const [isOpen, { toggle }] = useDisclosure();
  const id = useId();
  const dayOf = useDayName();
  const drawn = series.map(
    ({ name, label, color, type = 'bar', height, text }): Drawn => ({
      ...{ name, label, color, type },
      heights: rows.map(height),
      texts: rows.map(text),
    }),
  );
  return (
    <Section
      title={title}
      description={
        <>
          <span>{summary}</span>
          {hint && (
            <Box component="span" display="block" fz="xs">
              {hint}
            </Box>
          )}
        </>
      }
    >
      <DayPlot
        days={rows.map(({ day }) => dayOf(day))}
        series={drawn}
        {...{ isStacked, isWhole, write }}
      />
      <Group gap="xs" justify="space-between">
        {drawn.length > 1 && <Legend series={drawn} />}
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={toggle}
          ml="auto"
        >
          {t(isOpen ? 'charts.hideTable' : 'charts.showTable')}
        </Button>
      </Group>
      <div id={id} hidden={!isOpen}>
        {isOpen && (
          <Suspense fallback={<Skeleton h={320} />}>
            <DayTable title={title} days={rows.map(({ day }) => dayOf(day))} series={drawn} />
          </Suspense>
        )}
      </div>
    </Section>
  );
}

/** Days are those of UTC, wherever the reader is. */
function useDayName(): (iso: string) => string {
  const { i18n } = useTranslation();
  const format = new Intl.DateTimeFormat(i18n.language, {
    ...{ month: 'short', day: 'numeric', timeZone: 'UTC' },
  });
  return (iso) => format.format(new Date(iso));
}
