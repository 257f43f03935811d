import { Alert } from '@mantine/core';
import { useProblemText } from './problems.ts';

/** Why a form was refused, above its button. */
export function ProblemAlert({ error }: { error: unknown }) {
  const textOf = useProblemText();
  if (!error) return null;
  return (
    <Alert color="red" p="sm" role="alert">
      {textOf(error)}
    </Alert>
  );
}
