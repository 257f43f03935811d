import { Alert } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Problem } from '../../api/client.ts';
import { useProblemText } from '../../kit/problems.ts';
import { areas } from './queries.ts';

/** Says why a change of staff was refused: which name, address or permission it was about. */
export function useStaffProblem(): (error: unknown) => string {
  const { t } = useTranslation('admin');
  const textOf = useProblemText();
  return (error) => {
    if (!(error instanceof Problem)) return textOf(error);
    const { code, detail } = error;
    if (code === 'conflict') {
      const known = (['name', 'email', 'login'] as const).find((each) => each === detail);
      return t(`staff.problems.${known ?? 'last'}`);
    }
    if (code === 'invalid_input' && detail === 'name') return t('staff.problems.badName');
    if (code === 'invalid_input' && detail === 'email') return t('staff.problems.badEmail');
    if (code !== 'not_allowed') return textOf(error);
    const area = areas.find((each) => each === detail);
    if (area !== undefined) {
      return t('staff.problems.grant', { detail: t(`frame.pages.${area}`) });
    }
    const isLimit = detail === 'daily_limit';
    return isLimit ? t('staff.problems.grant', { detail: t('staff.limit') }) : textOf(error);
  };
}

/** Why a form about staff was refused, above its button. */
export function StaffProblem({ error }: { error: unknown }) {
  const textOf = useStaffProblem();
  if (!error) return null;
  return (
    <Alert color="red" p="sm" role="alert">
      {textOf(error)}
    </Alert>
  );
}
