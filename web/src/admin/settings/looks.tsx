import { ColorInput, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { languageNames } from '../../kit/preferences.tsx';
import { AccentPreview } from './accent-preview.tsx';
import type { Settings } from './queries.ts';
import { SettingsForm } from './settings-form.tsx';

const swatches = ['#2f6f5e', '#1f5fa8', '#5b4bb5', '#a23b72', '#b1452f', '#8a5a00', '#37474f'];

/** Name, tagline and accent colour. */
export function Looks({ settings }: { settings: Settings }) {
  const { t } = useTranslation('admin');
  const { name, tagline, taglineZh, accent } = settings;
  return (
    <SettingsForm
      id="looks"
      title={t('settings.looks.title')}
      description={t('settings.looks.text')}
      values={{ name, tagline, taglineZh, accent }}
    >
      {(form) => (
        <>
          <TextInput
            label={t('settings.looks.name')}
            required
            maxLength={60}
            {...form.getInputProps('name')}
          />
          <TextInput
            label={t('settings.looks.tagline')}
            maxLength={200}
            {...form.getInputProps('tagline')}
          />
          <TextInput
            label={`${t('settings.looks.tagline')} · ${languageNames['zh-CN']}`}
            description={t('settings.zhHint')}
            lang="zh-CN"
            maxLength={200}
            {...form.getInputProps('taglineZh')}
          />
          <ColorInput
            label={t('settings.looks.accent')}
            format="hex"
            swatches={swatches}
            maw={240}
            required
            eyeDropperButtonProps={{ 'aria-label': t('settings.looks.pick') }}
            {...form.getInputProps('accent')}
          />
          <AccentPreview accent={form.values.accent} />
        </>
      )}
    </SettingsForm>
  );
}
