import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { useBytes } from '../use-bytes.ts';
import type { Retention } from './queries.ts';

type Month = Retention['months'][number];
type Archived = Retention['archived'][number];
type Line = { key: string; cells: readonly ReactNode[] };

const shownFirst = 8;

/** What there is by months, the newest first: how large it is, and when it goes. */
export function MonthsThere({ months }: { months: readonly Month[] }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const bytes = useBytes();
  const nameOf = useMonthName();
  const happens = ({ state, dropsAt }: Month) => {
    if (state === 'current') return t('settings.retention.current');
    if (state === 'due') return t('settings.retention.due');
    if (dropsAt === null) return t('settings.retention.stays');
    return t('settings.retention.goes', { day: format.day(dropsAt) });
  };
  const lines = togetherByMonth(months)
    .toReversed()
    .map((month): Line => {
      const kind = month.history === 'provider_calls' ? month.history : 'events';
      return {
        key: `${kind}${month.until}`,
        cells: [
          <Named
            key="name"
            name={nameOf(month)}
            text={t(`settings.retention.histories.${kind}`)}
          />,
          bytes(month.bytes),
          happens(month),
        ],
      };
    });
  const heads = [
    t('settings.retention.month'),
    t('settings.retention.size'),
    t('settings.retention.next'),
  ];
  return <Lines title={t('settings.retention.months')} heads={heads} lines={lines} />;
}

/** What is gone, the newest first, and where to. */
export function ArchivedMonths({ archived }: { archived: readonly Archived[] }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const bytes = useBytes();
  const nameOf = useMonthName();
  const lines = archived
    .filter(({ rows }) => rows > 0)
    .map((month): Line => {
      const went = t('settings.retention.wentOn', { day: format.day(month.droppedAt) });
      const size = month.file === '' ? went : `${bytes(month.fileBytes)} · ${went}`;
      const kept = month.kept > 0 && t('settings.retention.kept', { count: month.kept });
      const file = month.file === '' ? t('settings.retention.noFile') : month.file;
      return {
        key: `${month.history}${month.until}`,
        cells: [
          <Named
            key="name"
            name={nameOf(month)}
            text={t(`settings.retention.histories.${month.history}`)}
          />,
          format.number(month.rows),
          <Named key="file" name={file} text={kept === false ? size : `${size} · ${kept}`} />,
        ],
      };
    });
  if (lines.length === 0) return null;
  const heads = [
    t('settings.retention.month'),
    t('settings.retention.rows'),
    t('settings.retention.where'),
  ];
  return <Lines title={t('settings.retention.gone')} heads={heads} lines={lines} />;
}

/** Events of orders and deliveries go together; months that have not begun are left out. */
function togetherByMonth(months: readonly Month[]): Month[] {
  const found = new Map<string, Month>();
  for (const month of months) {
    if (month.state === 'ahead') continue;
    const key = `${month.history === 'provider_calls'}${month.until}`;
    const other = found.get(key);
    found.set(key, other ? { ...month, bytes: other.bytes + month.bytes } : month);
  }
  return [...found.values()];
}

function useMonthName(): (month: { from: string | null; until: string }) => string {
  const { t, i18n } = useTranslation('admin');
  const words = new Intl.DateTimeFormat(i18n.language, {
    year: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  });
  return ({ from, until }) =>
    from === null
      ? t('settings.retention.before', { month: words.format(new Date(until)) })
      : words.format(new Date(from));
}

function Named({ name, text }: { name: string; text: string }) {
  return (
    <>
      {name}
      <Text size="xs" c="dimmed">
        {text}
      </Text>
    </>
  );
}

type LinesProps = { title: string; heads: readonly string[]; lines: readonly Line[] };

function Lines({ title, heads, lines }: LinesProps) {
  const { t } = useTranslation('admin');
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? lines : lines.slice(0, shownFirst);
  return (
    <Stack gap="xs" maw={640}>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Table verticalSpacing={6} horizontalSpacing="xs" aria-label={title}>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head, column) => (
              <Table.Th key={head} ta={column === 1 ? 'right' : 'left'} className="one-line">
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map(({ key, cells: [name, figure, text] }) => (
            <Table.Tr key={key}>
              <Table.Td className="long">{name}</Table.Td>
              <Table.Td ta="right" className="figures one-line">
                {figure}
              </Table.Td>
              <Table.Td className="long">{text}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {shown.length < lines.length && (
        <Group>
          <Button variant="default" onClick={() => setWhole(true)}>
            {t('settings.retention.more')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
