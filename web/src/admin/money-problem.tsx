import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Problem } from '../api/client.ts';
import { useFormat } from '../format.ts';
import { ProblemAlert } from '../kit/problem-alert.tsx';

const limitForm = /^(\d+\.\d+) (\d+\.\d+)$/;

/** Why money did not move: with what is left of the day, or in the wallet, where that is why. */
export function MoneyProblem({ error }: { error: unknown }) {
  const { t } = useTranslation('admin');
  const { code, detail } = error instanceof Problem ? error : { code: '', detail: '' };
  const textOf = useTexts();
  const text = code === 'money_stopped' ? t('money.stopped') : textOf({ code, detail });
  if (text === undefined) return <ProblemAlert error={error} />;
  return (
    <Alert color="red" p="sm" role="alert">
      {text}
    </Alert>
  );
}

/** The words for what a limit of the day, a wallet or a permission is in the way of. */
function useTexts() {
  const { t } = useTranslation('admin');
  const format = useFormat();
  return ({ code, detail }: { code: string; detail: string }): string | undefined => {
    const [, limit, left] = limitForm.exec(detail) ?? [];
    if (code === 'insufficient_funds' && detail !== '') {
      return t('money.tooMuch', { most: format.money(detail) });
    }
    if (code === 'conflict' && detail === 'currency') return t('money.otherCurrency');
    if (code !== 'not_allowed' || detail === '') return undefined;
    if (limit !== undefined && left !== undefined) {
      return t('money.overLimit', { limit: format.money(limit), left: format.money(left) });
    }
    if (detail === 'daily_limit') return t('money.noCredit');
    return t('money.lacks', { area: t(`frame.pages.${detail}` as never) });
  };
}
