import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PaymentRow } from './queries.ts';

const colours: Readonly<Record<PaymentRow['state'], string>> = {
  started: 'gray',
  waiting: 'blue',
  credited: 'teal',
  failed: 'red',
  expired: 'gray',
  disputed: 'yellow',
  lost: 'red',
  refunded: 'gray',
};

/** What has become of a payment. */
export function PaymentBadge({ state }: Pick<PaymentRow, 'state'>) {
  const { t } = useTranslation();
  return (
    <Badge color={colours[state]} tt="none" miw="max-content" className="status">
      {t(`funds.states.${state}`)}
    </Badge>
  );
}
