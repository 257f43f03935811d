import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const marker = 'pw_';
const secretBytes = 32;
const secretDigits = 43;
const checksumDigits = 6;
const prefixLength = 10;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const wellFormed = new RegExp(`^${marker}[0-9A-Za-z]{${secretDigits + checksumDigits}}$`);

/**
 * Makes an API key: a marker that secret scanners can look for, 256 random bits and a checksum, all
 * letters and digits. It is shown once; only its hash and first characters are kept.
 */
export function generateKey(): { key: string; prefix: string; hash: Uint8Array } {
  const body =
    marker + encode(BigInt(`0x${randomBytes(secretBytes).toString('hex')}`), secretDigits);
  const key = body + checksum(body);
  return { key, prefix: key.slice(0, prefixLength), hash: hashKey(key) };
}

/** Tells a mistyped or invented key from a possible one, without a query. */
export function isWellFormedKey(key: string): boolean {
  if (!wellFormed.test(key)) return false;
  return key.slice(-checksumDigits) === checksum(key.slice(0, -checksumDigits));
}

/** SHA-256 of a key: all that is stored of it. 256 random bits need no salt and no slow hash. */
export function hashKey(key: string): Uint8Array {
  return hash('sha256', key, 'buffer');
}

function checksum(body: string): string {
  return encode(BigInt(crc32(body)), checksumDigits);
}

function encode(value: bigint, digits: number): string {
  let rest = value;
  let text = '';
  for (let position = 0; position < digits; position += 1) {
    text = (alphabet[Number(rest % 62n)] ?? '') + text;
    rest /= 62n;
  }
  return text;
}
