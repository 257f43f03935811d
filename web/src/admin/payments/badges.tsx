import { Badge, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PaymentRow } from './queries.ts';

const colours: Readonly<Record<PaymentRow['state'], string>> = {
  started: 'gray',
  waiting: 'yellow',
  credited: 'teal',
  failed: 'gray',
  expired: 'gray',
  disputed: 'red',
  lost: 'red',
  refunded: 'blue',
};

type Props = { payment: Pick<PaymentRow, 'state' | 'endedBy' | 'flag' | 'owed'> };

/** Where a payment is, and what is odd about it. */
export function PaymentBadges({ payment: { state, endedBy, flag, owed } }: Props) {
  const { t } = useTranslation('admin');
  return (
    <Group gap={6}>
      <Badge
        color={colours[state]}
        tt="none"
        miw="max-content"
        className="status"
        {...(endedBy && { title: t(`payments.endedHints.${endedBy}`) })}
      >
        {t(endedBy ? `payments.endedBy.${endedBy}` : `payments.states.${state}`)}
      </Badge>
      {flag !== null && (
        <Badge color="red" tt="none" miw="max-content" className="status">
          {t(`payments.flags.${flag}`)}
        </Badge>
      )}
      {owed !== '0.00' && (
        <Badge color="red" tt="none" miw="max-content" className="status">
          {t('payments.owes')}
        </Badge>
      )}
    </Group>
  );
}
