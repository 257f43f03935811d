import { minuteMs } from '../../src/base/index.ts';
import type { SignInPanel } from '../sign-in/visitor.ts';

type Session = { id: string; created_at: Date; confirmed_at: Date | null };

/** Makes every sign-in and confirmation so far older than what moves money takes. */
export async function ageSessions(panel: SignInPanel): Promise<void> {
  const older = (at: Date | null) => at && new Date(at.getTime() - 11 * minuteMs);
  const sessions = await panel.owner.sql<Session[]>`
    select id, created_at, confirmed_at from user_sessions`;
  for (const { id, created_at, confirmed_at } of sessions) {
    await panel.owner.sql`update user_sessions set created_at = ${older(created_at)},
      confirmed_at = ${older(confirmed_at)} where id = ${id}`;
  }
}
