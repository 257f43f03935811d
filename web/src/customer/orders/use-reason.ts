import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { useRefusal } from '../../kit/problems.ts';
import type { OrderAnswer } from './queries.ts';

type Refusal = NonNullable<OrderAnswer['refillRefusal']>;

/** Why something may not be asked for; of a cancellation also what came of the one before. */
export function useReason(): (refusal: Refusal, cancel?: OrderAnswer['cancel']) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const textOf = useRefusal();
  return (refusal, cancel = null) => {
    if (refusal.code === 'cancel_already_requested' && cancel !== null) {
      const at = format.moment(cancel.decidedAt ?? cancel.requestedAt);
      return t(`orders.cancelState.${cancel.state}`, { at });
    }
    return textOf(refusal);
  };
}
