import { Button, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import type { Shown } from './add-form.tsx';
import { StaffProblem } from './problem.tsx';
import { type Member, staffQuery } from './queries.ts';

type Props = { member: Member; onClose: () => void; onShown: (shown: Shown) => void };

/** Lets a member of staff sign in who has no login. */
export function InviteForm({ member, onClose, onShown }: Props) {
  const { t } = useTranslation('admin');
  const queryClient = useQueryClient();
  const [email, setEmail] = useState('');
  const { name } = member;
  const inviting = useMutation({
    mutationFn: () =>
      call(
        adminApi.staff[':staffId'].login.$post({
          param: { staffId: String(member.id) },
          json: { email },
        }),
      ),
    onSuccess: ({ link }) => {
      onClose();
      onShown({ name, link });
      return queryClient.invalidateQueries({ queryKey: staffQuery.queryKey });
    },
  });
  return (
    <Modal opened onClose={onClose} title={`${t('staff.invite')}: ${name}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          inviting.mutate();
        }}
      >
        <Stack gap="md">
          <Text size="sm">{t('staff.inviteText', { name })}</Text>
          <TextInput
            label={t('staff.email')}
            description={t('staff.emailHint')}
            type="email"
            required
            autoComplete="off"
            data-autofocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <StaffProblem error={inviting.error} />
          <Button type="submit" loading={inviting.isPending}>
            {t('staff.invite')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
