import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { password, type Visitor } from './visitor.ts';

const stepSeconds = 30;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What an authenticator app is given: the secret, and codes for when the phone is lost. */
export type SecondFactor = { secret: Buffer; backupCodes: string[]; uri: URL };

/** Turns TOTP on as the app does: ask for a secret, then prove it arrived. */
export async function enableTotp(visitor: Visitor): Promise<SecondFactor> {
  const asked = await visitor.post('/api/auth/two-factor/enable', { password });
  assert.equal(asked.status, 200, JSON.stringify(asked.body));
  const uri = new URL(String(asked.body.totpURI));
  const secret = decodeBase32(uri.searchParams.get('secret') ?? '');
  const backupCodes = asked.body.backupCodes as string[];
  const proved = await visitor.post('/api/auth/two-factor/verify-totp', {
    code: codeOf(secret, 0),
  });
  assert.equal(proved.status, 200, JSON.stringify(proved.body));
  return { secret, backupCodes, uri };
}

/**
 * A code of an authenticator app (RFC 6238). Each counts once, and the one of now was used to turn
 * TOTP on; so by default it is the next one, which is good already.
 */
export function codeOf(secret: Buffer, stepsAhead = 1): string {
  const counter = Buffer.alloc(8);
  const step = Math.floor(Date.now() / 1000 / stepSeconds) + stepsAhead;
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', secret).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  const number = (digest.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000;
  return String(number).padStart(6, '0');
}

/** A code that is surely not the one of now, of before or of next. */
export function wrongCode(secret: Buffer): string {
  return String((Number(codeOf(secret)) + 500_000) % 1_000_000).padStart(6, '0');
}

/** The bytes of an authenticator secret. */
export function decodeBase32(text: string): Buffer {
  const bits = [...text.replace(/=+$/, '')]
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
