import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../kit/empty-state.tsx';

/** What stands where a queue would be. */
export function NothingWaits() {
  const { t } = useTranslation('admin');
  return <EmptyState title={t('queues.empty')} text={t('queues.emptyText')} />;
}
