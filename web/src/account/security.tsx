import { Stack } from '@mantine/core';
import { Passkeys } from './passkeys.tsx';
import { PasswordSection } from './password.tsx';
import { Sessions } from './sessions.tsx';
import { TwoFactor } from './two-factor.tsx';

/** How a user, customer or staff, signs in and where. */
export function Security() {
  return (
    <Stack gap="lg">
      <PasswordSection />
      <TwoFactor />
      <Passkeys />
      <Sessions />
    </Stack>
  );
}
