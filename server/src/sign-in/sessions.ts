import { AppError } from '../base/index.ts';
import type { Ctx, Db } from '../db/index.ts';
import { type SignedIn, sessionMsMax } from './signed-in.ts';

export type SessionSummary = {
  id: string;
  isCurrent: boolean;
  address: string;
  userAgent: string;
  createdAt: Date;
  expiresAt: Date;
};

const shownMax = 100;

/** Where a user is signed in, newest first. */
export async function listSessions(ctx: Ctx, signedIn: SignedIn): Promise<SessionSummary[]> {
  const rows = await ctx.db
    .selectFrom('user_sessions')
    .select(['id', 'address', 'user_agent as userAgent'])
    .select(['created_at as createdAt', 'expires_at as expiresAt'])
    .where('user_id', '=', signedIn.user.id)
    .where('expires_at', '>', ctx.clock.now())
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(shownMax)
    .execute();
  return rows.map((row) => ({ ...row, isCurrent: row.id === signedIn.sessionId }));
}

/** Ends one session of a user, at once. @throws AppError `not_found` */
export async function revokeSession(db: Db, signedIn: SignedIn, sessionId: string): Promise<void> {
  const ended = await db
    .deleteFrom('user_sessions')
    .where('user_id', '=', signedIn.user.id)
    .where('id', '=', sessionId)
    .returning('id')
    .executeTakeFirst();
  if (ended === undefined) throw new AppError('not_found', 'no such session');
}

/** Ends all sessions of a user but the one that asks. */
export async function revokeOtherSessions(db: Db, signedIn: SignedIn): Promise<void> {
  await db
    .deleteFrom('user_sessions')
    .where('user_id', '=', signedIn.user.id)
    .where('id', '!=', signedIn.sessionId)
    .execute();
}

/** Deletes sessions, links and steps that have expired. */
export async function dropExpired(ctx: Ctx): Promise<void> {
  const now = ctx.clock.now();
  const oldest = new Date(now.getTime() - sessionMsMax);
  await ctx.db
    .deleteFrom('user_sessions')
    .where((eb) => eb.or([eb('expires_at', '<', now), eb('created_at', '<', oldest)]))
    .execute();
  await ctx.db.deleteFrom('user_verifications').where('expires_at', '<', now).execute();
}
