import { Button } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

/** Back to all providers. */
export function BackLink() {
  const { t } = useTranslation('admin');
  return (
    <Button
      variant="subtle"
      color="gray"
      leftSection={<IconArrowLeft size={16} aria-hidden />}
      renderRoot={(props) => <Link to={'/admin/providers' as string} {...props} />}
    >
      {t('providers.back')}
    </Button>
  );
}
