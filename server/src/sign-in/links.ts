import { randomBytes } from 'node:crypto';
import { dayMs } from '../base/index.ts';
import type { Db, Tx } from '../db/index.ts';
import { hashIdentifier } from './tokens.ts';

const tokenBytes = 24;
const idBytes = 16;
const validMs = 3 * dayMs;

/** The page of the web app where a password is set by a link. */
export function passwordLink(origin: string, token: string): string {
  return `${origin}/reset-password?token=${encodeURIComponent(token)}`;
}

/** A new id of the kind that the sign-in library makes. */
export function newId(): string {
  return randomBytes(idBytes).toString('hex');
}

/**
 * Writes a token that sets the password of a user, once, within three days; in the form of the
 * sign-in library, which takes it.
 */
export async function insertPasswordToken(tx: Tx, userId: string, at: Date): Promise<string> {
  const token = randomBytes(tokenBytes).toString('base64url');
  await tx
    .insertInto('user_verifications')
    .values({
      id: newId(),
      identifier_hash: hashIdentifier(`reset-password:${token}`),
      value: userId,
      created_at: at,
      updated_at: at,
      expires_at: new Date(at.getTime() + validMs),
    })
    .execute();
  return token;
}

/**
 * Ends all links and steps of a sign-in that a user has open: whoever has one of them knew them
 * before a new password, another address, or new second factors.
 */
export async function dropOpenLinks(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('user_verifications').where('value', '=', userId).execute();
}
