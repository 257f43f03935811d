import { AppError } from '../base/index.ts';
import type { AllSettings } from './settings.ts';

/** The languages the panel's pages speak. */
const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];

const lengths = {
  name: { min: 1, max: 60 },
  tagline: { min: 0, max: 200 },
  taglineZh: { min: 0, max: 200 },
  announcement: { min: 0, max: 2_000 },
  announcementZh: { min: 0, max: 2_000 },
  terms: { min: 0, max: 50_000 },
  termsZh: { min: 0, max: 50_000 },
  contact: { min: 0, max: 500 },
  contactZh: { min: 0, max: 500 },
} as const;
type TextSetting = keyof typeof lengths;
const textSettings = Object.keys(lengths) as TextSetting[];

const callsPerSecondMax = 1_000_000;
/** What no text of a page needs: control characters but the tab and the line break. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/;

/**
 * Settings as they are stored: texts trimmed, the accent in lower case, each language once. Pure.
 * @throws AppError `invalid_input` with the setting's name as its detail
 */
export function cleanSettings(changes: Partial<AllSettings>): Partial<AllSettings> {
  const cleaned = { ...withoutUndefined(changes) };
  if (cleaned.currency !== undefined && !/^[A-Z]{3}$/.test(cleaned.currency)) {
    throw refusal('currency', 'a currency is three capital letters, like USD');
  }
  for (const setting of textSettings) {
    const text = cleaned[setting];
    if (text !== undefined) cleaned[setting] = cleanText(setting, text);
  }
  if (cleaned.accent !== undefined) {
    cleaned.accent = cleaned.accent.trim().toLowerCase();
    if (!/^#[0-9a-f]{6}$/.test(cleaned.accent)) {
      throw refusal('accent', 'an accent colour is # and six hexadecimal digits, like #2f6f5e');
    }
  }
  if (cleaned.languages !== undefined) {
    cleaned.languages = [...new Set(cleaned.languages)];
    const isKnown = cleaned.languages.every((language) => languages.includes(language));
    if (!isKnown || cleaned.languages.length === 0) {
      throw refusal('languages', `languages are one or more of ${languages.join(', ')}`);
    }
  }
  const calls = cleaned.callsPerSecondDefault ?? 1;
  if (!Number.isInteger(calls) || calls < 1 || calls > callsPerSecondMax) {
    throw refusal('callsPerSecondDefault', `calls per second are 1 to ${callsPerSecondMax}`);
  }
  return cleaned;
}

function cleanText(setting: TextSetting, given: string): string {
  const { min, max } = lengths[setting];
  const text = given.replaceAll('\r\n', '\n').trim();
  if (text.length < min || text.length > max) {
    throw refusal(setting, `"${setting}" has ${min} to ${max} characters`);
  }
  if (controls.test(text)) throw refusal(setting, `"${setting}" has characters nobody can see`);
  return text;
}

function withoutUndefined(changes: Partial<AllSettings>): Partial<AllSettings> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function refusal(setting: keyof AllSettings, message: string): AppError {
  return new AppError('invalid_input', message, { detail: setting });
}
