import { Anchor, Button, Checkbox, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { PasswordField } from '../kit/password-field.tsx';
import { ProblemAlert } from '../kit/problem-alert.tsx';
import { showDone } from '../kit/problems.ts';
import { usePanel } from '../session.ts';
import { askSignIn } from './auth.ts';
import { SignInCard } from './card.tsx';

/** A new customer: name, address, password; the address is confirmed by mail. */
export default function SignUpPage() {
  const { t } = useTranslation();
  const { panel } = usePanel();
  const haveAccount = (
    <>
      {t('signIn.haveAccount')}{' '}
      <Anchor component={Link} to="/sign-in" underline="always">
        {t('signIn.submit')}
      </Anchor>
    </>
  );
  return (
    <SignInCard
      title={t('signIn.signUp')}
      text={panel.isSignUpOpen ? t('signIn.signUpText') : t('signIn.closed')}
      footer={haveAccount}
    >
      {panel.isSignUpOpen && <SignUpForm />}
    </SignInCard>
  );
}

function SignUpForm() {
  const { t, i18n } = useTranslation();
  const { panel } = usePanel();
  const form = useForm({
    initialValues: { name: '', email: '', password: '', accepts: !panel.hasTerms },
    validate: { accepts: (accepts) => (accepts ? null : t('signIn.mustAccept')) },
  });
  const signing = useMutation({
    mutationFn: ({ name, email, password }: typeof form.values) =>
      askSignIn('sign-up/email', {
        name,
        email,
        password,
        language: i18n.language,
        callbackURL: '/',
      }),
  });
  if (signing.isSuccess) return <CheckMail email={form.values.email} />;
  return (
    <form onSubmit={form.onSubmit((values) => signing.mutate(values))}>
      <Stack gap="md">
        <TextInput
          label={t('signIn.name')}
          description={t('signIn.nameHint')}
          autoComplete="name"
          required
          maxLength={200}
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('signIn.email')}
          type="email"
          autoComplete="username"
          required
          {...form.getInputProps('email')}
        />
        <PasswordField
          label={t('signIn.password')}
          description={t('signIn.passwordHint')}
          autoComplete="new-password"
          required
          minLength={10}
          {...form.getInputProps('password')}
        />
        {panel.hasTerms && (
          <Checkbox
            label={
              <>
                {t('signIn.acceptTerms')}{' '}
                <Anchor component={Link} to="/terms" target="_blank" underline="always" inherit>
                  {t('signIn.terms')}
                </Anchor>
              </>
            }
            {...form.getInputProps('accepts', { type: 'checkbox' })}
          />
        )}
        <ProblemAlert error={signing.error} />
        <Button type="submit" loading={signing.isPending} fullWidth>
          {t('signIn.signUp')}
        </Button>
      </Stack>
    </form>
  );
}

function CheckMail({ email }: { email: string }) {
  const { t } = useTranslation();
  const sending = useMutation({
    mutationFn: () => askSignIn('send-verification-email', { email, callbackURL: '/' }),
    onSuccess: () => showDone(t('signIn.sentAgain')),
  });
  return (
    <Stack gap="sm" role="status">
      <Text fw={600}>{t('signIn.checkMail')}</Text>
      <Text size="sm" className="long">
        {t('signIn.checkMailText', { email })}
      </Text>
      <ProblemAlert error={sending.error} />
      <Button variant="default" loading={sending.isPending} onClick={() => sending.mutate()}>
        {t('signIn.sendAgain')}
      </Button>
    </Stack>
  );
}
