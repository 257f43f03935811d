import { Center, Paper, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

type Props = { title: string; text?: ReactNode; children: ReactNode; footer?: ReactNode };

/** The one card of a page for who is not signed in. */
export function SignInCard({ title, text, children, footer }: Props) {
  return (
    <Center pt={{ base: 0, sm: 48 }}>
      <Stack w="100%" maw={400} gap="md">
        <Paper className="surface" p={{ base: 'lg', sm: 'xl' }}>
          <Stack gap="lg">
            <Stack gap={4}>
              <Title order={1}>{title}</Title>
              {text && (
                <Text c="dimmed" size="sm">
                  {text}
                </Text>
              )}
            </Stack>
            {children}
          </Stack>
        </Paper>
        {footer && (
          <Text ta="center" size="sm" component="div">
            {footer}
          </Text>
        )}
      </Stack>
    </Center>
  );
}
