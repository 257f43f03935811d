import { useTranslation } from 'react-i18next';
import { formatAbout, formatAmount, formatDecimal, formatSum } from './money.ts';
import { usePanel } from './session.ts';

/** Whole and decimal numbers, money and moments, in the reader's language and time zone. */
export function useFormat() {
  const { i18n } = useTranslation();
  const { panel, signedIn } = usePanel();
  const language = i18n.language;
  const timeZone = signedIn?.customer?.timeZone ?? undefined;
  return {
    number: (value: number | string) => formatDecimal(language, String(value)),
    money: (amount: string, currency: string = panel.currency) =>
      `${formatAmount(language, amount, currency)} ${currency}`,
    /** Where the currency is said beside it, or above. */
    amount: (amount: string, currency: string = panel.currency) =>
      formatAmount(language, amount, currency),
    /** What is there at least, to the cent: for places too narrow for eight decimals. */
    moneyAbout: (amount: string) =>
      `${formatAbout(language, amount, panel.currency)} ${panel.currency}`,
    /** A sum of many amounts, where it is read and not reckoned with. */
    moneySum: (amount: string) =>
      `${formatSum(language, amount, panel.currency)} ${panel.currency}`,
    percent: (share: number, digits = 1) =>
      new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: digits }).format(
        share,
      ),
    moment: (iso: string) => formatMoment(language, iso, timeZone),
    day: (iso: string) =>
      new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone }).format(new Date(iso)),
    ago: (iso: string) => formatAgo(language, new Date(iso)),
  };
}

/** A moment; in the browser's time zone where no other is known. */
export function formatMoment(language: string, iso: string, timeZone: string | undefined): string {
  const style = { dateStyle: 'medium', timeStyle: 'short', timeZone } as const;
  return new Intl.DateTimeFormat(language, style).format(new Date(iso));
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
