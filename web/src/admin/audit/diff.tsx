import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { changesOf } from './changes.ts';
import type { AuditRow } from './queries.ts';
import { useFieldText, useValueText } from './values.ts';

/** What a row of the log says was before and is after, field by field. */
export function Diff({ row }: { row: AuditRow }) {
  const { t } = useTranslation('admin');
  const fieldText = useFieldText();
  const valueText = useValueText();
  // What stayed as it was comes last.
  const changes = changesOf(row).toSorted(
    (one, other) => Number(other.isChanged) - Number(one.isChanged),
  );
  if (changes.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('audit.noChanges')}
      </Text>
    );
  }
  const hasBefore = row.before !== null;
  const hasAfter = row.after !== null;
  const isBoth = hasBefore && hasAfter;
  return (
    <Table.ScrollContainer minWidth={300}>
      <Table aria-label={t('audit.changes')} layout="fixed" horizontalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="31%">{t('audit.field')}</Table.Th>
            {hasBefore && <Table.Th>{t('audit.before')}</Table.Th>}
            {hasAfter && <Table.Th>{t(isBoth ? 'audit.after' : 'audit.value')}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map((change) => (
            <Table.Tr key={change.field} style={{ verticalAlign: 'top' }}>
              <Table.Th className="long" fw={isBoth && change.isChanged ? 650 : 400}>
                {fieldText({ action: row.action, field: change.field })}
              </Table.Th>
              {hasBefore && (
                <Table.Td className="long" c="dimmed" style={{ whiteSpace: 'pre-wrap' }}>
                  {valueText(change.before, { action: row.action, field: change.field })}
                </Table.Td>
              )}
              {hasAfter && (
                <Table.Td className="long" style={{ whiteSpace: 'pre-wrap' }}>
                  {valueText(change.after, { action: row.action, field: change.field })}
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
