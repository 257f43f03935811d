import { Code, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { changesOf, wordsOf } from './changes.ts';
import type { AuditRow } from './queries.ts';

/** What a row of the log says was before and is after, field by field. */
export function Diff({ row }: { row: AuditRow }) {
  const { t } = useTranslation('admin');
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
      <Table aria-label={t('audit.changes')} layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="28%">{t('audit.field')}</Table.Th>
            {hasBefore && <Table.Th>{t('audit.before')}</Table.Th>}
            {hasAfter && <Table.Th>{t(isBoth ? 'audit.after' : 'audit.value')}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map((change) => (
            <Table.Tr key={change.field} style={{ verticalAlign: 'top' }}>
              <Table.Th className="long" fw={isBoth && change.isChanged ? 650 : 400}>
                {wordsOf(change.field)}
              </Table.Th>
              {hasBefore && (
                <Table.Td className="long" c="dimmed">
                  <Value value={change.before} />
                </Table.Td>
              )}
              {hasAfter && (
                <Table.Td className="long">
                  <Value value={change.after} />
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Value({ value }: { value: unknown }) {
  const { t } = useTranslation('admin');
  if (value === undefined) return '–';
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) {
    return (
      <Text span size="sm" fs="italic" c="dimmed">
        {t('audit.empty')}
      </Text>
    );
  }
  if (typeof value === 'boolean') return t(value ? 'audit.yes' : 'audit.no');
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) {
    return value.join(', ');
  }
  if (typeof value === 'object') {
    return (
      <Code block fz="xs">
        {JSON.stringify(value, null, 2)}
      </Code>
    );
  }
  return (
    <Text span size="sm" style={{ whiteSpace: 'pre-wrap' }}>
      {String(value)}
    </Text>
  );
}
