import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type enAdmin from './locales/en/admin/index.ts';
import type enCustomer from './locales/en/customer/index.ts';
import { files, type Topic } from './locales/files.ts';

export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];
const storageKey = 'panelwright.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'customer';
    resources: { customer: typeof enCustomer; admin: typeof enAdmin };
  }
}

/** What the frames and most pages need. */
const shared: readonly Topic[] = ['frame', 'problems', 'signIn'].map(
  (name) => `customer/${name}` as Topic, // each is one
);
const wanted = new Set<Topic>(shared);

/** Starts the texts in the reader's language. */
export async function startTexts(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    ns: ['customer'],
    defaultNS: 'customer',
    // React escapes what it draws.
    interpolation: { escapeValue: false },
    resources: {},
  });
  await setLanguage(language);
}

/** Fetches texts that a page needs, as its route does before it is drawn. */
export async function loadTexts(topics: readonly Topic[]): Promise<void> {
  for (const topic of topics) wanted.add(topic);
  await Promise.all(topics.map((topic) => load(i18next.language as Language, topic)));
}

/** Changes the language of all that is on the screen, and remembers it in this browser. */
export async function setLanguage(language: Language): Promise<void> {
  await Promise.all([...wanted].map((topic) => load(language, topic)));
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  localStorage.setItem(storageKey, language);
}

/** What the reader chose here, else what the browser asks for, else the panel's first. */
export function pickLanguage(offered: readonly string[], own: string | undefined): Language {
  const wanted = [localStorage.getItem(storageKey), own, ...navigator.languages];
  const pick = wanted.map((tag) => languageOf(tag)).find((tag) => tag && offered.includes(tag));
  return pick ?? languageOf(offered[0]) ?? 'en';
}

function languageOf(tag: string | null | undefined): Language | undefined {
  if (tag == null) return undefined;
  return /^zh\b/i.test(tag) ? 'zh-CN' : /^en\b/i.test(tag) ? 'en' : undefined;
}

const loaded = new Set<string>();

async function load(language: Language, topic: Topic): Promise<void> {
  const name = `${language}/${topic}`;
  if (loaded.has(name)) return;
  const { default: texts } = await files[language][topic]();
  const [side = '', subject = ''] = topic.split('/');
  // The first file of the customers' side holds several subjects.
  const bundle = topic === 'customer/frame' ? texts : { [subject]: texts };
  i18next.addResourceBundle(language, side, bundle, true, true);
  loaded.add(name);
}
