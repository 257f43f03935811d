import { Alert, Anchor, Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useProblemText } from '../kit/problems.ts';
import { sessionQuery, usePanel } from '../session.ts';
import { askSignIn } from './auth.ts';
import { SignInCard } from './card.tsx';

/** Signing in with e-mail and password. */
export default function SignInPage() {
  const { t } = useTranslation();
  const { panel } = usePanel();
  const textOf = useProblemText();
  const finish = useFinishSignIn();
  const form = useForm({ initialValues: { email: '', password: '' } });
  const signing = useMutation({
    mutationFn: (values: typeof form.values) => askSignIn('sign-in/email', values),
    onSuccess: finish,
  });
  return (
    <SignInCard
      title={t('signIn.title')}
      text={panel.tagline}
      footer={
        panel.isSignUpOpen && (
          <>
            {t('signIn.noAccount')}{' '}
            <Anchor component={Link} to="/sign-up">
              {t('signIn.signUp')}
            </Anchor>
          </>
        )
      }
    >
      <form onSubmit={form.onSubmit((values) => signing.mutate(values))}>
        <Stack gap="md">
          <TextInput
            label={t('signIn.email')}
            type="email"
            autoComplete="username webauthn"
            required
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label={t('signIn.password')}
            autoComplete="current-password"
            required
            {...form.getInputProps('password')}
          />
          {signing.error && (
            <Alert color="red" p="sm" role="alert">
              {textOf(signing.error)}
            </Alert>
          )}
          <Button type="submit" loading={signing.isPending} fullWidth>
            {t('signIn.submit')}
          </Button>
        </Stack>
      </form>
    </SignInCard>
  );
}

/** Goes on to where the reader wanted to go, as who they are now. */
export function useFinishSignIn() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { to }: { to?: string } = useSearch({ strict: false });
  return async () => {
    queryClient.clear();
    const { signedIn } = await queryClient.fetchQuery(sessionQuery);
    const home = signedIn?.staff ? '/admin' : '/';
    // Only our own addresses: a link could carry another.
    const isOwn = to !== undefined && /^\/(?![/\\])/.test(to);
    await navigate({ to: isOwn ? to : home });
  };
}
