import { AppShell, Box, Burger, Group, NavLink, ScrollArea, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ModalsProvider } from '@mantine/modals';
import type { Icon } from '@tabler/icons-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Brand } from './brand.tsx';

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
export function Shell(props: Props) {
  return (
    // What asks in dialogs comes with it: the pages before signing in load without.
    <ModalsProvider>
      <Frame {...props} />
    </ModalsProvider>
  );
}

function Frame({ groups, header, notice, footer, page }: Props) {
  const { t } = useTranslation();
  const [isOpen, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 228, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'md', sm: 'xl' }}
    >
      <a className="skip-link" href="#page">
        {t('nav.skip')}
      </a>
      <AppShell.Header px="md" bg="var(--surface)">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger
              opened={isOpen}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={t('nav.menu')}
            />
            <Brand />
          </Group>
          <Group gap="xs" wrap="nowrap">
            {header}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar bg="var(--surface)" p="sm">
        <ScrollArea type="never" flex={1}>
          <Stack gap="lg" component="nav" aria-label={t('nav.menu')}>
            {groups.map((group) => (
              <Stack gap={2} key={group.items[0]?.to}>
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
                    onClick={close}
                    label={item.label}
                    active={isWithin(pathname, item.to)}
                    leftSection={<item.icon size={18} stroke={1.7} aria-hidden />}
                    rightSection={item.badge}
                    style={{ borderRadius: 'var(--mantine-radius-md)' }}
                  />
                ))}
              </Stack>
            ))}
          </Stack>
        </ScrollArea>
        {footer && (
          <Box px="sm" pt="sm">
            {footer}
          </Box>
        )}
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1}>
        <Stack gap="lg" maw={1180} mx="auto">
          {notice}
          {page ?? <Outlet />}
        </Stack>
      </AppShell.Main>
    </AppShell>
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
