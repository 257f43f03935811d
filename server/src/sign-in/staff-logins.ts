import { sql } from 'kysely';
import type { StaffId } from '../base/index.ts';
import type { Ctx } from '../db/index.ts';

/** How a member of staff signs in. */
export type StaffLogin = {
  staffId: StaffId;
  email: string;
  hasTwoFactor: boolean;
  passkeys: number;
  /** False for who was invited and has not set a password yet. */
  hasPassword: boolean;
  /** Sessions that have not expired. */
  sessions: number;
  lastSignInAt: Date | null;
};

/** How all members of staff sign in who can; they are few. */
export async function listStaffLogins(ctx: Pick<Ctx, 'db' | 'clock'>): Promise<StaffLogin[]> {
  const now = ctx.clock.now();
  const found = await sql<StaffLogin>`
    select u.staff_id as "staffId", u.email, u.two_factor as "hasTwoFactor",
      (select count(*)::int from passkeys where user_id = u.id) as passkeys,
      exists (select from user_credentials where user_id = u.id) as "hasPassword",
      (select count(*)::int from user_sessions
        where user_id = u.id and expires_at > ${now}::timestamptz) as sessions,
      (select max(created_at) from user_sessions where user_id = u.id) as "lastSignInAt"
    from users u where u.staff_id is not null order by u.staff_id`.execute(ctx.db);
  return found.rows;
}
