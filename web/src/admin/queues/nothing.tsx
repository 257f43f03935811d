import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../kit/empty-state.tsx';
import type { QueueName } from './queries.ts';

/** What stands where a queue would be. */
export function NothingWaits({ queue }: { queue: QueueName }) {
  const { t } = useTranslation('admin');
  return <EmptyState title={t(`queues.empty.${queue}`)} text={t('queues.emptyText')} />;
}
