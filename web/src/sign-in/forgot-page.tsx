import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../kit/problem-alert.tsx';
import { askSignIn } from './auth.ts';
import { SignInCard } from './card.tsx';

/** Asks for a link to set a new password; says the same whether or not there is such a user. */
export default function ForgotPage() {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { email: '' } });
  const asking = useMutation({
    mutationFn: (values: typeof form.values) => askSignIn('request-password-reset', values),
  });
  return (
    <SignInCard
      title={t('signIn.resetTitle')}
      text={t('signIn.resetText')}
      footer={
        <Anchor component={Link} to="/sign-in">
          {t('signIn.back')}
        </Anchor>
      }
    >
      {asking.isSuccess ? (
        <Text role="status">{t('signIn.resetSent')}</Text>
      ) : (
        <form onSubmit={form.onSubmit((values) => asking.mutate(values))}>
          <Stack gap="md">
            <TextInput
              label={t('signIn.email')}
              type="email"
              autoComplete="username"
              required
              {...form.getInputProps('email')}
            />
            <ProblemAlert error={asking.error} />
            <Button type="submit" loading={asking.isPending} fullWidth>
              {t('signIn.resetSend')}
            </Button>
          </Stack>
        </form>
      )}
    </SignInCard>
  );
}
