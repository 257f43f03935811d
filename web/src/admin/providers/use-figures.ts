import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import type { ProviderRow } from './queries.ts';

type Calls = Pick<ProviderRow, 'calls' | 'failures' | 'medianMs'>;

/** How a provider's figures are written. */
export function useFigures() {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return {
    /** How many calls failed. */
    errors: ({ calls, failures }: Omit<Calls, 'medianMs'>) =>
      calls === 0 ? '–' : format.percent(failures / calls),
    /** Half of the calls took less. Longer times than two minutes are not told apart. */
    median: ({ calls, medianMs }: Omit<Calls, 'failures'>) =>
      calls === 0
        ? '–'
        : medianMs === null
          ? t('providers.longer')
          : t('providers.within', { time: timeOf(medianMs) }),
    time: timeOf,
    ownMoney: (amount: string | null, currency: string) =>
      amount === null ? t('providers.balanceUnknown') : format.money(amount, currency),
  };

  function timeOf(ms: number): string {
    return ms < 1_000
      ? t('providers.ms', { ms: format.number(ms) })
      : t('providers.seconds', { s: format.number(Math.round(ms / 100) / 10) });
  }
}
