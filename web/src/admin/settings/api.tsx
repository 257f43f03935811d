import { NumberInput, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Settings } from './queries.ts';
import { SettingsForm } from './settings-form.tsx';

const callsMax = 1_000_000;

/** What holds for programs that call the panel API. */
export function ApiSection({ settings }: { settings: Settings }) {
  const { t } = useTranslation('admin');
  const { callsPerSecondDefault, showDescription, showAverageTime } = settings;
  return (
    <SettingsForm
      id="api"
      title={t('settings.api.title')}
      description={t('settings.api.text')}
      values={{ callsPerSecondDefault, showDescription, showAverageTime }}
    >
      {(form) => (
        <>
          <NumberInput
            label={t('settings.api.calls')}
            description={t('settings.api.callsHint')}
            placeholder={t('settings.api.builtIn')}
            maw={320}
            min={1}
            max={callsMax}
            allowDecimal={false}
            value={form.values.callsPerSecondDefault ?? ''}
            onChange={(value) =>
              form.setFieldValue('callsPerSecondDefault', value === '' ? null : Number(value))
            }
          />
          <Switch
            label={t('settings.api.description')}
            description={t('settings.api.flagsHint')}
            {...form.getInputProps('showDescription', { type: 'checkbox' })}
          />
          <Switch
            label={t('settings.api.averageTime')}
            {...form.getInputProps('showAverageTime', { type: 'checkbox' })}
          />
        </>
      )}
    </SettingsForm>
  );
}
