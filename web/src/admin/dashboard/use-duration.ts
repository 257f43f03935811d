import { useTranslation } from 'react-i18next';

const steps: readonly ['day' | 'hour' | 'minute' | 'second', number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** How many seconds the largest unit has that this is at least one of. */
export function largestUnit(seconds: number): number {
  return steps.find(([, size]) => seconds >= size)?.[1] ?? 1;
}

/** Prints how long something took, in its largest unit; a dash where nothing did. */
export function useDuration(): (seconds: number | null) => string {
  const { i18n } = useTranslation();
  return (seconds) => {
    if (seconds === null) return '–';
    const [unit, size] = steps.find(([, each]) => seconds >= each) ?? ['second', 1];
    return new Intl.NumberFormat(i18n.language, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits: unit === 'second' || unit === 'minute' ? 0 : 1,
    }).format(seconds / size);
  };
}
