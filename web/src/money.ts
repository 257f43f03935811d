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

/**
 * What an order costs: the rate per 1,000 (at most 5 decimals) times the quantity, exact by the
 * rule the server charges by.
 */
export function priceOf(rate: string, quantity: bigint): string {
  return formatUnits(((parseDecimal(rate) ?? 0n) * quantity) / 1_000n);
}
