import { Button } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EmptyState } from './empty-state.tsx';

/** What stands at an address that is no page. */
export function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState
      isPage
      icon={IconMapOff}
      title={t('states.notFound')}
      text={t('states.notFoundText')}
      action={
        <Button component={Link} to="/" variant="default" mt="xs">
          {t('states.home')}
        </Button>
      }
    />
  );
}
