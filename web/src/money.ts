const amountDigits = 8;

/** The digits of an exact decimal as a count of 10⁻⁸; undefined for what is no such number. */
export function parseDecimal(text: string): bigint | undefined {
  const match = /^(-?)(\d{1,15})(?:\.(\d{0,8}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, whole = '0', fraction = ''] = match;
  const value = BigInt(whole + fraction.padEnd(amountDigits, '0'));
  return sign === '-' ? -value : value;
}

/** A count of 10⁻⁸ as the shortest exact decimal. */
export function formatUnits(value: bigint): string {
  const digits = String(value < 0n ? -value : value).padStart(amountDigits + 1, '0');
  const whole = digits.slice(0, -amountDigits);
  const fraction = digits.slice(-amountDigits).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** An exact decimal as a field begins with it, to be changed; what is no such number as it is. */
export function plainDecimal(text: string): string {
  const value = parseDecimal(text);
  return value === undefined ? text : formatUnits(value);
}

/**
 * What an order costs: the rate per 1,000 (at most 5 decimals) times the quantity, exact by the
 * rule the server charges by.
 */
export function priceOf(rate: string, quantity: bigint): string {
  return formatUnits(((parseDecimal(rate) ?? 0n) * quantity) / 1_000n);
}

/**
 * An exact decimal as it is, with the reader's separators: no digit is lost, none is made up. At
 * least `digitsMin` after the point.
 */
export function formatDecimal(
  language: string,
  text: string,
  digitsMin = 0,
  rounding: Intl.NumberFormatOptions = {},
): string {
  const options = { minimumFractionDigits: digitsMin, maximumFractionDigits: 8, ...rounding };
  // A string is formatted exactly; the type of older libraries knows numbers only.
  return new Intl.NumberFormat(language, options).format(text as `${number}`);
}

const usualDigits = 2;
const digitsOf = new Map<string, number>();

/** How many digits its smallest coin takes: 2 of USD, none of JPY, 3 of KWD. */
export function coinDigits(currency: string): number {
  const known = digitsOf.get(currency);
  if (known !== undefined) return known;
  // What a provider calls its currency may be no code at all.
  if (!/^[A-Z]{3}$/.test(currency)) return usualDigits;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? usualDigits;
  digitsOf.set(currency, digits);
  return digits;
}

/** An exact amount: whole ones with the digits of the currency's coins, and none left out. */
export function formatAmount(language: string, text: string, currency: string): string {
  return formatDecimal(language, text, coinDigits(currency));
}

/**
 * What is there at least, to the cent, or to a smaller coin if there is one. Below a larger coin
 * nothing is made up, and nothing left out down to the cent.
 */
export function formatAbout(language: string, text: string, currency: string): string {
  const digits = coinDigits(currency);
  const maximumFractionDigits = Math.max(digits, usualDigits);
  return formatDecimal(language, text, digits, { maximumFractionDigits, roundingMode: 'floor' });
}

/**
 * To the nearest of the smallest coins that the currency has. What is less than half of one is
 * shown by its first digit: it is not nothing.
 */
export function formatSum(language: string, text: string, currency: string): string {
  const maximumFractionDigits = coinDigits(currency);
  const sum = formatDecimal(language, text, maximumFractionDigits, { maximumFractionDigits });
  const isLost = /[1-9]/.test(text) && !/[1-9]/.test(sum);
  return isLost ? formatDecimal(language, text, 0, { maximumSignificantDigits: 1 }) : sum;
}
