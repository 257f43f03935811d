import { Button, Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Page } from '../../kit/page.tsx';
import { Calls } from './calls.tsx';
import { Documentation } from './documentation.tsx';
import { Keys } from './keys.tsx';

const tabs = ['keys', 'documentation', 'calls'] as const;

/** Keys of the panel API v2, its documentation, and what was called. */
export default function ApiPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tab: asked }: { tab?: string } = useSearch({ strict: false });
  const tab = tabs.find((each) => each === asked) ?? 'keys';
  const open = (next: string | null) =>
    void navigate({
      to: '/api-access',
      search: next === 'keys' || next === null ? {} : { tab: next },
      replace: true,
    });
  return (
    <Page
      title={t('api.title')}
      description={t('api.description')}
      actions={
        <Button component="a" href="/reference" variant="default">
          {t('api.reference')}
        </Button>
      }
    >
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List mb="lg">
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`api.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="keys">
          <Keys />
        </Tabs.Panel>
        <Tabs.Panel value="documentation">
          <Documentation />
        </Tabs.Panel>
        <Tabs.Panel value="calls">
          <Calls />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
