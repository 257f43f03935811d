import { Badge, Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PasswordField } from '../kit/password-field.tsx';
import { ProblemAlert } from '../kit/problem-alert.tsx';
import { showDone } from '../kit/problems.ts';
import { Section } from '../kit/section.tsx';
import { sessionQuery, usePanel } from '../session.ts';
import { askSignIn } from '../sign-in/auth.ts';
import { type Enrolment, TwoFactorSteps } from './two-factor-steps.tsx';

/** Turns the second step of signing in on and off. */
export function TwoFactor() {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const isOn = usePanel().signedIn?.hasTwoFactor ?? false;
  // What was begun goes on to its end, the backup codes, though the session already says it is on.
  const [begun, setBegun] = useState<'on' | 'off'>();
  const close = () => setBegun(undefined);
  const finish = () => {
    close();
    showDone(t(begun === 'off' ? 'account.turnedOff' : 'account.turnedOn'));
    void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
  };
  return (
    <Section
      title={
        <Group gap="xs">
          {t('account.twoFactor')}
          <Badge color={isOn ? 'teal' : 'gray'} tt="none">
            {t(isOn ? 'account.isOn' : 'account.isOff')}
          </Badge>
        </Group>
      }
      description={t('account.twoFactorText')}
    >
      <Group>
        <Button variant="default" onClick={() => setBegun(isOn ? 'off' : 'on')}>
          {t(isOn ? 'account.turnOff' : 'account.turnOn')}
        </Button>
      </Group>
      <Modal opened={begun !== undefined} onClose={close} title={t('account.twoFactor')}>
        {begun === 'off' && <TurnOff onDone={finish} />}
        {begun === 'on' && <TurnOn onDone={finish} />}
      </Modal>
    </Section>
  );
}

function TurnOn({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [enrolment, setEnrolment] = useState<Enrolment>();
  if (enrolment !== undefined) return <TwoFactorSteps enrolment={enrolment} onDone={onDone} />;
  return (
    <AskPassword<Enrolment>
      path="two-factor/enable"
      label={t('account.turnOn')}
      onDone={setEnrolment}
    />
  );
}

function TurnOff({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  return <AskPassword path="two-factor/disable" label={t('account.turnOff')} onDone={onDone} />;
}

function AskPassword<Answer>({
  path,
  label,
  onDone,
}: {
  path: string;
  label: string;
  onDone: (answer: Answer) => void;
}) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const asking = useMutation({
    mutationFn: () => askSignIn<Answer>(path, { password }),
    onSuccess: onDone,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        asking.mutate();
      }}
    >
      <Stack gap="md">
        <PasswordField
          label={t('account.askPassword')}
          autoComplete="current-password"
          required
          data-autofocus
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <ProblemAlert error={asking.error} />
        <Button type="submit" loading={asking.isPending}>
          {label}
        </Button>
      </Stack>
    </form>
  );
}
