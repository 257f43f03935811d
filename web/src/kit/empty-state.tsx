import { Center, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { type Icon, IconInbox } from '@tabler/icons-react';
import type { ReactNode } from 'react';

type Props = {
  icon?: Icon;
  title: string;
  text?: ReactNode;
  action?: ReactNode;
  /** It stands for the whole page, and has its heading. */
  isPage?: boolean;
};

/** What stands where a list would: why it is empty, and what to do about it. */
export function EmptyState(props: Props) {
  const { icon: Glyph = IconInbox, title, text, action, isPage = false } = props;
  return (
    <Center py={56} px="md">
      <Stack align="center" gap="xs" maw={380} ta="center">
        <ThemeIcon size={48} radius="xl" variant="light" color="gray">
          <Glyph size={24} stroke={1.6} aria-hidden />
        </ThemeIcon>
        {isPage ? (
          <Title order={1} size="h3">
            {title}
          </Title>
        ) : (
          <Text fw={600}>{title}</Text>
        )}
        {text && (
          <Text c="dimmed" size="sm">
            {text}
          </Text>
        )}
        {action}
      </Stack>
    </Center>
  );
}
