import { Group, Paper, SimpleGrid, Text } from '@mantine/core';
import { IconArrowDownRight, IconArrowUpRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { parseDecimal } from '../../money.ts';
import { sumOf } from '../orders/money.ts';
import type { Figures, Span } from './queries.ts';
import { useDuration } from './use-duration.ts';

/** The sums of the days, with how they compare to as many days before. */
export function KeyFigures({ figures, days }: { figures: Figures; days: Span }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const duration = useDuration();
  const { total, before } = figures;
  const deposits = sumOf(figures.days.map((day) => day.deposits));
  const ended = total.completed + total.partial + total.canceled;
  const uncosted = total.uncosted > 0 && {
    note: t('dashboard.uncosted', { count: total.uncosted }),
  };
  const money = (name: 'revenue' | 'cost' | 'margin') => ({
    label: t(`dashboard.${name}`),
    value: format.moneySum(total[name]),
    change: changeOf(total[name], before[name]),
  });
  const cards: Card[] = [
    {
      label: t('dashboard.placed'),
      value: format.number(total.orders),
      note: t('dashboard.placedHint'),
      change: changeOf(String(total.orders), String(before.orders)),
    },
    money('revenue'),
    { ...money('cost'), ...uncosted, isBetterLower: true },
    { ...money('margin'), ...uncosted },
    { label: t('dashboard.deposits'), value: format.moneySum(deposits) },
    {
      label: t('dashboard.medianTime'),
      value: duration(total.medianSeconds),
      ...(total.p95Seconds !== null && {
        note: t('dashboard.p95', { time: duration(total.p95Seconds) }),
      }),
    },
    {
      label: t('dashboard.failureRate'),
      value: total.attempts === 0 ? '–' : format.percent(total.failures / total.attempts),
      note: t('dashboard.attempts', { count: total.attempts }),
    },
    {
      label: t('dashboard.completed'),
      value: total.completed === 0 ? '–' : format.percent(total.completed / ended),
      note: t('dashboard.ended', {
        ended: format.number(ended),
        partial: format.number(total.partial),
        canceled: format.number(total.canceled),
      }),
    },
  ];
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
      {cards.map((card) => (
        <Figure key={card.label} card={card} days={days} />
      ))}
    </SimpleGrid>
  );
}

type Card = {
  label: string;
  value: string;
  note?: string;
  /** A share of what it was before; undefined where there was nothing. */
  change?: number | undefined;
  isBetterLower?: boolean;
};

function Figure({ card, days }: { card: Card; days: Span }) {
  return (
    <Paper className="surface" p="md">
      <Text size="sm" c="dimmed">
        {card.label}
      </Text>
      <Text fw={650} className="headline figures long">
        {card.value}
      </Text>
      {card.note && (
        <Text size="xs" c="dimmed">
          {card.note}
        </Text>
      )}
      {card.change !== undefined && <Change card={card} change={card.change} days={days} />}
    </Paper>
  );
}

function Change({ card, change, days }: { card: Card; change: number; days: Span }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const isUp = change >= 0;
  const Arrow = isUp ? IconArrowUpRight : IconArrowDownRight;
  const isGood = isUp !== (card.isBetterLower ?? false);
  return (
    <Group gap={4} wrap="nowrap" className={isGood ? 'good' : 'bad'}>
      <Arrow size={14} aria-hidden />
      <Text size="xs" c="inherit" title={t('dashboard.before', { days })}>
        {t(isUp ? 'dashboard.up' : 'dashboard.down', {
          share: format.percent(Math.abs(change), 0),
        })}
      </Text>
    </Group>
  );
}

/** For the eye: amounts themselves never become floating-point numbers. */
function changeOf(now: string, before: string): number | undefined {
  const [after, base] = [parseDecimal(now) ?? 0n, parseDecimal(before) ?? 0n];
  if (base <= 0n) return undefined;
  return Number(((after - base) * 1_000n) / base) / 1_000;
}
