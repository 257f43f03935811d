import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconShieldLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useSignOut } from '../sign-in/use-sign-out.ts';

/** Why a member of staff reaches nothing but their account, and what to do. */
export function FactorNotice({ missing }: { missing: 'none' | 'passkey' }) {
  const { t } = useTranslation('admin');
  const signOut = useSignOut();
  return (
    <Alert
      color="yellow"
      icon={<IconShieldLock size={18} aria-hidden />}
      title={t(`frame.factor.${missing}`)}
    >
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{t(`frame.factor.${missing}Text`)}</Text>
        {missing === 'passkey' && (
          <Button variant="default" size="xs" onClick={signOut}>
            {t('frame.factor.signOut')}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
