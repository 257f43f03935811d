import { Group, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { type Drawn, paintOf } from './drawn.ts';
import classes from './plot.module.css';
import { PlotTip, usePointed } from './plot-tip.tsx';
import { namedDays, type Scale, scaleOf } from './scale.ts';

type Props = {
  days: readonly string[];
  series: readonly Drawn[];
  isStacked: boolean;
  /** Nothing is drawn between whole numbers. */
  isWhole: boolean;
  /** How a height is written; by default short. */
  write?: ((value: number) => string) | undefined;
};

/** A day's name, and some room before the next one. */
const nameWidthPx = 84;
/** With fewer days, each has room for its name. */
const wideDaysMax = 14;
/** The drawing's own units; it is stretched to the room there is. */
const plotHeight = 100;

/** The drawing of a chart by days. Its figures stand in words and in a table beside it. */
export function DayPlot({ days, series, isStacked, isWhole, write }: Props) {
  const { i18n } = useTranslation();
  const short = new Intl.NumberFormat(i18n.language, {
    notation: 'compact',
    maximumFractionDigits: 2,
  });
  const { pointed, ...pointing } = usePointed(days.length);
  const scale = scaleOf(isStacked ? stackedHeights(series) : allHeights(series), isWhole);
  const { ref, width } = useElementSize();
  const named = namedDays(days.length, Math.max(1, Math.floor(width / nameWidthPx)));
  const lastNarrow = days.length > wideDaysMax ? days.length - 1 : undefined;
  const nameOf = write ?? ((value: number) => short.format(value));
  return (
    // Keys and screen readers have the table.
    <div aria-hidden>
      <div className={classes.frame}>
        <div className={classes.heights}>
          {scale.ticks.map((tick) => (
            <b key={tick}>{nameOf(tick)}</b>
          ))}
          {scale.ticks.map((tick) => (
            <span key={tick} style={{ bottom: `${shareOf(scale, tick) * 100}%` }}>
              {nameOf(tick)}
            </span>
          ))}
        </div>
        <div className={classes.plot} {...pointing}>
          {scale.ticks.map((tick) => (
            <i key={tick} style={{ bottom: `${shareOf(scale, tick) * 100}%` }} />
          ))}
          <svg viewBox={`0 0 ${days.length} ${plotHeight}`} preserveAspectRatio="none">
            <title>{series.map(({ label }) => label).join(', ')}</title>
            {isStacked
              ? stack(series).map((drawn) => <Bars key={drawn.name} {...drawn} {...{ scale }} />)
              : series.map((drawn, at) => (
                  <Shape key={drawn.name} {...{ drawn, at, series, scale }} />
                ))}
          </svg>
          {pointed !== undefined && <PlotTip {...{ days, series, at: pointed }} />}
        </div>
        <div className={classes.days} ref={ref}>
          {named.map((at) =>
            at === lastNarrow ? (
              <span key={at} className={classes.last}>
                {days[at]}
              </span>
            ) : (
              <span key={at} style={{ left: `${((at + 0.5) / days.length) * 100}%` }}>
                {days[at]}
              </span>
            ),
          )}
        </div>
      </div>
    </div>
  );
}

/** Which colour is what. */
export function Legend({ series }: Pick<Props, 'series'>) {
  return (
    <Group gap="4px 16px" aria-hidden>
      {series.map(({ name, label, color }) => (
        <Group key={name} gap={6} wrap="nowrap">
          <span className={classes.swatch} style={{ background: paintOf(color) }} />
          <Text size="xs" c="dimmed">
            {label}
          </Text>
        </Group>
      ))}
    </Group>
  );
}

type ShapeProps = { drawn: Drawn; at: number; series: readonly Drawn[]; scale: Scale };

function Shape({ drawn, at, series, scale }: ShapeProps) {
  if (drawn.type === 'area' && drawn.heights.length > 1)
    return <Area drawn={drawn} scale={scale} />;
  const bars = drawn.heights.map((height, day): Bar => ({ day, low: 0, high: height ?? 0 }));
  const width = 1 / series.length;
  return <Bars color={drawn.color} bars={bars} scale={scale} offset={at * width} width={width} />;
}

/** Days without a height break the line. */
function Area({ drawn: { heights, color }, scale }: Pick<ShapeProps, 'drawn' | 'scale'>) {
  const y = (height: number) => plotHeight * (1 - shareOf(scale, height));
  const runs: string[][] = [[]];
  heights.forEach((height, day) => {
    if (height === null) runs.push([]);
    else runs.at(-1)?.push(`${day + 0.5} ${y(height)}`);
  });
  const shown = runs.filter((run) => run.length > 0);
  const ends = (run: string[]) => [run[0], run.at(-1)].map((point) => point?.split(' ')[0]);
  return (
    <g stroke={paintOf(color)} fill={paintOf(color)}>
      {shown.map((run) => {
        const [first, last] = ends(run);
        const line = `M${run.join('L')}`;
        return (
          <g key={first}>
            <path d={`${line}L${last} ${y(0)}L${first} ${y(0)}Z`} stroke="none" fillOpacity={0.1} />
            <path d={line} fill="none" strokeWidth={2} vectorEffect="non-scaling-stroke" />
          </g>
        );
      })}
    </g>
  );
}

type Bar = { day: number; low: number; high: number };
type BarsProps = {
  color: string;
  bars: readonly Bar[];
  scale: Scale;
  offset?: number;
  width?: number;
};

/** `offset` and `width` are shares of the room of a day's bars. */
function Bars({ color, bars, scale, offset = 0, width = 1 }: BarsProps) {
  const room = 0.72;
  return (
    <g fill={paintOf(color)}>
      {bars
        .filter(({ low, high }) => low !== high)
        .map(({ day, low, high }) => {
          const [top, bottom] = [Math.max(low, high), Math.min(low, high)];
          const tall = shareOf(scale, top) - shareOf(scale, bottom);
          return (
            <rect
              key={day}
              x={day + (1 - room) / 2 + offset * room}
              y={plotHeight * (1 - shareOf(scale, top))}
              width={width * room}
              height={plotHeight * tall}
            />
          );
        })}
    </g>
  );
}

/** Each on top of those before it. */
function stack(series: readonly Drawn[]) {
  const tops = new Map<number, number>();
  return series.map(({ name, color, heights }) => ({
    name,
    color,
    bars: heights.map((height, day): Bar => {
      const low = tops.get(day) ?? 0;
      const high = low + (height ?? 0);
      tops.set(day, high);
      return { day, low, high };
    }),
  }));
}

function allHeights(series: readonly Drawn[]): number[] {
  return series.flatMap(({ heights }) => heights.flatMap((height) => height ?? []));
}

function stackedHeights(series: readonly Drawn[]): number[] {
  return stack(series).flatMap(({ bars }) => bars.map(({ high }) => high));
}

function shareOf({ from, to }: Scale, height: number): number {
  return (height - from) / (to - from);
}
