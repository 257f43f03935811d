import { Button, Group, Modal, PinInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { accountApi, call, Problem } from '../api/client.ts';
import type { Proof } from '../api/confirming.ts';
import { PasswordField } from './password-field.tsx';
import { useProblemText } from './problems.ts';

const codeLength = 6;

type DialogProps = { proof: Proof | undefined; onClose: (isConfirmed: boolean) => void };

/** Asks for the password, or the code; without a proof to ask for it is closed. */
export default function ConfirmDialog({ proof, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={proof !== undefined}
      onClose={() => onClose(false)}
      title={t('confirmIdentity.title')}
      zIndex={400}
    >
      {proof && <Question proof={proof} onClose={onClose} />}
    </Modal>
  );
}

type Props = { proof: Proof; onClose: (isConfirmed: boolean) => void };

function Question({ proof, onClose }: Props) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  const [value, setValue] = useState('');
  const confirming = useMutation({
    mutationFn: (given: string) => call(accountApi.confirm.$post({ json: { [proof]: given } })),
    onSuccess: () => onClose(true),
    onError: () => setValue(''),
  });
  const { error } = confirming;
  const isWrong = error instanceof Problem && error.code === 'invalid_input';
  const problem = error && (isWrong ? t(`confirmIdentity.wrong.${proof}`) : textOf(error));
  return (
    <form
      onSubmit={(event) => {
        // Dialogs are drawn elsewhere, but what happens in them still reaches the form behind.
        event.preventDefault();
        event.stopPropagation();
        confirming.mutate(value);
      }}
    >
      <Stack gap="md">
        <Text size="sm">{t(`confirmIdentity.text.${proof}`)}</Text>
        {proof === 'password' ? (
          <PasswordField
            label={t('signIn.password')}
            autoComplete="current-password"
            data-autofocus
            required
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
        ) : (
          <PinInput
            length={codeLength}
            type="number"
            oneTimeCode
            autoFocus
            aria-label={t('signIn.code')}
            value={value}
            onChange={setValue}
            onComplete={(complete) => confirming.mutate(complete)}
          />
        )}
        {problem && (
          <Text size="sm" className="loss" role="alert">
            {problem}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onClose(false)}>
            {t('states.cancel')}
          </Button>
          <Button type="submit" loading={confirming.isPending} disabled={value === ''}>
            {t('confirmIdentity.confirm')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
