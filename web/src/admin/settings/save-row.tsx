import { Button, Group, Text } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from '../../kit/problem-alert.tsx';

type Props = {
  saving: Pick<UseMutationResult, 'error' | 'isPending'>;
  isDirty: boolean;
};

/** The end of a form of settings: what went wrong, its button, and whether something is unsaved. */
export function SaveRow({ saving, isDirty }: Props) {
  const { t } = useTranslation('admin');
  const { t: words } = useTranslation();
  return (
    <>
      <ProblemAlert error={saving.error} />
      <Group gap="sm">
        <Button type="submit" loading={saving.isPending} disabled={!isDirty}>
          {words('states.save')}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {isDirty && t('settings.unsaved')}
        </Text>
      </Group>
    </>
  );
}
