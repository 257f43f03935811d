import { Anchor, Button, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { PasswordField } from '../kit/password-field.tsx';
import { ProblemAlert } from '../kit/problem-alert.tsx';
import { askSignIn } from './auth.ts';
import { SignInCard } from './card.tsx';

/** Sets a password by the link of a mail. */
export default function ResetPage() {
  const { t } = useTranslation();
  const { token }: { token?: string } = useSearch({ strict: false });
  const form = useForm({ initialValues: { newPassword: '' } });
  const setting = useMutation({
    mutationFn: ({ newPassword }: typeof form.values) =>
      askSignIn('reset-password', { newPassword, token }),
  });
  const signIn = (
    <Anchor component={Link} to="/sign-in">
      {t('signIn.back')}
    </Anchor>
  );
  if (token === undefined) {
    return (
      <SignInCard title={t('signIn.setTitle')} text={t('signIn.badLink')} footer={signIn}>
        <Button component={Link} to="/forgot-password">
          {t('signIn.newLink')}
        </Button>
      </SignInCard>
    );
  }
  return (
    <SignInCard title={t('signIn.setTitle')} footer={signIn}>
      {setting.isSuccess ? (
        <Text role="status">{t('signIn.setDone')}</Text>
      ) : (
        <form onSubmit={form.onSubmit((values) => setting.mutate(values))}>
          <Stack gap="md">
            <PasswordField
              label={t('signIn.newPassword')}
              description={t('signIn.passwordHint')}
              autoComplete="new-password"
              required
              minLength={10}
              {...form.getInputProps('newPassword')}
            />
            <ProblemAlert error={setting.error} />
            <Button type="submit" loading={setting.isPending} fullWidth>
              {t('signIn.setSubmit')}
            </Button>
          </Stack>
        </form>
      )}
    </SignInCard>
  );
}
