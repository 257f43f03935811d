import { Button, Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Page } from '../../kit/page.tsx';
import { Calls } from './calls.tsx';
import classes from './documentation.module.css';
import { Keys } from './keys.tsx';

/** Keys of the panel API v2, its documentation, and what was called. */
export default function ApiPage() {
  const { t, i18n } = useTranslation();
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
      <Tabs defaultValue="keys" keepMounted={false}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="keys">{t('api.keys')}</Tabs.Tab>
          <Tabs.Tab value="documentation">{t('api.documentation')}</Tabs.Tab>
          <Tabs.Tab value="calls">{t('api.calls')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="keys">
          <Keys />
        </Tabs.Panel>
        <Tabs.Panel value="documentation">
          <iframe
            className={classes.frame}
            src={`/api?lang=${i18n.language.startsWith('zh') ? 'zh' : 'en'}`}
            title={t('api.documentation')}
          />
        </Tabs.Panel>
        <Tabs.Panel value="calls">
          <Calls />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
