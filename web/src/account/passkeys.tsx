import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { startRegistration } from '@simplewebauthn/browser';
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../api/client.ts';
import { useFormat } from '../format.ts';
import { ProblemAlert } from '../kit/problem-alert.tsx';
import { showDone, useShowProblem } from '../kit/problems.ts';
import { askFirst } from '../kit/questions.ts';
import { Section } from '../kit/section.tsx';
import { sessionQuery } from '../session.ts';
import { askSignIn } from '../sign-in/auth.ts';
import { type Passkey, passkeysQuery } from './queries.ts';

/** The passkeys of a user: added and removed. */
export function Passkeys() {
  const { t } = useTranslation();
  const [isAdding, setAdding] = useState(false);
  const { data: passkeys } = useQuery(passkeysQuery);
  return (
    <Section title={t('account.passkeys')} description={t('account.passkeysText')}>
      {passkeys?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('account.noPasskeys')}
        </Text>
      )}
      {passkeys?.map((passkey) => (
        <PasskeyLine key={passkey.id} passkey={passkey} />
      ))}
      <Group>
        <Button variant="default" onClick={() => setAdding(true)}>
          {t('account.addPasskey')}
        </Button>
      </Group>
      {isAdding && <AddPasskey onClose={() => setAdding(false)} />}
    </Section>
  );
}

function PasskeyLine({ passkey }: { passkey: Passkey }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const removing = useMutation({
    mutationFn: () => askSignIn('passkey/delete-passkey', { id: passkey.id }),
    onSuccess: () => refreshPasskeys(queryClient),
    onError: showProblem,
  });
  const name = passkey.name ?? t('account.passkeys');
  return (
    <Group justify="space-between">
      <Stack gap={0}>
        <Text size="sm" fw={600} className="long">
          {name}
        </Text>
        {passkey.createdAt && (
          <Text size="xs" c="dimmed">
            {format.day(passkey.createdAt)}
          </Text>
        )}
      </Stack>
      <Button
        variant="subtle"
        color="red"
        size="compact-sm"
        loading={removing.isPending}
        onClick={() =>
          askFirst({
            title: `${t('account.remove')}: ${name}`,
            children: <Text size="sm">{t('account.removeText')}</Text>,
            labels: { confirm: t('account.remove'), cancel: t('states.cancel') },
            confirmProps: { color: 'red.9' },
            onConfirm: () => removing.mutate(),
          })
        }
      >
        {t('account.remove')}
      </Button>
    </Group>
  );
}

function AddPasskey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const adding = useMutation({
    mutationFn: () => register(name),
    onSuccess: () => {
      onClose();
      showDone(t('account.added'));
      return refreshPasskeys(queryClient);
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('account.addPasskey')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          adding.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput
            label={t('account.passkeyName')}
            description={t('account.passkeyNameHint')}
            required
            maxLength={60}
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <ProblemAlert error={adding.error} />
          <Button type="submit" loading={adding.isPending}>
            {t('account.addPasskey')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

/** Staff may need one: the session says what they still lack. */
function refreshPasskeys(queryClient: QueryClient) {
  return Promise.all([
    queryClient.invalidateQueries({ queryKey: passkeysQuery.queryKey }),
    queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  ]);
}

type Options = Parameters<typeof startRegistration>[0]['optionsJSON'];

async function register(name: string): Promise<void> {
  const optionsJSON = await askSignIn<Options>('passkey/generate-register-options');
  const response = await startRegistration({ optionsJSON }).catch(() => {
    throw new Problem({ code: 'passkey_failed', detail: '', message: 'no passkey was made' });
  });
  await askSignIn('passkey/verify-registration', { response, name });
}
