import { createHash } from 'node:crypto';
import { minuteMs } from '../base/index.ts';
import type { Ctx } from '../db/index.ts';

/** The library takes the codes of the step before and after, too: one counts for 90 seconds. */
const rememberMs = 2 * minuteMs;

/**
 * Marks a code of an authenticator app as used, before anybody gains by it. Of two uses at once one
 * is the first. @returns whether this is the first use
 */
export async function claimCode(
  ctx: Ctx,
  { userId, code }: { userId: string; code: string },
): Promise<boolean> {
  const hash = createHash('sha256').update(`totp ${userId} ${code}`).digest('base64url');
  const at = ctx.clock.now();
  const expiresAt = new Date(at.getTime() + rememberMs);
  const row = { value: 'totp', created_at: at, updated_at: at, expires_at: expiresAt };
  const claimed = await ctx.db
    .insertInto('user_verifications')
    .values({ id: hash, identifier_hash: hash, ...row })
    // The same digits may come again some day; what has expired is no use of today's.
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(row).where('user_verifications.expires_at', '<', at),
    )
    .returning('id')
    .executeTakeFirst();
  return claimed !== undefined;
}
