import { SimpleGrid, Stack } from '@mantine/core';
import { Passkeys } from './passkeys.tsx';
import { PasswordSection } from './password.tsx';
import { Sessions } from './sessions.tsx';
import { TwoFactor } from './two-factor.tsx';

/** How a user, customer or staff, signs in and where. */
export function Security() {
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <PasswordSection />
        <Stack gap="lg">
          <TwoFactor />
          <Passkeys />
        </Stack>
      </SimpleGrid>
      <Sessions />
    </Stack>
  );
}
