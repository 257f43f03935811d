import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type enAdmin from './locales/en/admin/index.ts';
import type enCustomer from './locales/en/customer/index.ts';

export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];
const storageKey = 'panelwright.language';

type Part = 'customer' | 'admin';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'customer';
    resources: { customer: typeof enCustomer; admin: typeof enAdmin };
  }
}

// One file per language and part, fetched when it is needed.
const files = {
  en: {
    customer: () => import('./locales/en/customer/index.ts'),
    admin: () => import('./locales/en/admin/index.ts'),
  },
  'zh-CN': {
    customer: () => import('./locales/zh-CN/customer/index.ts'),
    admin: () => import('./locales/zh-CN/admin/index.ts'),
  },
} as const satisfies Record<Language, Record<Part, () => Promise<{ default: object }>>>;

const parts = new Set<Part>(['customer']);

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

/** Fetches the texts of a part of the app, as a route does before it is drawn. */
export async function loadTexts(part: Part): Promise<void> {
  parts.add(part);
  await load(i18next.language as Language, part);
}

/** Changes the language of all that is on the screen, and remembers it in this browser. */
export async function setLanguage(language: Language): Promise<void> {
  await Promise.all([...parts].map((part) => load(language, part)));
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

async function load(language: Language, part: Part): Promise<void> {
  if (i18next.hasResourceBundle(language, part)) return;
  const texts = await files[language][part]();
  i18next.addResourceBundle(language, part, texts.default);
}
