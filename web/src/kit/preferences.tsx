import { ActionIcon, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type Language, languages, setLanguage } from '../i18n.ts';
import { usePanel } from '../session.ts';

/** Languages in their own words. */
export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  'zh-CN': '简体中文',
};

const shortNames: Readonly<Record<Language, string>> = { en: 'EN', 'zh-CN': '中' };

/** Changes to the other language that the operator offers; hidden when there is one only. */
export function LanguageToggle() {
  const { t, i18n } = useTranslation();
  const { panel } = usePanel();
  const offered = languages.filter((language) => panel.languages.includes(language));
  const next = offered[(offered.indexOf(i18n.language as Language) + 1) % offered.length];
  if (next === undefined || offered.length < 2) return null;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      fz="sm"
      fw={600}
      lang={next}
      aria-label={`${t('nav.language')}: ${shortNames[next]} · ${languageNames[next]}`}
      onClick={() => void setLanguage(next)}
    >
      {shortNames[next]}
    </ActionIcon>
  );
}

/** Changes between the light and the dark scheme. */
export function SchemeToggle() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const isDark =
    colorScheme === 'dark' ||
    (colorScheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={t(isDark ? 'nav.light' : 'nav.dark')}
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
    >
      {isDark ? <IconSun size={20} stroke={1.7} /> : <IconMoon size={20} stroke={1.7} />}
    </ActionIcon>
  );
}
