import { useFormat } from '../format.ts';

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Sizes in the unit that leaves them short. */
export function useBytes(): (bytes: number) => string {
  const format = useFormat();
  return (bytes) => {
    const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
    const value = bytes / 1_000 ** power;
    return `${format.number(value.toFixed(value < 10 && power > 0 ? 1 : 0))} ${units[power]}`;
  };
}
