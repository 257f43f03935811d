import { Anchor, Button, Divider, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { AuthenticationResponseJSON, startAuthentication } from '@simplewebauthn/browser';
import { IconFingerprint } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Problem } from '../api/client.ts';
import { PasswordField } from '../kit/password-field.tsx';
import { ProblemAlert } from '../kit/problem-alert.tsx';
import { askSignIn } from './auth.ts';

type Props = { onDone: () => Promise<void>; onCode: () => void };

/** E-mail and password, or a passkey. */
export function PasswordForm({ onDone, onCode }: Props) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { email: '', password: '' } });
  const signing = useMutation({
    mutationFn: (values: typeof form.values) =>
      askSignIn<{ twoFactorRedirect?: boolean }>('sign-in/email', values),
    onSuccess: (reply) => (reply.twoFactorRedirect ? onCode() : onDone()),
  });
  const usingPasskey = useMutation({ mutationFn: signInByPasskey, onSuccess: onDone });
  return (
    <Stack gap="md">
      <form onSubmit={form.onSubmit((values) => signing.mutate(values))}>
        <Stack gap="md">
          <TextInput
            label={t('signIn.email')}
            type="email"
            autoComplete="username webauthn"
            required
            {...form.getInputProps('email')}
          />
          <PasswordField
            label={t('signIn.password')}
            autoComplete="current-password"
            required
            {...form.getInputProps('password')}
          />
          <ProblemAlert error={signing.error ?? usingPasskey.error} />
          <Button type="submit" loading={signing.isPending} fullWidth>
            {t('signIn.submit')}
          </Button>
        </Stack>
      </form>
      <Anchor component={Link} to="/forgot-password" size="sm" ta="center">
        {t('signIn.forgot')}
      </Anchor>
      <Divider label={t('signIn.or')} />
      <Button
        variant="default"
        leftSection={<IconFingerprint size={18} aria-hidden />}
        loading={usingPasskey.isPending}
        onClick={() => usingPasskey.mutate()}
      >
        {t('signIn.passkey')}
      </Button>
    </Stack>
  );
}

type Options = Parameters<typeof startAuthentication>[0]['optionsJSON'];

async function signInByPasskey(): Promise<void> {
  const optionsJSON = await askSignIn<Options>('passkey/generate-authenticate-options');
  // Most sign in with a password.
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const response: AuthenticationResponseJSON = await startAuthentication({ optionsJSON }).catch(
    () => {
      throw new Problem({ code: 'passkey_failed', detail: '', message: 'no passkey was given' });
    },
  );
  await askSignIn('passkey/verify-authentication', { response });
}
