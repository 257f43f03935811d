import { Button, Paper } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../kit/empty-state.tsx';
import { Page } from '../kit/page.tsx';
import type { Entry } from './menu.ts';

/** What stands in place of a page that this member of staff may not enter, and what it takes. */
export function Refused({ page }: { page: Entry['name'] }) {
  const { t } = useTranslation('admin');
  const area = t(`frame.pages.${page}`);
  return (
    <Page title={area}>
      <Paper className="surface">
        <EmptyState
          icon={IconLock}
          title={t('frame.refused')}
          text={t('frame.refusedText', { area })}
          action={
            <Button
              variant="default"
              mt="xs"
              renderRoot={(props) => <Link to="/admin" {...props} />}
            >
              {t('frame.toDashboard')}
            </Button>
          }
        />
      </Paper>
    </Page>
  );
}
