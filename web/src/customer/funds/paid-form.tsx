import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call, customerApi } from '../../api/client.ts';
import { ProblemAlert } from '../../kit/problem-alert.tsx';
import { showDone } from '../../kit/problems.ts';

/** The customer says that a payment by hand is made, and what it is recognised by. */
export function PaidForm({ paymentId }: { paymentId: number }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [note, setNote] = useState('');
  const reporting = useMutation({
    mutationFn: () =>
      call(
        customerApi.funds.payments[':paymentId'].paid.$post({
          param: { paymentId: String(paymentId) },
          json: { note },
        }),
      ),
    onSuccess: () => {
      showDone(t('funds.reported'));
      return queryClient.invalidateQueries({ queryKey: ['funds'] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        reporting.mutate();
      }}
    >
      <Stack gap="sm" maw={420}>
        <TextInput
          label={t('funds.note')}
          description={t('funds.noteHint')}
          placeholder={t('states.optional')}
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <ProblemAlert error={reporting.error} />
        <Group>
          <Button type="submit" loading={reporting.isPending}>
            {t('funds.havePaid')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
