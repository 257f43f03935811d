import { useTranslation } from 'react-i18next';
import { ShownOnce } from '../../kit/shown-once.tsx';

/** A link by which a customer sets a password, this once. */
export function ShownLink({ value, onClose }: { value: string | undefined; onClose: () => void }) {
  const { t } = useTranslation('admin');
  return (
    <ShownOnce
      title={t('customers.link')}
      text={t('customers.linkText')}
      label={t('customers.link')}
      value={value}
      onClose={onClose}
    />
  );
}
