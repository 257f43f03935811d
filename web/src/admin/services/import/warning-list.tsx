import { Alert, List, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Warning } from './queries.ts';

const shownMax = 50;

/** What is not as one would expect, service by service. */
export function WarningList({ warnings }: { warnings: readonly Warning[] }) {
  const { t } = useTranslation('admin');
  if (warnings.length === 0) return null;
  const shown = warnings.slice(0, shownMax);
  const rest = warnings.length - shown.length;
  return (
    <Alert
      color="yellow"
      title={t('services.importing.warnings', { count: warnings.length })}
      p="sm"
    >
      <List size="sm">
        {shown.map(({ subject, code, isSkipped }) => (
          <List.Item key={`${subject} ${code}`}>
            <Text span size="sm" fw={600} className="long figures">
              {subject}
            </Text>{' '}
            {t(`services.importing.codes.${code}`)}
            {isSkipped && ` (${t('services.importing.leftOut')})`}
          </List.Item>
        ))}
      </List>
      {rest > 0 && (
        <Text size="sm" mt={4}>
          {t('services.bulk.andMore', { count: rest })}
        </Text>
      )}
    </Alert>
  );
}
