import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { assert } from './assert.ts';

/** What a sealed text is for, and what it is bound to: it opens for nothing else. */
export type SealPlace = {
  /** One key is derived from the secret for each purpose; never changed once texts are stored. */
  purpose: string;
  boundTo: string;
};

const algorithm = 'aes-256-gcm';
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

/**
 * Encrypts a text by the panel's secret: version, nonce, text, tag. What it is bound to is
 * authenticated with it, so a sealed text that is moved elsewhere does not open.
 */
export function sealText(secret: string, place: SealPlace, text: string): Uint8Array {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, deriveKey(secret, place), nonce);
  cipher.setAAD(Buffer.from(place.boundTo));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Uint8Array.of(version), nonce, sealed, cipher.getAuthTag()]);
}

/**
 * Decrypts what `sealText` made.
 * @throws Error when it was sealed by another secret, for another place, or was changed
 */
export function openSealed(secret: string, place: SealPlace, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed);
  assert(bytes[0] === version, 'a sealed text has a version this release knows');
  const nonce = bytes.subarray(1, 1 + nonceBytes);
  const decipher = createDecipheriv(algorithm, deriveKey(secret, place), nonce, {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(place.boundTo));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  const text = decipher.update(bytes.subarray(1 + nonceBytes, -tagBytes));
  return Buffer.concat([text, decipher.final()]).toString('utf8');
}

function deriveKey(secret: string, place: SealPlace): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', place.purpose, keyBytes));
}
