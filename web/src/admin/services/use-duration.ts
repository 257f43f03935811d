import { useTranslation } from 'react-i18next';

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Lengths of time in the reader's language, in their largest unit. */
export function useDuration(): (seconds: number) => string {
  const { i18n } = useTranslation();
  return (seconds) => {
    const [unit, size] = units.find(([, each]) => seconds >= each) ?? units[3];
    return new Intl.NumberFormat(i18n.language, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits: unit === 'second' ? 0 : 1,
    }).format(seconds / size);
  };
}
