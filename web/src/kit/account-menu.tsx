import { Box, Button, NavLink, Paper, Text } from '@mantine/core';
import { useClickOutside } from '@mantine/hooks';
import { IconUserCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSignOut } from '../sign-in/use-sign-out.ts';

type Props = { name: string; to: '/account' | '/admin/account' };

/** Who is signed in, the way to their account, and the way out. */
export function AccountMenu({ name, to }: Props) {
  const { t } = useTranslation();
  const signOut = useSignOut();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => setOpen(false);
  const box = useClickOutside<HTMLDivElement>(close);
  return (
    <Box
      ref={box}
      className="drop"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        close();
        button.current?.focus();
      }}
      onBlur={({ relatedTarget, currentTarget }) => {
        if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) close();
      }}
    >
      <Button
        ref={button}
        variant="subtle"
        color="gray"
        size="compact-md"
        aria-label={t('nav.account')}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <IconUserCircle size={20} stroke={1.7} aria-hidden />
      </Button>
      {isOpen && (
        <Paper className="surface drop-down" p={4} radius="md" shadow="md">
          <Text size="xs" c="dimmed" px="sm" py={4} className="one-line">
            {name}
          </Text>
          <NavLink
            className="rounded"
            component={Link}
            to={to}
            label={t('nav.account')}
            onClick={close}
          />
          <NavLink
            className="rounded"
            component="button"
            label={t('nav.signOut')}
            onClick={signOut}
          />
        </Paper>
      )}
    </Box>
  );
}
