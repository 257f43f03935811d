import { Group, Stack, Text, Timeline } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
import { StatusBadge } from '../../kit/status-badge.tsx';
import { formatUnits, parseDecimal } from '../../money.ts';
import type { OrderAnswer } from './queries.ts';

type Entry = OrderAnswer['timeline'][number];

/** What happened to an order, newest first. */
export function OrderHistory(props: Pick<OrderAnswer, 'timeline' | 'archivedChanges'>) {
  const { timeline, archivedChanges: archived } = props;
  const { t } = useTranslation();
  const told = withoutSmallSteps(timeline);
  const entries = told.map((entry, index) => ({ entry, before: told[index - 1], index }));
  return (
    <Section title={t('orders.history')}>
      <Timeline bulletSize={12} lineWidth={2} active={told.length} aria-label={t('orders.history')}>
        {entries.reverse().map(({ entry, before, index }) => (
          <Timeline.Item key={index}>
            <Step entry={entry} before={before} />
          </Timeline.Item>
        ))}
      </Timeline>
      {archived > 0 && (
        <Text size="sm" c="dimmed">
          {t('orders.archived', { count: archived })}
        </Text>
      )}
    </Section>
  );
}

function Step({ entry, before }: { entry: Entry; before: Entry | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const lines: (string | false)[] = [
    before === undefined && t('orders.wasPlaced'),
    entry.startCount !== null &&
      entry.startCount !== before?.startCount &&
      t('orders.startCountIs', { count: entry.startCount, shown: format.number(entry.startCount) }),
    before !== undefined &&
      entry.remains !== before.remains &&
      t('orders.remainsIs', { shown: format.number(entry.remains) }),
    refundText(),
  ];
  function refundText(): string | false {
    const refund = parseDecimal(entry.refund) ?? 0n;
    if (refund === 0n) return false;
    return refund > 0n
      ? t('orders.refundIs', { amount: format.money(entry.refund) })
      : t('orders.refundTaken', { amount: format.money(formatUnits(-refund)) });
  }
  const [first, ...others] = lines.filter((line) => line !== false);
  const lead = first !== undefined && <Text size="sm">{first}</Text>;
  return (
    <Stack gap={2} mt={-4}>
      <Group gap="xs" justify="space-between">
        {entry.status === before?.status ? lead : <StatusBadge status={entry.status} />}
        <Text size="xs" c="dimmed" className="figures one-line" flex="none">
          {format.moment(entry.at)}
        </Text>
      </Group>
      {entry.status !== before?.status && lead}
      {others.map((line) => (
        <Text key={line} size="sm">
          {line}
        </Text>
      ))}
    </Stack>
  );
}

/** The history with one entry in place of many that say only that a little more was delivered. */
function withoutSmallSteps(timeline: readonly Entry[]): Entry[] {
  const isSmall = (entry: Entry | undefined, before: Entry | undefined) =>
    entry !== undefined &&
    before !== undefined &&
    entry.status === before.status &&
    entry.startCount === before.startCount &&
    (parseDecimal(entry.refund) ?? 0n) === 0n;
  return timeline.filter(
    (entry, index) => !(isSmall(entry, timeline[index - 1]) && isSmall(timeline[index + 1], entry)),
  );
}
