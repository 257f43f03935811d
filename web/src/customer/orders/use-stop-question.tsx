import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { askFirst } from '../../kit/questions.ts';

type Stoppable = { id: number; kind: string };

/** Asks before an order is cancelled, or a drip-feed or subscription is stopped. */
export function useStopQuestion(): (order: Stoppable, onConfirm: () => void) => void {
  const { t } = useTranslation();
  return ({ id, kind }, onConfirm) => {
    const isParent = kind !== 'single';
    askFirst({
      title: t(isParent ? 'orders.stopTitle' : 'orders.cancelTitle', { id }),
      children: <Text size="sm">{t(isParent ? 'orders.stopText' : 'orders.cancelText')}</Text>,
      labels: { confirm: t(isParent ? 'orders.stop' : 'orders.cancel'), cancel: t('orders.keep') },
      confirmProps: { color: 'red.9' },
      onConfirm,
    });
  };
}
