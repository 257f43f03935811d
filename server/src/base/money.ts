import { assert } from './assert.ts';
import { AppError } from './errors.ts';

declare const amountBrand: unique symbol;
declare const rateBrand: unique symbol;

/** A count of 10⁻⁸ of the panel's currency. */
export type Amount = bigint & { readonly [amountBrand]: true };

/** A price per 1000 (per package for package types), as a count of 10⁻⁵ of the currency. */
export type Rate = bigint & { readonly [rateBrand]: true };

const amountDecimals = 8;
const rateDecimals = 5;
/** Significant digits that a double keeps of any decimal number. */
const trueDigits = 15;
/**
 * Both fit an `int8` column: a wallet holds 92 billion of the currency at most. What wallets hold
 * or move together is `numeric` in the database.
 */
export const int8Max = 9_223_372_036_854_775_807n;
/** 10 million of the currency per 1000. A charge beyond `int8` is refused as too little funds. */
export const rateMax = 1_000_000_000_000n;
const oneUnit = 100_000_000n;
const wholeBasisPoints = 10_000n;

export const zero = 0n as Amount;

/** Names a bigint that was computed from amounts (a sum, a difference) an amount again. */
export function amount(units: bigint): Amount {
  return units as Amount;
}

/** Names a bigint read from a rate column a rate. */
export function rate(units: bigint): Rate {
  return units as Rate;
}

/**
 * The price of a quantity: rate·quantity/1000. A rate counts 10⁻⁵ and an amount 10⁻⁸, so the
 * division by 1000 is only a change of unit, and nothing is ever rounded.
 */
export function chargeFor(price: Rate, quantity: bigint): Amount {
  assert(price >= 0n && quantity >= 0n, 'rate and quantity are not negative');
  return (price * quantity) as Amount;
}

/** The price of one package: the rate itself, in units of an amount. */
export function chargeForPackage(price: Rate): Amount {
  return chargeFor(price, 1000n);
}

/**
 * A rate less a discount in hundredths of a percent (0 to 9999), rounded up to 5 decimals, so a
 * priced service never becomes free. Rates are rounded here and in `resaleRate`; amounts never are.
 */
export function discountRate(list: Rate, discountBasisPoints: number): Rate {
  assert(discountBasisPoints >= 0 && discountBasisPoints < 10_000, 'discount is below 100%');
  const scaled = list * BigInt(10_000 - discountBasisPoints);
  return ((scaled + 9_999n) / 10_000n) as Rate;
}

/** What a panel adds to what a service costs it. */
export type Markup = {
  /** Hundredths of a percent of the cost. */
  basisPoints: number;
  /** Added after the percentage, per 1000 or per package. */
  fixed: Rate;
  /** The rate is a multiple of this, rounded up to it; 0.00001 for as exact as rates are. */
  step: Rate;
  /** The rate is never below this. */
  min: Rate;
};

/** The least a rate can differ by: 0.00001. */
export const rateStepMin = 1n as Rate;

/**
 * The rate of a service that is bought: cost · exchange rate, plus percent, plus fixed, rounded up
 * to a multiple of the step once and at the end, and not below the least rate. So what has a cost
 * never becomes free, and is never sold below what the mark-up says. `cost` counts 10⁻⁸ of the
 * provider's currency per 1000, `exchangeRate` is what one of that costs in the panel's currency,
 * in 10⁻⁸.
 */
export function resaleRate(cost: bigint, exchangeRate: bigint, markup: Markup): Rate {
  assert(cost >= 0n && exchangeRate > 0n, 'cost and exchange rate are not negative');
  assert(markup.basisPoints >= 0 && markup.fixed >= 0n, 'a mark-up is not negative');
  const scaled = cost * exchangeRate * (wholeBasisPoints + BigInt(markup.basisPoints));
  // A rate counts 10⁻⁵ and a cost 10⁻⁸.
  const divisor = 1_000n * oneUnit * wholeBasisPoints;
  return toStep((scaled + divisor - 1n) / divisor + markup.fixed, markup);
}

/** What a provider's cost is in the panel's currency, rounded up to 8 decimals. */
export function convertCost(cost: bigint, exchangeRate: bigint): Amount {
  assert(cost >= 0n && exchangeRate > 0n, 'cost and exchange rate are not negative');
  return ((cost * exchangeRate + oneUnit - 1n) / oneUnit) as Amount;
}

/**
 * A rate that changes by a percentage and a fixed amount, either of which may be negative, rounded
 * up as a mark-up is. Null where nothing, or less, would be left.
 */
