import { Button, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { plainDecimal } from '../../money.ts';
import { type Grant, GrantFields, toLimit } from './grant-fields.tsx';
import { StaffProblem } from './problem.tsx';
import { type Member, staffQuery } from './queries.ts';

export type Shown = { name: string; link: string };

type Props = {
  self: Member | undefined;
  onClose: () => void;
  onAdded: (shown: Shown) => void;
};

/** Adds a member of staff; the answer is the link to hand over. */
export function AddForm({ self, onClose, onAdded }: Props) {
  const { t } = useTranslation('admin');
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  // Whoever has a limit can't give more: theirs is the first proposal.
  const [grant, setGrant] = useState<Grant>({
    areas: [],
    dailyLimit: plainDecimal(self?.dailyLimit ?? ''),
  });
  const adding = useMutation({
    mutationFn: () =>
      call(
        adminApi.staff.$post({
          json: { name: name.trim(), email, areas: grant.areas, dailyLimit: toLimit(grant) },
        }),
      ),
    onSuccess: ({ link }) => {
      onAdded({ name: name.trim(), link });
      return queryClient.invalidateQueries({ queryKey: staffQuery.queryKey });
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('staff.add')} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          adding.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput
            label={t('staff.name')}
            description={t('staff.nameHint')}
            required
            maxLength={40}
            autoComplete="off"
            data-autofocus
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={t('staff.email')}
            description={t('staff.emailHint')}
            type="email"
            required
            autoComplete="off"
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <GrantFields grant={grant} onChange={setGrant} self={self} />
          <StaffProblem error={adding.error} />
          <Button type="submit" loading={adding.isPending}>
            {t('staff.add')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}
