import { Badge, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../format.ts';
import { type Column, DataList } from '../../../kit/data-list.tsx';
import { EmptyState } from '../../../kit/empty-state.tsx';
import { marginOf } from '../finder.ts';
import type { Preview } from './queries.ts';

type Row = Preview['rows'][number];
type Props = { preview: Preview; currency: string };

/** What would be imported: the cost there, the price here, what is left. */
export function PreviewList({ preview, currency }: Props) {
  const { t } = useTranslation('admin');
  const columns = useColumns(currency);
  const { created, existing, skipped, rows } = preview;
  const all = created + existing + skipped;
  return (
    <Stack gap="sm">
      <Group gap="xs" role="status">
        <Badge className="status" color="teal" tt="none">
          {t('services.importing.created')}: {created}
        </Badge>
        {existing > 0 && (
          <Badge className="status" color="gray" tt="none">
            {t('services.importing.existing')}: {existing}
          </Badge>
        )}
        {skipped > 0 && (
          <Badge className="status" color="yellow" tt="none">
            {t('services.importing.skipped')}: {skipped}
          </Badge>
        )}
        {rows.length < all && (
          <Text size="xs" c="dimmed">
            {t('services.importing.firstRows', { count: rows.length })}
          </Text>
        )}
      </Group>
      <DataList<Row>
        label={t('services.importing.previewTitle')}
        columns={columns}
        rows={rows}
        keyOf={({ externalId }) => externalId}
        empty={<EmptyState title={t('services.routes.noResult')} />}
      />
    </Stack>
  );
}

function useColumns(currency: string): Column<Row>[] {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return [
    {
      key: 'name',
      label: t('services.importing.name'),
      render: ({ name, category, externalId, isImported }) => (
        <Stack gap={0} miw={0}>
          <Text size="sm" className="long">
            <Text span c="dimmed" className="figures">
              {externalId}
            </Text>{' '}
            {name}
          </Text>
          <Text size="xs" c="dimmed" className="long">
            {category}
            {isImported && ` · ${t('services.importing.isImported')}`}
          </Text>
        </Stack>
      ),
    },
    {
      key: 'cost',
      label: `${t('services.importing.cost')} (${currency})`,
      isFigure: true,
      width: 130,
      render: ({ cost }) => (cost === null ? '–' : format.amount(cost, currency)),
    },
    {
      key: 'rate',
      label: t('services.importing.sold'),
      isFigure: true,
      width: 130,
      render: ({ rate }) =>
        rate === null ? (
          <Text span size="sm" c="dimmed">
            {t('services.importing.leftOut')}
          </Text>
        ) : (
          <Text span size="sm" fw={600}>
            {format.amount(rate)}
          </Text>
        ),
    },
    {
      key: 'margin',
      label: t('services.margin'),
      isFigure: true,
      width: 110,
      render: ({ rate, ownCost }) => {
        const margin = rate === null ? undefined : marginOf(rate, ownCost);
        return margin === undefined ? '–' : format.percent(margin);
      },
    },
  ];
}
