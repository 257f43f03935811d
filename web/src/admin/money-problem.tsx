import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Problem } from '../api/client.ts';
import { useFormat } from '../format.ts';
import { ProblemAlert } from '../kit/problem-alert.tsx';

const limitForm = /^(\d+\.\d+) (\d+\.\d+)$/;

/** Why money did not move: with what is left of the day, or in the wallet, where that is why. */
export function MoneyProblem({ error }: { error: unknown }) {
  const { t } = useTranslation('admin');
  const format = useFormat();
  const { code, detail } = error instanceof Problem ? error : { code: '', detail: '' };
  const [, limit, left] = limitForm.exec(detail) ?? [];
  const text =
    code === 'not_allowed' && limit !== undefined && left !== undefined
      ? t('money.overLimit', { limit: format.money(limit), left: format.money(left) })
      : code === 'not_allowed' && detail === 'daily_limit'
        ? t('money.noCredit')
        : code === 'insufficient_funds' && detail !== ''
          ? t('money.tooMuch', { most: format.money(detail) })
          : code === 'not_allowed' && detail !== ''
            ? t('money.lacks', { area: t(`frame.pages.${detail}` as never) })
            : undefined;
  if (text === undefined) return <ProblemAlert error={error} />;
  return (
    <Alert color="red" p="sm" role="alert">
      {text}
    </Alert>
  );
}
