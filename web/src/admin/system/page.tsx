import { Button } from '@mantine/core';
import { IconBook2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Loaded } from '../../kit/loaded.tsx';
import { Page } from '../../kit/page.tsx';
import { SystemFacts } from './facts.tsx';
import { Mails } from './mails.tsx';
import { systemQuery } from './queries.ts';
import { State } from './state.tsx';
import { Tasks } from './tasks.tsx';
import { Verify } from './verify.tsx';

/** Whether the panel does what it should, and what it runs on. */
export default function SystemPage() {
  const { t } = useTranslation('admin');
  const system = useQuery(systemQuery);
  const reference = (
    <Button
      component="a"
      href="/reference?api=admin"
      variant="default"
      leftSection={<IconBook2 size={16} aria-hidden />}
    >
      {t('system.reference')}
    </Button>
  );
  return (
    <Page title={t('system.title')} description={t('system.description')} actions={reference}>
      <Loaded query={system}>
        {(data) => (
          <>
            <State system={data} />
            <Verify />
            <Mails mails={data.mails} />
            <Tasks tasks={data.tasks} />
            <SystemFacts system={data} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
