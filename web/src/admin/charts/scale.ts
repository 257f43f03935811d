/** Steps between lines that people read easily, as multiples of a power of ten. */
const niceSteps = [1, 2, 2.5, 5, 10] as const;
const linesWanted = 4;

/** From where to where an axis goes, and the heights that it names. */
export type Scale = { from: number; to: number; ticks: readonly number[] };

/** An axis with nought on it that holds all values. `isWhole`: nothing between whole numbers. */
export function scaleOf(values: readonly number[], isWhole: boolean): Scale {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const step = stepOf(high - low, isWhole);
  const first = Math.floor(low / step);
  const last = Math.max(Math.ceil(high / step), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
  return { from: first * step, to: last * step, ticks };
}

function stepOf(span: number, isWhole: boolean): number {
  if (span <= 0) return 1;
  const rough = span / linesWanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = niceSteps.find((step) => step * power >= rough) ?? 10;
  const step = nice * power;
  return isWhole ? Math.max(1, Math.ceil(step)) : step;
}

/** Which of so many days are named below the drawing: the last, and others evenly before it. */
export function namedDays(count: number, namesMax: number): number[] {
  const every = Math.max(1, Math.ceil(count / namesMax));
  return Array.from({ length: count }, (_, at) => at).filter(
    (at) => (count - 1 - at) % every === 0,
  );
}
