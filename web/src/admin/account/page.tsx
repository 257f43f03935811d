import { useTranslation } from 'react-i18next';
import { Security } from '../../account/security.tsx';
import { Page } from '../../kit/page.tsx';

/** How a member of staff signs in. */
export default function StaffAccountPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('account.title')}>
      <Security />
    </Page>
  );
}
