import type { SignInPanel } from '../sign-in/visitor.ts';

/** Makes every sign-in and confirmation so far older than what moves money takes. */
export async function ageSessions(panel: SignInPanel): Promise<void> {
  await panel.owner.sql`update user_sessions
    set created_at = created_at - interval '11 minutes',
      confirmed_at = confirmed_at - interval '11 minutes'`;
}
