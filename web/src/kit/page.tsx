import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { usePanel } from '../session.ts';

type Props = {
  title: string;
  description?: ReactNode;
  /** Buttons that belong to the whole page. */
  actions?: ReactNode;
  children: ReactNode;
};

/** A page's frame: its heading, what it is for, its buttons, its content. */
export function Page({ title, description, actions, children }: Props) {
  const { panel } = usePanel();
  useEffect(() => {
    document.title = `${title} · ${panel.name}`;
  }, [title, panel.name]);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-end" gap="sm">
        <Stack gap={2} miw={0}>
          <Title order={1}>{title}</Title>
          {description && (
            <Text c="dimmed" size="sm" maw={640}>
              {description}
            </Text>
          )}
        </Stack>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
