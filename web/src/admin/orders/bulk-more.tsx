import { Menu, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { MenuButton } from './menu-button.tsx';
import type { BulkAct, StaffOrder } from './queries.ts';

type Props = {
  orders: readonly StaffOrder[];
  isOff: boolean;
  onChoose: (act: BulkAct) => void;
};

/** What is seldom done with several orders at once: requests in customers' places, and seen to. */
export function BulkMore({ orders, isOff, onChoose }: Props) {
  const { t } = useTranslation('admin');
  const isFlagged = orders.some(isSeenTo);
  return (
    <MenuButton label={t('orders.bulkMore')} isOff={isOff} widthMax={300}>
      <Menu.Item onClick={() => onChoose({ kind: 'request_refill' })}>
        {t('orders.askRefill')}
      </Menu.Item>
      <Menu.Item onClick={() => onChoose({ kind: 'request_cancel' })}>
        {t('orders.askCancel')}
      </Menu.Item>
      <Menu.Item disabled={!isFlagged} onClick={() => onChoose({ kind: 'acknowledge' })}>
        {t('orders.acknowledge')}
        {!isFlagged && (
          <Text size="xs" c="dimmed">
            {t('orders.bulkNoneFlagged')}
          </Text>
        )}
      </Menu.Item>
    </MenuButton>
  );
}

/** Flagged, or accepted late: it waits to be seen to at its provider. */
function isSeenTo({ delivery }: StaffOrder): boolean {
  if (delivery === null || delivery.reason === '') return false;
  return delivery.state === 'following' || delivery.state === 'done';
}
