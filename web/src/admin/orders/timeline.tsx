import { Group, Stack, Text, Timeline } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { Section } from '../../kit/section.tsx';
import { useActorText } from '../actor-text.ts';
import type { OrderDetail } from './queries.ts';
import { useEntryLines } from './timeline-words.ts';

type Entry = OrderDetail['timeline'][number];

const alarming: ReadonlySet<string> = new Set(['held', 'unknown', 'rejected', 'flagged']);

/** All that happened to an order and its delivery, with who did it; the last first. */
export function TimelineSection(props: Pick<OrderDetail, 'timeline' | 'archivedChanges'>) {
  const { timeline, archivedChanges: archived } = props;
  const { t } = useTranslation('admin');
  const entries = timeline.map((entry, index) => ({ ...entry, key: index })).toReversed();
  return (
    <Section title={t('orders.timeline')}>
      {entries.length === 0 && archived === 0 ? (
        <Text size="sm" c="dimmed">
          {t('orders.noTimeline')}
        </Text>
      ) : (
        <Timeline bulletSize={14} lineWidth={2} color="gray">
          {entries.map((entry) => (
            <Timeline.Item
              key={entry.key}
              title={<EntryTitle entry={entry} />}
              {...(alarming.has(entry.kind) && { color: 'orange' })}
            >
              <EntryBody entry={entry} />
            </Timeline.Item>
          ))}
        </Timeline>
      )}
      {archived > 0 && (
        <Text size="sm" c="dimmed">
          {t('orders.archived', { count: archived })}
        </Text>
      )}
    </Section>
  );
}

function EntryTitle({ entry: { kind, at } }: { entry: Entry }) {
  const { t, i18n } = useTranslation('admin');
  const format = useFormat();
  const key = `orders.events.${kind}`;
  return (
    <Group justify="space-between" gap="xs">
      <Text size="sm" fw={600}>
        {i18n.exists(`admin:${key}`) ? String(t(key as never)) : kind}
      </Text>
      <Text size="xs" c="dimmed">
        {format.moment(at)}
      </Text>
    </Group>
  );
}

function EntryBody({ entry }: { entry: Entry }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const lines = useEntryLines(entry);
  const actorText = useActorText();
  const refund = Number(entry.refund);
  const amount = format.money(entry.refund.replace('-', ''));
  return (
    <Stack gap={2} mt={2}>
      <Group gap="2px 16px">
        {lines.map(({ label, text }) => (
          <Text size="sm" key={label} className="long" lineClamp={6}>
            <Text span size="sm" c="dimmed">
              {label}
            </Text>{' '}
            {text}
          </Text>
        ))}
      </Group>
      {refund !== 0 && (
        <Text size="sm" fw={600} className="figures">
          {t(refund > 0 ? 'orders.refund' : 'orders.takenBack', { amount })}
        </Text>
      )}
      {entry.note !== '' && (
        <Text size="sm" className="long">
          “{entry.note}”
        </Text>
      )}
      <Text size="xs" c="dimmed">
        {actorText(entry.actor)}
      </Text>
    </Stack>
  );
}
