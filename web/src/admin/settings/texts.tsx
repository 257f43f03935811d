import { SimpleGrid, Textarea } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { languageNames } from '../../kit/preferences.tsx';
import type { Changeable, Settings } from './queries.ts';
import { SettingsForm } from './settings-form.tsx';

const texts = ['announcement', 'contact', 'terms'] as const;
const lettersMax = { announcement: 2_000, contact: 500, terms: 50_000 } as const;
type Order = ('label' | 'input' | 'description' | 'error')[];
type Texts = Pick<Changeable, (typeof texts)[number] | `${(typeof texts)[number]}Zh`>;

/** Announcement, contact and terms, in each language. */
export function TextsSection({ settings }: { settings: Settings }) {
  const { t } = useTranslation('admin');
  const { announcement, announcementZh, contact, contactZh, terms, termsZh } = settings;
  return (
    <SettingsForm<Texts>
      id="texts"
      title={t('settings.texts.title')}
      description={t('settings.texts.text')}
      isWide
      values={{ announcement, announcementZh, contact, contactZh, terms, termsZh }}
    >
      {(form) => texts.map((name) => <Pair key={name} name={name} form={form} />)}
    </SettingsForm>
  );
}

function Pair({ name, form }: { name: (typeof texts)[number]; form: UseFormReturnType<Texts> }) {
  const { t } = useTranslation('admin');
  const label = t(`settings.texts.${name}`);
  const shape = {
    autosize: true,
    // Under the field, so that both fields of a pair begin at one height.
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as Order,
    minRows: name === 'terms' ? 6 : 3,
    maxRows: 16,
    maxLength: lettersMax[name],
  };
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Textarea
        label={label}
        description={t(`settings.texts.${name}Hint`)}
        {...shape}
        {...form.getInputProps(name)}
      />
      <Textarea
        label={`${label} · ${languageNames['zh-CN']}`}
        description={t('settings.zhHint')}
        lang="zh-CN"
        {...shape}
        {...form.getInputProps(`${name}Zh`)}
      />
    </SimpleGrid>
  );
}
