import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Loaded } from '../../kit/loaded.tsx';
import { Page } from '../../kit/page.tsx';
import { Access } from './access.tsx';
import { Alarms } from './alarms.tsx';
import { ApiSection } from './api.tsx';
import { Currency } from './currency.tsx';
import { Links } from './links.tsx';
import { Logo } from './logo.tsx';
import { Looks } from './looks.tsx';
import { MailSection } from './mail.tsx';
import { type Settings, settingsQuery } from './queries.ts';
import { RetentionSection } from './retention.tsx';
import { Safety } from './safety.tsx';
import { TextsSection } from './texts.tsx';
import { UnsavedGuard } from './unsaved.tsx';

/** What the operator sets once for the whole panel. */
export default function SettingsPage() {
  const { t } = useTranslation('admin');
  const settings = useQuery(settingsQuery);
  return (
    <Page title={t('settings.title')} description={t('settings.description')}>
      <Loaded query={settings}>
        {(data) => (
          <UnsavedGuard>
            <Sections settings={data} />
          </UnsavedGuard>
        )}
      </Loaded>
    </Page>
  );
}

function Sections({ settings }: { settings: Settings }) {
  return (
    <>
      <Looks settings={settings} />
      <Logo settings={settings} />
      <Access settings={settings} />
      <TextsSection settings={settings} />
      <ApiSection settings={settings} />
      <Links />
      <Currency settings={settings} />
      <MailSection settings={settings} />
      <Alarms />
      <RetentionSection />
      <Safety settings={settings} />
    </>
  );
}
