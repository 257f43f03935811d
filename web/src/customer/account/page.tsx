import { useTranslation } from 'react-i18next';
import { Security } from '../../account/security.tsx';
import { Page } from '../../kit/page.tsx';
import { ProfileSection } from './profile.tsx';

/** What customers set for themselves. */
export default function AccountPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('account.title')}>
      <ProfileSection />
      <Security />
    </Page>
  );
}
