import { useTranslation } from 'react-i18next';
import { useRefusal } from '../../kit/problems.ts';

type Refusal = { code: string; detail: string };

/** What is said of a line alone, not of an order by itself. */
const ofLines = ['incorrect_field', 'incorrect_line', 'unknown_service'] as const;

/** Why a line is refused; a service that needs more than a line has is said so. */
export function useRefusalText(): (refusal: Refusal) => string {
  const { t } = useTranslation();
  const textOf = useRefusal();
  return (refusal) => {
    const code = ofLines.find((each) => each === refusal.code);
    if (code === undefined) return textOf(refusal);
    return t(`massOrder.refusals.${code}`, { detail: refusal.detail });
  };
}
