import { AppError, openSealed, type ProviderId, type SealPlace, sealText } from '../base/index.ts';

/** Whose key it is, and where it may be sent. */
export type KeyPlace = { providerId: ProviderId; url: string };

/**
 * Encrypts a provider's key. The provider and the origin of its address are authenticated with it,
 * so a sealed key that is moved to another row, or whose row gets another scheme, host or port,
 * does not open.
 */
export function sealKey(secret: string, place: KeyPlace, key: string): Uint8Array {
  return sealText(secret, sealPlaceOf(place), key);
}

/**
 * Decrypts what `sealKey` made.
 * @throws AppError `conflict` when it was sealed with another secret, for another provider or
 *   another address
 */
export function openKey(secret: string, place: KeyPlace, sealed: Uint8Array): string {
  try {
    return openSealed(secret, sealPlaceOf(place), sealed);
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

function sealPlaceOf(place: KeyPlace): SealPlace {
  return {
    purpose: 'panelwright provider keys 1',
    boundTo: `panelwright:provider:${place.providerId}:${new URL(place.url).origin}`,
  };
}
