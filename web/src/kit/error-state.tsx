import { Button } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from './empty-state.tsx';
import { useProblemText } from './problems.ts';

type Props = { error: unknown; reset?: () => void };

/** What stands where something could not be shown, with a way to try again. */
export function ErrorState({ error, reset }: Props) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  return (
    <EmptyState
      icon={IconPlugConnectedX}
      title={t('states.failed')}
      text={textOf(error)}
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
