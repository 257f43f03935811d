import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { parseAccept } from 'hono/utils/accept';

/** The languages of the page, English first: it serves whoever reads neither. */
export const languages = ['en', 'zh'] as const;

export type Language = (typeof languages)[number];

/** A text in every language of the page. Words between backquotes are set as code. */
export type Text = Readonly<Record<Language, string>>;

/** What the `lang` attribute says. */
export const languageTags: Text = { en: 'en', zh: 'zh-CN' };

const cookieName = 'panelwright_lang';
const yearSeconds = 365 * 86_400;

/**
 * The language to answer in: the one just chosen with `?lang=`, else the one chosen before, else
 * the browser's preference. Only a choice is remembered, so a changed browser setting takes effect.
 */
export function pickLanguage(c: Context): Language {
  const chosen = asLanguage(c.req.query('lang'));
  if (chosen !== undefined) {
    setCookie(c, cookieName, chosen, { path: '/', maxAge: yearSeconds, sameSite: 'Lax' });
    return chosen;
  }
  return asLanguage(getCookie(c, cookieName)) ?? preferred(c.req.header('Accept-Language') ?? '');
}

function asLanguage(text: string | undefined): Language | undefined {
  return languages.find((language) => language === text);
}

function preferred(header: string): Language {
  const wanted = parseAccept(header)
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ type }) => asLanguage(type.toLowerCase().split('-')[0]));
  return wanted.find((language) => language !== undefined) ?? 'en';
}
