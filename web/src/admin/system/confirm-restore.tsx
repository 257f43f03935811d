import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { showDone, useShowProblem } from '../../kit/problems.ts';
import { menuQuery } from '../menu-badges.tsx';
import { useConfirm } from '../orders/confirm.tsx';
import { systemQuery } from './queries.ts';

/** Lets a restored panel go on, once its member of staff has said that the other one is stopped. */
export function ConfirmRestore() {
  const { t } = useTranslation('admin');
  const confirm = useConfirm();
  const queryClient = useQueryClient();
  const showProblem = useShowProblem();
  const confirming = useMutation({
    mutationFn: () => call(adminApi.system['confirm-restore'].$post()),
    onSuccess: ({ doubted }) => {
      showDone(t('system.state.restore.done', { count: doubted }));
      return Promise.all(
        [systemQuery, menuQuery].map(({ queryKey }) => queryClient.invalidateQueries({ queryKey })),
      );
    },
    onError: showProblem,
  });
  return (
    <Button
      size="compact-sm"
      mt={6}
      loading={confirming.isPending}
      onClick={() =>
        confirm({
          title: t('system.state.restore.title'),
          lines: [t('system.state.restore.text')],
          confirm: t('system.state.restore.confirm'),
          onConfirm: () => confirming.mutate(),
        })
      }
    >
      {t('system.state.restore.confirm')}
    </Button>
  );
}
