import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

type Props = {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
};

/** A card of a page: one subject. */
export function Section({ title, description, actions, children }: Props) {
  return (
    <Paper className="surface" p={{ base: 'md', sm: 'lg' }} component="section">
      <Stack gap="md">
        {(title || actions) && (
          <Group justify="space-between" align="flex-start">
            <Stack gap={2} flex="1 1 120px" miw={0}>
              {title && <Title order={2}>{title}</Title>}
              {description && (
                <Text c="dimmed" size="sm">
                  {description}
                </Text>
              )}
            </Stack>
            {actions && <Group gap="xs">{actions}</Group>}
          </Group>
        )}
        {children}
      </Stack>
    </Paper>
  );
}
