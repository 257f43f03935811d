import { Group, Paper, Text } from '@mantine/core';
import { type PointerEvent, useState } from 'react';
import { type Drawn, paintOf } from './drawn.ts';
import classes from './plot.module.css';

/** Which day the pointer, or a finger, is at; undefined while it is elsewhere. */
export function usePointed(count: number) {
  const [pointed, setPointed] = useState<number>();
  const point = ({ currentTarget, clientX }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const day = Math.floor(((clientX - left) / width) * count);
    setPointed(Math.min(count - 1, Math.max(0, day)));
  };
  return {
    pointed,
    onPointerMove: point,
    onPointerDown: point,
    onPointerLeave: () => setPointed(undefined),
  };
}

type Props = { days: readonly string[]; series: readonly Drawn[]; at: number };

/** The exact figures of the day that is pointed at. */
export function PlotTip({ days, series, at }: Props) {
  const middle = (at + 0.5) / days.length;
  const side = middle < 0.5 ? { left: `${middle * 100}%` } : { right: `${(1 - middle) * 100}%` };
  return (
    <>
      <b style={{ left: `${middle * 100}%` }} />
      <Paper className={`surface ${classes.tip}`} p="xs" radius="md" shadow="md" style={side}>
        <Text size="xs" c="dimmed">
          {days[at]}
        </Text>
        {series.map(({ name, label, color, texts }) => (
          <Group key={name} gap={6} wrap="nowrap">
            <span className={classes.swatch} style={{ background: paintOf(color) }} />
            <Text size="xs">{label}</Text>
            <Text size="xs" fw={600} ml="auto" className="figures one-line">
              {texts[at]}
            </Text>
          </Group>
        ))}
      </Paper>
    </>
  );
}
