import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { AppError, assert, type ProviderId } from '../base/index.ts';

/** Whose key it is, and where it may be sent. */
export type KeyPlace = { providerId: ProviderId; url: string };

const algorithm = 'aes-256-gcm';
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

/**
 * Encrypts a provider's key: version, nonce, text, tag. The provider and the origin of its address
 * are authenticated with it, so a sealed key that is moved to another row, or whose row gets
 * another scheme, host or port, does not open.
 */
export function sealKey(secret: string, place: KeyPlace, key: string): Uint8Array {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, deriveKey(secret), nonce);
  cipher.setAAD(boundTo(place));
  const text = Buffer.concat([cipher.update(key, 'utf8'), cipher.final()]);
  return Buffer.concat([Uint8Array.of(version), nonce, text, cipher.getAuthTag()]);
}

/**
 * Decrypts what `sealKey` made.
 * @throws AppError `conflict` when it was sealed with another secret, for another provider or
 *   another address
 */
export function openKey(secret: string, place: KeyPlace, sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed);
  try {
    assert(bytes[0] === version, 'a sealed key has a version this release knows');
    const nonce = bytes.subarray(1, 1 + nonceBytes);
    const decipher = createDecipheriv(algorithm, deriveKey(secret), nonce, {
      authTagLength: tagBytes,
    });
    decipher.setAAD(boundTo(place));
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    const text = decipher.update(bytes.subarray(1 + nonceBytes, -tagBytes));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new AppError(
      'conflict',
      `the key of provider ${place.providerId} does not open: it was stored with another ` +
        'PANELWRIGHT_SECRET or for another address; store it again (providers update --key-file)',
      { cause },
    );
  }
}

/** Whether a key may stay when the address changes: the same scheme, host and port. */
export function isSameOrigin(one: string, other: string): boolean {
  return new URL(one).origin === new URL(other).origin;
}

function boundTo(place: KeyPlace): Buffer {
  return Buffer.from(`panelwright:provider:${place.providerId}:${new URL(place.url).origin}`);
}

function deriveKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'panelwright provider keys 1', keyBytes));
}
