import { Anchor, Button, Checkbox, PinInput, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../kit/problem-alert.tsx';
import { askSignIn } from './auth.ts';
import { SignInCard } from './card.tsx';

type Props = { onDone: () => Promise<void>; onBack: () => void };

/** The second factor: six digits of an app, or a backup code. */
export default function CodeForm({ onDone, onBack }: Props) {
  const { t } = useTranslation();
  const [isBackup, setBackup] = useState(false);
  const [code, setCode] = useState('');
  const [trustDevice, setTrust] = useState(false);
  const verifying = useMutation({
    mutationFn: (given: string) =>
      askSignIn(isBackup ? 'two-factor/verify-backup-code' : 'two-factor/verify-totp', {
        code: given,
        trustDevice,
      }),
    onSuccess: onDone,
  });
  return (
    <SignInCard
      title={t('signIn.codeTitle')}
      text={t(isBackup ? 'signIn.backupText' : 'signIn.codeText')}
      footer={
        <Anchor component="button" type="button" onClick={onBack}>
          {t('signIn.back')}
        </Anchor>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          verifying.mutate(code);
        }}
      >
        <Stack gap="md">
          {isBackup ? (
            <TextInput
              label={t('signIn.backupCode')}
              value={code}
              autoFocus
              onChange={(event) => setCode(event.currentTarget.value)}
            />
          ) : (
            <PinInput
              length={6}
              type="number"
              oneTimeCode
              autoFocus
              aria-label={t('signIn.code')}
              value={code}
              onChange={setCode}
              onComplete={(complete) => verifying.mutate(complete)}
            />
          )}
          <Checkbox
            label={t('signIn.trust')}
            checked={trustDevice}
            onChange={(event) => setTrust(event.currentTarget.checked)}
          />
          <ProblemAlert error={verifying.error} />
          <Button type="submit" loading={verifying.isPending} fullWidth>
            {t('signIn.verify')}
          </Button>
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => {
              setBackup(!isBackup);
              setCode('');
            }}
          >
            {t(isBackup ? 'signIn.useApp' : 'signIn.useBackup')}
          </Anchor>
        </Stack>
      </form>
    </SignInCard>
  );
}