export function adjustRate(from: Rate, change: Markup): Rate | null {
  const scaled = from * (wholeBasisPoints + BigInt(change.basisPoints));
  const whole = scaled > 0n ? (scaled + wholeBasisPoints - 1n) / wholeBasisPoints : 0n;
  const adjusted = whole + change.fixed;
  return adjusted <= 0n ? null : toStep(adjusted, change);
}

function toStep(marked: bigint, { step, min }: Pick<Markup, 'step' | 'min'>): Rate {
  assert(step > 0n, 'a step is above 0');
  const rounded = ((marked + step - 1n) / step) * step;
  return (rounded < min ? min : rounded) as Rate;
}

/**
 * A cost as a panel writes it (`0.1234567890123`, no exponent), in 10⁻⁸ and rounded up to that:
 * rounded down, a mark-up of nothing would sell at a loss. Panels compute in doubles, of whose
 * digits the first fifteen are true: `0.30000000000000004` means 0.3, so a text of more digits is
 * rounded to fifteen first, though not to less than 8 decimals. Null when it is negative, no
 * decimal number, or beyond an `int8`.
 */
export function parseCost(text: string): bigint | null {
  const match = /^([0-9]{1,30})(?:\.([0-9]*))?$/.exec(text);
  if (match === null) return null;
  const [, whole = '', fraction = ''] = match;
  const units = BigInt(whole + fraction.slice(0, amountDecimals).padEnd(amountDecimals, '0'));
  const trueDecimals = (whole + fraction).search(/[1-9]/) + trueDigits - whole.length;
  const end = Math.max(amountDecimals, trueDecimals);
  const isInexact =
    /[1-9]/.test(fraction.slice(amountDecimals, end)) || fraction.charAt(end) >= '5';
  const cost = isInexact ? units + 1n : units;
  return cost <= int8Max ? cost : null;
}

/** Prints an amount with at least 2 and at most 8 decimals: `0.00`, `100.84292`. */
export function formatAmount(value: Amount): string {
  return formatUnits(value, amountDecimals);
}

const usualDecimals = 2;
const decimalsOf = new Map<string, number>();

/**
 * Prints an amount for people to read: with at least as many decimals as its currency has (`12.50`
 * of USD, `500` of JPY, `1.500` of KWD), and with every digit that is there. What programs read is
 * `formatAmount`'s.
 */
export function showAmount(value: Amount, currency: string): string {
  return formatUnits(value, amountDecimals, findDecimals(currency));
}

/** It takes 80 µs to find out, so it is found out once. */
function findDecimals(currency: string): number {
  const known = decimalsOf.get(currency);
  if (known !== undefined) return known;
  // A gateway's word may be no code of a currency at all.
  if (!/^[A-Z]{3}$/.test(currency)) return usualDecimals;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const decimals = format.resolvedOptions().maximumFractionDigits ?? usualDecimals;
  decimalsOf.set(currency, decimals);
  return decimals;
}

/** Prints a rate with at least 2 and at most 5 decimals: `0.90`, `0.265`. */
export function formatRate(value: Rate): string {
  return formatUnits(value, rateDecimals);
}

/**
 * Reads an amount of at most 8 decimals.
 * @throws AppError `invalid_input` for anything but a plain decimal number in range
 */
export function parseAmount(text: string, name: string): Amount {
  return parseUnits(text, { name, decimals: amountDecimals, max: int8Max }) as Amount;
}

/**
 * Reads a rate of at most 5 decimals.
 * @throws AppError `invalid_input` for anything but a plain decimal number in range
 */
export function parseRate(text: string, name: string): Rate {
  return parseUnits(text, { name, decimals: rateDecimals, max: rateMax }) as Rate;
}

function formatUnits(value: bigint, decimals: number, decimalsMin = usualDecimals): string {
  const sign = value < 0n ? '-' : '';
  const padded = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  const whole = padded.slice(0, -decimals);
  let end = padded.length;
  const point = padded.length - decimals;
  const shortest = point + decimalsMin;
  while (end > shortest && padded[end - 1] === '0') end -= 1;
  return `${sign}${whole}${end === point ? '' : `.${padded.slice(point, end)}`}`;
}

type UnitsOptions = { name: string; decimals: number; max: bigint };

function parseUnits(text: string, options: UnitsOptions): bigint {
  const match = /^([0-9]{1,15})(?:\.([0-9]+))?$/.exec(text.trim());
  const [, whole = '', fraction = ''] = match ?? [];
  if (match === null || fraction.length > options.decimals) {
    throw new AppError(
      'invalid_input',
      `${options.name} must be a number like 12.5 with at most ${options.decimals} decimals, ` +
        `not "${text}"`,
    );
  }
  const units = BigInt(whole + fraction.padEnd(options.decimals, '0'));
  if (units > options.max) {
    throw new AppError('invalid_input', `${options.name} is too large: "${text}"`);
  }
  return units;
}
