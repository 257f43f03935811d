import { type Amount, AppError, amount, int8Max } from '../base/index.ts';

/** How Stripe counts a currency: the worth of one minor unit, and the step amounts must be of. */
type Minor = { unit: bigint; step: bigint };

const one = 100_000_000n;
const twoDecimals: Minor = { unit: one / 100n, step: one / 100n };
const noDecimals: Minor = { unit: one, step: one };
/** Three decimals, of which the last must be 0. */
const threeDecimals: Minor = { unit: one / 1_000n, step: one / 100n };

/** Source: Stripe's documentation of its currencies, "Minor units in API amounts". */
const currencies: Readonly<Record<string, Minor>> = {
  ...sameFor('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF', noDecimals),
  ...sameFor('BHD JOD KWD OMR TND', threeDecimals),
  // Counted with two decimals that must be 0.
  ISK: { unit: one / 100n, step: one },
};

function sameFor(names: string, minor: Minor): Record<string, Minor> {
  return Object.fromEntries(names.split(' ').map((name) => [name, minor]));
}

/** Stripe has counted it both with two decimals and with none: a guess could be off by 100. */
const ambiguous: ReadonlySet<string> = new Set(['UGX']);

/** Whether Stripe can be used with a currency: no payment of a panel is in one with which not. */
export function isCountable(currency: string): boolean {
  return !ambiguous.has(currency);
}

/**
 * An amount in Stripe's minor units of a currency, as the text of a whole number.
 * @throws AppError `invalid_input` for an amount with more decimals than the currency has there,
 *   `conflict` for a currency in which Stripe can't be used
 */
export function toMinorUnits(value: Amount, currency: string): string {
  const { unit, step } = minorOf(currency);
  if (value % step !== 0n) {
    throw new AppError('invalid_input', `this amount can't be paid exactly in ${currency}`, {
      detail: 'amount',
    });
  }
  return (value / unit).toString();
}

/**
 * The amount of so many minor units of a currency.
 * @throws AppError `conflict` likewise, `invalid_input` for more than any amount can be
 */
export function fromMinorUnits(count: bigint, currency: string): Amount {
  const value = count * minorOf(currency).unit;
  if (value <= int8Max) return amount(value);
  throw new AppError('invalid_input', 'more than an amount can be', { detail: 'amount' });
}

function minorOf(currency: string): Minor {
  if (!isCountable(currency)) {
    throw new AppError('conflict', `Stripe can't be used with ${currency}`);
  }
  return currencies[currency] ?? twoDecimals;
}
