import { useTranslation } from 'react-i18next';
import { ConfirmIdentity } from '../kit/confirm-identity.tsx';
import { LanguageMenu, SchemeToggle } from '../kit/preferences.tsx';
import { type NavGroup, Shell } from '../kit/shell.tsx';
import { usePanel } from '../session.ts';
import { AccountMenu } from './account-menu.tsx';
import { menu } from './menu.ts';

/** The frame of the operators' pages: only the areas that this member of staff may enter. */
export default function AdminFrame() {
  const { t } = useTranslation('admin');
  const { signedIn } = usePanel();
  const areas = new Set(signedIn?.staff?.areas);
  const groups: NavGroup[] = menu
    .map((group) => ({
      label: t(`frame.groups.${group.name}`),
      items: group.items
        .filter(({ area }) => area === undefined || areas.has(area))
        .map(({ to, name, icon }) => ({ to, icon, label: t(`frame.pages.${name}`) })),
    }))
    .filter(({ items }) => items.length > 0);
  return (
    <>
      <Shell
        groups={groups}
        header={
          <>
            <LanguageMenu />
            <SchemeToggle />
            <AccountMenu />
          </>
        }
      />
      <ConfirmIdentity />
    </>
  );
}
