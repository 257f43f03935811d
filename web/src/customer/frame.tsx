import { Button, Text } from '@mantine/core';
import { IconWallet } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';
import { AccountMenu } from '../kit/account-menu.tsx';
import { ActingBanner } from '../kit/acting-banner.tsx';
import { ConfirmIdentity } from '../kit/confirm-identity.tsx';
import { PanelLinks } from '../kit/panel-links.tsx';
import { LanguageToggle, SchemeToggle } from '../kit/preferences.tsx';
import { type NavGroup, Shell } from '../kit/shell.tsx';
import { useCustomer, usePanel, useSignedOut } from '../session.ts';
import { Announcement } from './announcement.tsx';
import { useLiveUpdates } from './live.ts';
import { menu } from './menu.ts';

/** The frame of the customers' pages: menu, balance, account. */
export default function CustomerFrame() {
  const isLeaving = usePanel().signedIn?.customer == null;
  useSignedOut(isLeaving);
  return isLeaving ? null : <Frame />;
}

function Frame() {
  const { t } = useTranslation();
  const { name } = useCustomer();
  useLiveUpdates();
  const groups: NavGroup[] = menu.map((items) => ({
    items: items.map(({ to, name, icon }) => ({ to, icon, label: t(`nav.${name}`) })),
  }));
  return (
    <>
      <Shell
        groups={groups}
        notice={
          <>
            <ActingBanner />
            <Announcement />
          </>
        }
        footer={<PanelLinks />}
        header={
          <>
            <Balance />
            <LanguageToggle />
            <SchemeToggle />
            <AccountMenu name={name} to="/account" />
          </>
        }
      />
      <ConfirmIdentity />
    </>
  );
}

function Balance() {
  const { t } = useTranslation();
  const format = useFormat();
  const { balance } = useCustomer();
  return (
    <Button
      component={Link}
      to="/funds"
      variant="light"
      size="compact-md"
      leftSection={<IconWallet size={16} aria-hidden />}
      aria-label={`${t('nav.balance')}: ${format.moneyAbout(balance)}`}
    >
      <Text span className="figures" size="sm" fw={600}>
        {format.moneyAbout(balance)}
      </Text>
    </Button>
  );
}
