import { Button, Menu } from '@mantine/core';
import { IconUserCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePanel } from '../session.ts';
import { useSignOut } from '../sign-in/use-sign-out.ts';

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { t } = useTranslation();
  const { signedIn } = usePanel();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-md" aria-label={t('nav.account')}>
          <IconUserCircle size={20} stroke={1.7} aria-hidden />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className="one-line">{signedIn?.staff?.name}</Menu.Label>
        <Menu.Item component={Link} to="/admin/account">
          {t('nav.account')}
        </Menu.Item>
        <Menu.Item onClick={signOut}>{t('nav.signOut')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
