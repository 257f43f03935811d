import { Button, Group, Text, ThemeIcon } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Section } from '../../../kit/section.tsx';
import type { Report } from './queries.ts';
import { SyncSection } from './sync-section.tsx';
import { WarningList } from './warning-list.tsx';

type Props = {
  provider: { id: number; name: string };
  report: Report;
  onAgain: () => void;
};

/** What came of the import, and how what was imported follows its provider. */
export function ResultStep({ provider, report, onAgain }: Props) {
  const { t } = useTranslation('admin');
  const { created, existing, updated, warnings } = report;
  return (
    <>
      <Section>
        <Group gap="sm" wrap="nowrap" role="status">
          <ThemeIcon size={40} radius="xl" variant="light" aria-hidden>
            <IconCheck size={22} />
          </ThemeIcon>
          <div>
            <Text fw={600}>
              {created.length === 0
                ? t('services.importing.nothingNew')
                : t('services.importing.done', { count: created.length })}
            </Text>
            <Text size="sm" c="dimmed">
              {[
                existing > 0 && t('services.importing.wereThere', { count: existing }),
                updated > 0 && t('services.importing.updated', { count: updated }),
              ]
                .filter(Boolean)
                .join(' ')}
            </Text>
          </div>
        </Group>
        <WarningList warnings={warnings} />
        <Group>
          <Button renderRoot={(props) => <Link to={'/admin/services' as string} {...props} />}>
            {t('services.importing.toServices')}
          </Button>
          <Button variant="default" onClick={onAgain}>
            {t('services.importing.again')}
          </Button>
        </Group>
      </Section>
      <SyncSection provider={provider} />
    </>
  );
}
