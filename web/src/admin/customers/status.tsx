import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Whether a customer may order. */
export function CustomerStatus({ status }: { status: 'active' | 'suspended' }) {
  const { t } = useTranslation('admin');
  return (
    <Badge
      color={status === 'active' ? 'teal' : 'red'}
      tt="none"
      miw="max-content"
      className="status"
    >
      {t(`customers.statuses.${status}`)}
    </Badge>
  );
}
