import { AppError, parseAmount } from '../base/index.ts';

const secondsPerMinute = 60n;
const hundredths = 100n;

/** Requests per second with at most 2 decimals, as whole calls per minute, at least 1. */
export function toCallsPerMinute(text: string): number {
  const match = /^([0-9]{1,6})(?:\.([0-9]{1,2}))?$/.exec(text.trim());
  const [, whole = '', fraction = ''] = match ?? [];
  const perMinute = (BigInt(whole + fraction.padEnd(2, '0')) * secondsPerMinute) / hundredths;
  if (match === null || perMinute === 0n) {
    throw new AppError('invalid_input', `"${text}" is no number of requests like 2 or 0.5`);
  }
  return Number.parseInt(perMinute.toString(), 10);
}

/** What one of a provider's currency costs in the panel's, in 10⁻⁸. */
export function toExchangeRate(text: string): bigint {
  return parseAmount(text, '--exchange-rate');
}
