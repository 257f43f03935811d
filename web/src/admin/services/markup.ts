import { useMemo, useState } from 'react';
import { parseDecimal } from '../../money.ts';

/** How prices are made, as a form holds it. */
export type MarkupValues = { percent: string; fixed: string; step: string; min: string };

type Markup = { basisPoints: number; fixed: string; step: string; min: string };

/** What prices are rounded up to; the first is what a rate can hold at all. */
export const rateSteps = ['0.00001', '0.0001', '0.001', '0.01', '0.05', '0.1', '0.5', '1'] as const;

export const noMarkup: MarkupValues = { percent: '0', fixed: '', step: rateSteps[0], min: '' };

const rateUnits = 1_000n;
const basisPointUnits = 1_000_000n;

/** Which fields of a form can't be read: a percentage has 2 decimals, a price 5. */
function badMarkupFields(
  values: MarkupValues,
  { isSigned }: { isSigned: boolean },
): (keyof MarkupValues)[] {
  const isGood = (text: string, unit: bigint, mayBeNegative: boolean) => {
    const value = parseDecimal(text.trim() || '0');
    return value !== undefined && value % unit === 0n && (mayBeNegative || value >= 0n);
  };
  return [
    !isGood(values.percent, basisPointUnits, isSigned) && ('percent' as const),
    !isGood(values.fixed, rateUnits, isSigned) && ('fixed' as const),
    !isGood(values.min, rateUnits, false) && ('min' as const),
  ].filter((name) => name !== false);
}

/** A form's values as the server takes them; call it only where none is bad. */
function toMarkup({ percent, fixed, step, min }: MarkupValues): Markup {
  const units = parseDecimal(percent.trim() || '0') ?? 0n;
  return {
    basisPoints: Number(units / basisPointUnits),
    fixed: fixed.trim() || '0',
    step,
    min: min.trim() || '0',
  };
}

/** The state of a form of prices: what it says, and what of it can't be read. */
export function useMarkup(initial: MarkupValues, { isSigned }: { isSigned: boolean }) {
  const [values, setValues] = useState(initial);
  const bad = useMemo(() => badMarkupFields(values, { isSigned }), [values, isSigned]);
  return {
    values,
    bad,
    /** Undefined while something can't be read; the same one until something changes. */
    markup: useMemo(() => (bad.length === 0 ? toMarkup(values) : undefined), [bad, values]),
    set: (name: keyof MarkupValues, value: string) => setValues({ ...values, [name]: value }),
  };
}
