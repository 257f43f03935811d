import { useTranslation } from 'react-i18next';
import { ShownOnce } from '../../kit/shown-once.tsx';

/** A new key, this once. */
export function ShownKey({ value, onClose }: { value: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <ShownOnce
      title={t('api.shownOnce')}
      text={t('api.shownOnceText')}
      label={t('api.key')}
      value={value}
      onClose={onClose}
    />
  );
}
