import { Button, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { changed } from '../../changed.ts';
import { showDone } from '../../kit/problems.ts';
import { plainDecimal } from '../../money.ts';
import { sessionQuery } from '../../session.ts';
import { type Grant, GrantFields, toLimit } from './grant-fields.tsx';
import { StaffProblem } from './problem.tsx';
import { type Member, staffQuery } from './queries.ts';

type Props = { member: Member; self: Member | undefined; onClose: () => void };

/** Changes what a member of staff may do. */
export function EditForm({ member, self, onClose }: Props) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  const queryClient = useQueryClient();
  // As it was when the form was filled: what colleagues change meanwhile is not undone.
  const [before] = useState<Grant>({
    areas: member.areas,
    dailyLimit: plainDecimal(member.dailyLimit ?? ''),
  });
  const [grant, setGrant] = useState(before);
  const changes = changed(inputOf(before), inputOf(grant));
  const saving = useMutation({
    mutationFn: () =>
      call(
        adminApi.staff[':staffId'].$patch({
          param: { staffId: String(member.id) },
          json: changes,
        }),
      ),
    onSuccess: async () => {
      onClose();
      showDone(t('staff.changed'));
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: staffQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }),
      ]);
    },
  });
  return (
    <Modal opened onClose={onClose} title={`${t('staff.edit')}: ${member.name}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <Stack gap="md">
          <GrantFields grant={grant} onChange={setGrant} self={self} before={member} />
          <StaffProblem error={saving.error} />
          <Button
            type="submit"
            loading={saving.isPending}
            disabled={Object.keys(changes).length === 0}
          >
            {words('states.save')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function inputOf(grant: Grant) {
  return { areas: grant.areas, dailyLimit: toLimit(grant) };
}
