import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const colours: Readonly<Record<string, string>> = {
  Pending: 'gray',
  'In progress': 'blue',
  Processing: 'blue',
  Completed: 'teal',
  Partial: 'yellow',
  Canceled: 'red',
  Active: 'blue',
  Paused: 'yellow',
  Expired: 'gray',
  Rejected: 'red',
  Error: 'red',
};

/** The status of an order or refill, in the reader's language. */
export function StatusBadge({ status }: { status: string }) {
  const { t } = useTranslation();
  return (
    <Badge color={colours[status] ?? 'gray'} tt="none" miw="max-content">
      {t(`status.${status}` as never)}
    </Badge>
  );
}
