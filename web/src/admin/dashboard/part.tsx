import { Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

type Props = { title: string; text?: string; actions?: ReactNode; children: ReactNode };

/** A part of the dashboard under its heading. */
export function Part({ title, text, actions, children }: Props) {
  return (
    <Stack gap="sm" component="section">
      <Group justify="space-between" gap="xs">
        <Stack gap={2}>
          <Title order={2}>{title}</Title>
          {text && (
            <Text size="sm" c="dimmed">
              {text}
            </Text>
          )}
        </Stack>
        {actions}
      </Group>
      {children}
    </Stack>
  );
}

/** What stands in for figures on their way. */
export function Waiting({ heights }: { heights: readonly number[] }) {
  return (
    <Stack gap="lg" aria-busy="true">
      {heights.map((height, at) => (
        <Skeleton key={at} h={height} radius="lg" />
      ))}
    </Stack>
  );
}
