import { Alert, Switch, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { passkeysQuery } from '../../account/queries.ts';
import { usePanel } from '../../session.ts';
import type { Settings } from './queries.ts';
import { SettingsForm } from './settings-form.tsx';

/** Whether staff need a second factor. */
export function Safety({ settings }: { settings: Settings }) {
  const { t } = useTranslation('admin');
  const { signedIn } = usePanel();
  const { data: passkeys } = useQuery(passkeysQuery);
  const hasNone = signedIn?.hasTwoFactor !== true && passkeys?.length === 0;
  const { isSecondFactorRequired } = settings;
  return (
    <SettingsForm
      id="safety"
      title={t('settings.safety.title')}
      description={t('settings.safety.text')}
      values={{ isSecondFactorRequired }}
    >
      {(form) => (
        <>
          <Switch
            label={t('settings.safety.required')}
            description={t('settings.safety.requiredHint')}
            {...form.getInputProps('isSecondFactorRequired', { type: 'checkbox' })}
          />
          {hasNone && form.values.isSecondFactorRequired && (
            <Alert color="yellow" p="sm">
              {t('settings.safety.self')}
            </Alert>
          )}
          <Text size="sm" c="dimmed">
            {t('settings.safety.lost')}
          </Text>
        </>
      )}
    </SettingsForm>
  );
}
