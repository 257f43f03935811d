import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../kit/problem-alert.tsx';
import { usePanel } from '../session.ts';
import { askSignIn } from '../sign-in/auth.ts';

/** The address one signs in with, and its change by mails to the old and the new one. */
export function EmailField() {
  const { t } = useTranslation();
  const [isChanging, setChanging] = useState(false);
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <TextInput
        flex={1}
        label={t('account.email')}
        value={usePanel().signedIn?.email ?? ''}
        readOnly
      />
      <Button variant="default" onClick={() => setChanging(true)}>
        {t('account.changeEmail')}
      </Button>
      <Modal
        opened={isChanging}
        onClose={() => setChanging(false)}
        title={t('account.changeEmailTitle')}
      >
        <ChangeEmail onClose={() => setChanging(false)} />
      </Modal>
    </Group>
  );
}

function ChangeEmail({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const email = usePanel().signedIn?.email ?? '';
  const [newEmail, setNewEmail] = useState('');
  const asking = useMutation({
    mutationFn: () => askSignIn('change-email', { newEmail, callbackURL: '/account' }),
  });
  if (asking.isSuccess) {
    return (
      <Stack gap="md" role="status">
        <Text size="sm" className="long">
          {t('account.emailSent', { email, newEmail })}
        </Text>
        <Button onClick={onClose}>{t('states.close')}</Button>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // The dialog belongs to a form, which is not what is sent.
        event.stopPropagation();
        asking.mutate();
      }}
    >
      <Stack gap="md">
        <Text size="sm">{t('account.changeEmailText')}</Text>
        <TextInput
          label={t('account.newEmail')}
          type="email"
          autoComplete="email"
          required
          data-autofocus
          value={newEmail}
          onChange={(event) => setNewEmail(event.currentTarget.value)}
        />
        <ProblemAlert error={asking.error} />
        <Button type="submit" loading={asking.isPending}>
          {t('account.sendLink')}
        </Button>
      </Stack>
    </form>
  );
}
