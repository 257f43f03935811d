import { Box, Burger, Group, NavLink, Stack, Text } from '@mantine/core';
import { useDisclosure, useWindowEvent } from '@mantine/hooks';
import type { Icon } from '@tabler/icons-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Brand } from './brand.tsx';
import { QuestionPlace } from './question-place.tsx';

export type NavItem = { to: string; label: string; icon: Icon; badge?: ReactNode };
export type NavGroup = { label?: string; items: readonly NavItem[] };

type Props = {
  groups: readonly NavGroup[];
  /** To the right of the header. */
  header: ReactNode;
  /** Above every page: a notice, who one acts as. */
  notice?: ReactNode;
  /** Below the menu. */
  footer?: ReactNode;
  /** In place of the page of the address. */
  page?: ReactNode;
};

/** The frame of all signed-in pages: the menu, the header, the page of the address. */
export function Shell({ groups, header, notice, footer, page }: Props) {
  const { t } = useTranslation();
  const [isOpen, { toggle, close }] = useDisclosure();
  const burger = useRef<HTMLButtonElement>(null);
  useWindowEvent('keydown', ({ key }) => {
    if (key !== 'Escape' || !isOpen) return;
    close();
    burger.current?.focus();
  });
  return (
    <>
      <a className="skip-link" href="#page">
        {t('nav.skip')}
      </a>
      <header className="shell-header">
        <Group gap="sm" wrap="nowrap" flex={1} miw={70}>
          <Burger
            ref={burger}
            opened={isOpen}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={t('nav.menu')}
            aria-expanded={isOpen}
            aria-controls="menu"
          />
          <Brand />
        </Group>
        <Group gap="xs" wrap="nowrap" miw={0}>
          {header}
        </Group>
      </header>
      <div className="shell-menu" id="menu" data-open={isOpen || undefined}>
        <Stack gap="lg" component="nav" aria-label={t('nav.menu')} flex={1}>
          {groups.map((group) => (
            <Entries key={group.items[0]?.to} group={group} onGo={close} />
          ))}
        </Stack>
        {footer && <Box px="sm">{footer}</Box>}
      </div>
      <main className="shell-page" id="page" tabIndex={-1}>
        <Stack gap="lg" maw={1180} mx="auto">
          {notice}
          {page ?? <Outlet />}
        </Stack>
      </main>
      <QuestionPlace />
    </>
  );
}

function Entries({ group, onGo }: { group: NavGroup; onGo: () => void }) {
  const { pathname } = useLocation();
  return (
    <Stack gap={2}>
      {group.label && (
        <Text size="xs" c="dimmed" px="sm" pb={4} fw={600}>
          {group.label}
        </Text>
      )}
      {group.items.map((item) => (
        <NavLink
          key={item.to}
          component={Link}
          to={item.to}
          // The router marks what is current, too: a home page is so by itself only.
          activeOptions={{ exact: isHome(item.to) }}
          onClick={onGo}
          label={item.label}
          active={isWithin(pathname, item.to)}
          leftSection={<item.icon size={18} stroke={1.7} aria-hidden />}
          rightSection={item.badge}
          className="rounded"
        />
      ))}
    </Stack>
  );
}

/** A menu entry is lit on its own page and those below it; the home entry on its own only. */
export function isWithin(pathname: string, to: string): boolean {
  return isHome(to)
    ? pathname.replace(/\/$/, '') === to.replace(/\/$/, '')
    : pathname.startsWith(to);
}

function isHome(to: string): boolean {
  return to === '/' || to === '/admin';
}
