import { Button, Menu, Text } from '@mantine/core';
import { IconUserCircle, IconWallet } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';
import { ActingBanner } from '../kit/acting-banner.tsx';
import { PanelLinks } from '../kit/panel-links.tsx';
import { LanguageToggle, SchemeToggle } from '../kit/preferences.tsx';
import { type NavGroup, Shell } from '../kit/shell.tsx';
import { useCustomer } from '../session.ts';
import { useSignOut } from '../sign-in/use-sign-out.ts';
import { Announcement } from './announcement.tsx';
import { useLiveUpdates } from './live.ts';
import { menu } from './menu.ts';

/** The frame of the customers' pages: menu, balance, account. */
export default function CustomerFrame() {
  const { t } = useTranslation();
  useLiveUpdates();
  const groups: NavGroup[] = menu.map((items) => ({
    items: items.map(({ to, name, icon }) => ({ to, icon, label: t(`nav.${name}`) })),
  }));
  return (
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
          <AccountMenu />
        </>
      }
    />
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

function AccountMenu() {
  const { t } = useTranslation();
  const { name } = useCustomer();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-md" aria-label={t('nav.account')}>
          <IconUserCircle size={20} stroke={1.7} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className="one-line">{name}</Menu.Label>
        <Menu.Item component={Link} to="/account">
          {t('nav.account')}
        </Menu.Item>
        <Menu.Item onClick={signOut}>{t('nav.signOut')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
