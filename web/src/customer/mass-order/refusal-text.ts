import { useTranslation } from 'react-i18next';
import { useRefusal } from '../../kit/problems.ts';

type Refusal = { code: string; detail: string };

/** Why a line is refused; a service that needs more than a line has is said so. */
export function useRefusalText(): (refusal: Refusal) => string {
  const { t } = useTranslation();
  const textOf = useRefusal();
  return (refusal) =>
    refusal.code === 'incorrect_field' ? t('massOrder.needsMore') : textOf(refusal);
}
