import { Button, Modal, Stack, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { KeyButtons } from '../../kit/key-buttons.tsx';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { useShowProblem } from '../../kit/problems.ts';
import { readAddresses } from './addresses.ts';
import { type ApiKey, keysQuery } from './queries.ts';

type Props = { apiKey: ApiKey; onCreated: (key: string) => void };

/** What can be done with a key in use. */
export function KeyActions({ apiKey, onCreated }: Props) {
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const [isLimiting, setLimiting] = useState(false);
  const param = { keyId: String(apiKey.id) };
  const refresh = () => queryClient.invalidateQueries({ queryKey: keysQuery.queryKey });
  const rotating = useMutation({
    mutationFn: () => call(customerApi.keys[':keyId'].rotate.$post({ param })),
    onSuccess: ({ key }) => {
      onCreated(key);
      return refresh();
    },
    onError: showProblem,
  });
  const revoking = useMutation({
    mutationFn: () => call(customerApi.keys[':keyId'].$delete({ param })),
    onSuccess: refresh,
    onError: showProblem,
  });
  return (
    <KeyButtons
      name={apiKey.name}
      onAddresses={() => setLimiting(true)}
      rotating={rotating}
      revoking={revoking}
    >
      {isLimiting && <Addresses apiKey={apiKey} onClose={() => setLimiting(false)} />}
    </KeyButtons>
  );
}

function Addresses({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [text, setText] = useState(apiKey.allowedAddresses.join('\n'));
  const saving = useMutation({
    mutationFn: () =>
      call(
        customerApi.keys[':keyId'].addresses.$put({
          param: { keyId: String(apiKey.id) },
          json: { allowedAddresses: readAddresses(text) },
        }),
      ),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={`${t('api.addresses')}: ${apiKey.name}`}>
      <Stack gap="md">
        <Textarea
          label={t('api.allowed')}
          description={t('api.addressesHint')}
          autosize
          minRows={3}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <ProblemAlert error={saving.error} />
        <Button loading={saving.isPending} onClick={() => saving.mutate()}>
          {t('states.save')}
        </Button>
      </Stack>
    </Modal>
  );
}
