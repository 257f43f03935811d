import { useTranslation } from 'react-i18next';
import { usePanel } from './session.ts';

const toTheCent = { maximumFractionDigits: 2, roundingMode: 'floor' } as const;

/** Whole and decimal numbers, money and moments, in the reader's language and time zone. */
export function useFormat() {
  const { i18n } = useTranslation();
  const { panel, signedIn } = usePanel();
  const language = i18n.language;
  const timeZone = signedIn?.customer?.timeZone ?? undefined;
  return {
    number: (value: number | string) => formatDecimal(language, String(value)),
    money: (amount: string, currency: string = panel.currency) =>
      `${formatDecimal(language, amount, 2)} ${currency}`,
    /** What is there at least, to the cent: for places too narrow for eight decimals. */
    moneyAbout: (amount: string) =>
      `${formatDecimal(language, amount, 2, toTheCent)} ${panel.currency}`,
    /** A sum to the nearest cent, where it is read and not reckoned with. */
    moneySum: (amount: string) =>
      `${formatDecimal(language, amount, 2, { maximumFractionDigits: 2 })} ${panel.currency}`,
    percent: (share: number, digits = 1) =>
      new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: digits }).format(
        share,
      ),
    moment: (iso: string) =>
      new Intl.DateTimeFormat(language, {
        dateStyle: 'medium',
        timeStyle: 'short',
        timeZone,
      }).format(new Date(iso)),
    day: (iso: string) =>
      new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone }).format(new Date(iso)),
    ago: (iso: string) => formatAgo(language, new Date(iso)),
  };
}

/**
 * An exact decimal as it is, with the reader's separators: no digit is lost, none is made up. At
 * least `digitsMin` after the point.
 */
function formatDecimal(
  language: string,
  text: string,
  digitsMin = 0,
  rounding: Intl.NumberFormatOptions = {},
): string {
  const options = { minimumFractionDigits: digitsMin, maximumFractionDigits: 8, ...rounding };
  // A string is formatted exactly; the type of older libraries knows numbers only.
  return new Intl.NumberFormat(language, options).format(text as `${number}`);
}

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

function formatAgo(language: string, date: Date): string {
  const seconds = (date.getTime() - Date.now()) / 1_000;
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const [unit, size] = units.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
  return relative.format(Math.round(seconds / size), unit);
}
