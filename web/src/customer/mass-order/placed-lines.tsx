import { Anchor, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type Column, DataList } from '../../kit/data-list.tsx';
import { Section } from '../../kit/section.tsx';
import { useRefusalText } from './refusal-text.ts';
import type { PlacedLine } from './use-mass-order.ts';

type Row = PlacedLine & { key: string };

/** What became of each line; those that are no orders stay in the text above. */
export function PlacedLines({ lines }: { lines: readonly PlacedLine[] }) {
  const { t } = useTranslation();
  const columns = useColumns();
  const rows: Row[] = lines.map((line, index) => ({ ...line, key: String(index) }));
  const placed = lines.filter(({ outcome }) => outcome === 'placed').length;
  const left = lines.length - placed;
  const shown = [
    ...rows.filter(({ outcome }) => outcome !== 'placed'),
    ...rows.filter(({ outcome }) => outcome === 'placed'),
  ];
  return (
    <Section
      title={<span role="status">{t('massOrder.placed', { count: placed })}</span>}
      description={left > 0 ? t('massOrder.left', { count: left }) : undefined}
    >
      <DataList<Row>
        label={t('massOrder.placed', { count: placed })}
        columns={columns}
        rows={shown}
        keyOf={({ key }) => key}
        empty={null}
      />
    </Section>
  );
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation();
  const refusalText = useRefusalText();
  return [
    {
      key: 'line',
      label: t('massOrder.line'),
      render: ({ text }) => (
        <Text size="sm" className="long">
          {text}
        </Text>
      ),
    },
    {
      key: 'outcome',
      label: t('massOrder.outcome'),
      width: 340,
      render: ({ id, outcome, refusal }) => {
        if (id !== null) {
          return (
            <Anchor component={Link} to={`/orders/${id}`} size="sm" className="figures">
              {t('massOrder.order', { id })}
            </Anchor>
          );
        }
        return (
          <Text size="sm" c="red">
            {outcome === 'unknown' || refusal === null
              ? t('massOrder.unknown')
              : refusalText(refusal)}
          </Text>
        );
      },
    },
  ];
}
