import { Box, Container, Group, Stack } from '@mantine/core';
import { Outlet } from '@tanstack/react-router';
import { Brand } from '../kit/brand.tsx';
import { PanelLinks } from '../kit/panel-links.tsx';
import { LanguageToggle, SchemeToggle } from '../kit/preferences.tsx';

/** The frame of pages for who is not signed in: the panel's name, and the page. */
export default function OpenFrame() {
  return (
    <Stack mih="100dvh" gap={0}>
      <Group h={56} px="md" justify="space-between" component="header">
        <Brand />
        <Group gap="xs">
          <LanguageToggle />
          <SchemeToggle />
        </Group>
      </Group>
      <Box component="main" flex={1}>
        <Container size="lg" py="xl">
          <Outlet />
        </Container>
      </Box>
      <Container size="lg" py="md" component="footer">
        <PanelLinks withPriceList />
      </Container>
    </Stack>
  );
}
