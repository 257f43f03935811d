import { Checkbox, Group, Select, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { languages } from '../../i18n.ts';
import { languageNames } from '../../kit/preferences.tsx';
import type { Settings } from './queries.ts';
import { SettingsForm } from './settings-form.tsx';

/** Languages, sign-up, the public price list. */
export function Access({ settings }: { settings: Settings }) {
  const { t } = useTranslation('admin');
  const { isSignUpOpen, isPriceListPublic } = settings;
  return (
    <SettingsForm
      id="access"
      title={t('settings.access.title')}
      description={t('settings.access.text')}
      values={{ languages: settings.languages, isSignUpOpen, isPriceListPublic }}
    >
      {(form) => (
        <>
          <Languages
            chosen={form.values.languages}
            onChange={(chosen) => form.setFieldValue('languages', chosen)}
          />
          <Switch
            label={t('settings.access.signUp')}
            description={t('settings.access.signUpHint')}
            {...form.getInputProps('isSignUpOpen', { type: 'checkbox' })}
          />
          <Switch
            label={t('settings.access.priceList')}
            description={t('settings.access.priceListHint')}
            {...form.getInputProps('isPriceListPublic', { type: 'checkbox' })}
          />
        </>
      )}
    </SettingsForm>
  );
}

type Chosen = Settings['languages'];
type Props = { chosen: Chosen; onChange: (chosen: Chosen) => void };

function Languages({ chosen, onChange }: Props) {
  const { t } = useTranslation('admin');
  const isLast = (language: string) => chosen.length === 1 && chosen[0] === language;
  return (
    <>
      <Checkbox.Group
        label={t('settings.access.languages')}
        description={t('settings.access.languagesHint')}
        value={chosen}
        onChange={(values) => {
          // The first stays the first; new ones come last.
          const kept = chosen.filter((language) => values.includes(language));
          const added = languages.filter((one) => values.includes(one) && !kept.includes(one));
          onChange([...kept, ...added]);
        }}
      >
        <Group mt="xs">
          {languages.map((language) => (
            <Checkbox
              key={language}
              value={language}
              label={languageNames[language]}
              lang={language}
              disabled={isLast(language)}
            />
          ))}
        </Group>
      </Checkbox.Group>
      <Select
        label={t('settings.access.first')}
        description={t('settings.access.firstHint')}
        maw={320}
        allowDeselect={false}
        disabled={chosen.length < 2}
        data={chosen.map((value) => ({ value, label: languageNames[value] }))}
        value={chosen[0] ?? null}
        onChange={(value) => {
          const first = languages.find((language) => language === value);
          if (first !== undefined) onChange([first, ...chosen.filter((one) => one !== first)]);
        }}
      />
    </>
  );
}
