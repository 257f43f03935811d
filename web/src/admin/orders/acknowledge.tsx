import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { adminApi, call } from '../../api/client.ts';
import { useFormat } from '../../format.ts';
import { showDone } from '../../kit/problems.ts';
import { useConfirm } from './confirm.tsx';
import type { Undecided } from './decide.tsx';
import { useCommand } from './use-command.ts';

/** Takes an order off its queue that staff have seen to at the provider. */
export function AcknowledgeButton({ order }: { order: Undecided }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const confirm = useConfirm();
  const { orderId: id, provider, reason } = order;
  const cost = order.cost === null ? t('orders.noCost') : format.money(order.cost);
  const acknowledging = useCommand(
    () => call(adminApi.orders[':orderId'].acknowledge.$post({ param: { orderId: String(id) } })),
    { onDone: () => showDone(`${t('orders.order', { id })}: ${t('orders.done')}`) },
  );
  return (
    <Button
      size="xs"
      variant="default"
      loading={acknowledging.isPending}
      onClick={() =>
        confirm({
          title: t('orders.acknowledgeTitle', { id }),
          lines: [
            reason === 'late_accepted'
              ? t('orders.acknowledgeLate', { provider, cost })
              : t('orders.acknowledgeFlag', { provider }),
          ],
          confirm: t('orders.acknowledge'),
          onConfirm: () => acknowledging.mutate(undefined),
        })
      }
    >
      {t('orders.acknowledge')}
    </Button>
  );
}
