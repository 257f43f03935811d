import { Button, Group, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { PasswordField } from '../kit/password-field.tsx';
import { ProblemAlert } from '../kit/problem-alert.tsx';
import { showDone } from '../kit/problems.ts';
import { Section } from '../kit/section.tsx';
import { askSignIn } from '../sign-in/auth.ts';
import { sessionsQuery } from './queries.ts';

/** Changes the password; all other sessions end. */
export function PasswordSection() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const form = useForm({ initialValues: { currentPassword: '', newPassword: '' } });
  const changing = useMutation({
    mutationFn: (values: typeof form.values) =>
      askSignIn('change-password', { ...values, revokeOtherSessions: true }),
    onSuccess: () => {
      form.reset();
      showDone(t('account.changed'));
      return queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  return (
    <Section title={t('account.password')} description={t('account.passwordText')}>
      <form onSubmit={form.onSubmit((values) => changing.mutate(values))}>
        <Stack gap="md" maw={420}>
          <PasswordField
            label={t('account.current')}
            autoComplete="current-password"
            required
            {...form.getInputProps('currentPassword')}
          />
          <PasswordField
            label={t('account.next')}
            description={t('signIn.passwordHint')}
            autoComplete="new-password"
            minLength={10}
            required
            {...form.getInputProps('newPassword')}
          />
          <ProblemAlert error={changing.error} />
          <Group>
            <Button type="submit" variant="default" loading={changing.isPending}>
              {t('account.change')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
