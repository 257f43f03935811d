/** Hundredths of a percent as a percentage: 1250 is `12.5`. */
export function percentOf(basisPoints: number): string {
  return String(basisPoints / 100);
}

/** A percentage in hundredths of a percent; undefined for what is none of two decimals. */
export function readPercent(text: string): number | undefined {
  const match = /^(\d{1,4})(?:[.,](\d{1,2}))?$/.exec(text.trim() === '' ? '0' : text.trim());
  if (match === null) return undefined;
  const [, whole = '0', fraction = ''] = match;
  return Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
}
