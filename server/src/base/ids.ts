declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Small tables count in `int4` and fit a JavaScript number; growing tables in `int8`. */
export type CustomerId = Brand<number, 'CustomerId'>;
export type KeyId = Brand<number, 'KeyId'>;
export type CategoryId = Brand<number, 'CategoryId'>;
export type ServiceId = Brand<number, 'ServiceId'>;
export type ProviderId = Brand<number, 'ProviderId'>;
export type StaffId = Brand<number, 'StaffId'>;
export type PaymentMethodId = Brand<number, 'PaymentMethodId'>;
export type OrderId = Brand<bigint, 'OrderId'>;
export type RefillId = Brand<bigint, 'RefillId'>;
export type PaymentId = Brand<bigint, 'PaymentId'>;

/** The largest number the wire protocol takes. */
export const int32Max = 2_147_483_647;

// Ids are printed into JSON as integers, so every client must be able to read them exactly.
const idMax = Number.MAX_SAFE_INTEGER;
const idDigitsMax = 16;
const [zero, nine] = [48, 57];

/**
 * Reads a positive id of at most 2^53 − 1: ASCII digits only, surrounding white space trimmed.
 * Answers undefined for anything else, so the caller can name the refusal.
 */
export function parseId(text: string): bigint | undefined {
  const id = parseIdNumber(text);
  return id === undefined ? undefined : BigInt(id);
}

/**
 * Reads an id by the same rules as the number it fits. For lists of 100 ids, thousands of them a
 * second, which are looked up in memory and not used in sums.
 */
export function parseIdNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > idDigitsMax) return undefined;
  let id = 0;
  for (let at = 0; at < trimmed.length; at += 1) {
    const digit = trimmed.charCodeAt(at);
    if (digit < zero || digit > nine) return undefined;
    id = id * 10 + digit - zero;
  }
  return id > 0 && id <= idMax ? id : undefined;
}

/** Reads an id of a small table (`int4`), by the same rules. */
export function parseSmallId(text: string): number | undefined {
  const id = parseIdNumber(text);
  return id !== undefined && id <= int32Max ? id : undefined;
}

/** Reads a whole number from 0 to 2147483647: ASCII digits only, as the wire protocol demands. */
export function parseWhole(text: string): number | undefined {
  if (!/^[0-9]{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= int32Max ? value : undefined;
}
