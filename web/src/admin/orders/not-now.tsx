import { Text } from '@mantine/core';

type Props = { what: string; why: string };

/** Says below buttons why one of them is off: a finger has no other way to learn it. */
export function NotNow({ what, why }: Props) {
  return (
    <Text size="xs" c="dimmed" w="100%" ta="left">
      {what}: {why}
    </Text>
  );
}
