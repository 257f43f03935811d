import type { Command } from 'commander';
import {
  AppError,
  type CategoryId,
  type CustomerId,
  type KeyId,
  type OrderId,
  parseId,
  parseSmallId,
  parseWhole,
  type RefillId,
  type ServiceId,
} from '../base/index.ts';

/** A customer's number. @throws AppError `invalid_input`, as all of these do */
export function toCustomerId(text: string): CustomerId {
  return smallId(text, 'customer') as CustomerId; // the number of a customer is what was asked for
}

/** A service's number. */
export function toServiceId(text: string): ServiceId {
  return smallId(text, 'service') as ServiceId; // likewise
}

/** A category's number. */
export function toCategoryId(text: string): CategoryId {
  return smallId(text, 'category') as CategoryId; // likewise
}

/** A key's number. */
export function toKeyId(text: string): KeyId {
  return smallId(text, 'key') as KeyId; // likewise
}

/** An order's number. */
export function toOrderId(text: string): OrderId {
  return bigId(text, 'order') as OrderId; // likewise
}

/** A refill's number. */
export function toRefillId(text: string): RefillId {
  return bigId(text, 'refill') as RefillId; // likewise
}

/** A whole number from 0 to 2147483647. */
export function toWhole(text: string): number {
  const value = parseWhole(text.trim());
  if (value === undefined) {
    throw new AppError('invalid_input', `"${text}" is no whole number from 0 to 2147483647`);
  }
  return value;
}

/** The largest number of lines to show: at least 1. */
export function toLimit(text: string): number {
  const value = toWhole(text);
  if (value === 0) throw new AppError('invalid_input', '--limit is 1 or more');
  return value;
}

/** A count of pieces, 0 or more. */
export function toCount(text: string): bigint {
  if (!/^[0-9]{1,15}$/.test(text.trim())) {
    throw new AppError('invalid_input', `"${text}" is no whole number of 0 or more`);
  }
  return BigInt(text.trim());
}

/** `on` or `off`. */
export function toSwitch(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new AppError('invalid_input', `"${text}" must be on or off`);
}

/** A percentage with at most 2 decimals, in hundredths of a percent. */
export function toBasisPoints(text: string): number {
  const match = /^([0-9]{1,2})(?:\.([0-9]{1,2}))?$/.exec(text.trim());
  if (match === null) {
    throw new AppError('invalid_input', `"${text}" is no percentage from 0 to 99.99`);
  }
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

/** A mark-up in percent with at most 2 decimals, in hundredths of a percent: up to 10000%. */
export function toMarkup(text: string): number {
  const match = /^([0-9]{1,5})(?:\.([0-9]{1,2}))?$/.exec(text.trim());
  const basisPoints = Number(match?.[1] ?? 0) * 100 + Number((match?.[2] ?? '').padEnd(2, '0'));
  if (match === null || basisPoints > 1_000_000) {
    throw new AppError('invalid_input', `"${text}" is no mark-up from 0 to 10000 percent`);
  }
  return basisPoints;
}

/** Stands for null while options are read: commander takes a null for an option without a value. */
const none = Symbol('none');

/** Reads a value, or the word that stands for none. */
export function orNull<T>(
  word: string,
  read: (text: string) => T,
): (text: string) => T | typeof none {
  return (text) => (text === word ? none : read(text));
}

/** Gives a command's options their nulls, before it runs. */
export function restoreNulls(command: Command): void {
  for (const [name, value] of Object.entries(command.opts())) {
    if (value === none) command.setOptionValue(name, null);
  }
}

function smallId(text: string, name: string): number {
  const id = parseSmallId(text);
  if (id === undefined) throw new AppError('invalid_input', `"${text}" is no ${name} number`);
  return id;
}

function bigId(text: string, name: string): bigint {
  const id = parseId(text);
  if (id === undefined) throw new AppError('invalid_input', `"${text}" is no ${name} number`);
  return id;
}
