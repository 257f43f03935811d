import { Button } from '@mantine/core';
import { IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Problem } from '../api/client.ts';
import { EmptyState } from './empty-state.tsx';
import { useProblemText } from './problems.ts';

type Props = {
  error: unknown;
  reset?: () => void;
  /** It stands for the whole page, and has its heading. */
  isPage?: boolean;
};

/** What stands where something could not be shown, with a way to try again. */
export function ErrorState({ error, reset, isPage = false }: Props) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  // To try again would be no use.
  if (error instanceof Problem && error.code === 'not_allowed') {
    const title = t('states.noAccess');
    return <EmptyState icon={IconLock} title={title} text={textOf(error)} isPage={isPage} />;
  }
  return (
    <EmptyState
      icon={IconPlugConnectedX}
      title={t('states.failed')}
      text={textOf(error)}
      isPage={isPage}
      action={
        reset && (
          <Button variant="default" mt="xs" onClick={reset}>
            {t('states.retry')}
          </Button>
        )
      }
    />
  );
}
