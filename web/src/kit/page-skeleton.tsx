import { Skeleton, Stack } from '@mantine/core';

/** A page on its way. */
export function PageSkeleton() {
  return (
    <Stack gap="lg" aria-busy="true">
      <Skeleton h={28} w={220} />
      <Skeleton h={180} radius="lg" />
      <Skeleton h={320} radius="lg" />
    </Stack>
  );
}
