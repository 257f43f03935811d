import { useLocation } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { AccountMenu } from '../kit/account-menu.tsx';
import { ConfirmIdentity } from '../kit/confirm-identity.tsx';
import { LanguageToggle, SchemeToggle } from '../kit/preferences.tsx';
import { isWithin, type NavGroup, Shell } from '../kit/shell.tsx';
import { type Session, usePanel, useSignedOut } from '../session.ts';
import { FactorNotice } from './factor-notice.tsx';
import { menu } from './menu.ts';
import { useBadges } from './menu-badges.tsx';
import { Refused } from './refused.tsx';

/** The frame of the operators' pages: only the areas that this member of staff may enter. */
export default function AdminFrame() {
  const { signedIn } = usePanel();
  const staff = signedIn?.isActing === true ? null : (signedIn?.staff ?? null);
  useSignedOut(staff === null);
  return staff && <Frame staff={staff} />;
}

type Staff = NonNullable<NonNullable<Session['signedIn']>['staff']>;

function Frame({ staff: { name, areas: entered, missingFactor } }: { staff: Staff }) {
  const { t } = useTranslation('admin');
  const areas = new Set(entered);
  const badgeOf = useBadges(missingFactor === null);
  const { pathname } = useLocation();
  const refused = menu
    .flatMap(({ items }) => items)
    .find(({ to, area }) => area !== undefined && !areas.has(area) && isWithin(pathname, to));
  const groups: NavGroup[] = menu
    .map((group) => ({
      label: t(`frame.groups.${group.name}`),
      items: group.items
        .filter(({ area }) => area === undefined || areas.has(area))
        .map(({ to, name, icon }) => {
          const badge = badgeOf(name);
          return { to, icon, label: t(`frame.pages.${name}`), ...(badge && { badge }) };
        }),
    }))
    .filter(({ items }) => items.length > 0);
  return (
    <>
      <Shell
        {...(refused && { page: <Refused page={refused.name} /> })}
        groups={missingFactor === null ? groups : []}
        notice={missingFactor && <FactorNotice missing={missingFactor} />}
        header={
          <>
            <LanguageToggle />
            <SchemeToggle />
            <AccountMenu name={name} to="/admin/account" />
          </>
        }
      />
      <ConfirmIdentity />
    </>
  );
}
