import type { SignInPanel } from '../../tests/sign-in/visitor.ts';

/**
 * Remembers who is signed in now, and answers what puts it back: fuzzing may end its own session,
 * take away its own permissions, or ask itself for a second factor.
 */
export async function keepSession(panel: SignInPanel): Promise<() => Promise<void>> {
  const { sql } = panel.owner;
  await sql`create table kept_sessions as select * from user_sessions`;
  await sql`create table kept_staff as select id, areas from staff`;
  return async () => {
    await sql`insert into user_sessions select * from kept_sessions on conflict do nothing`;
    await sql`update user_sessions
      set acting_customer_id = null, confirmed_at = ${panel.clock.now()}
      where id in (select id from kept_sessions)`;
    await sql`update staff s set status = 'active', areas = k.areas, daily_limit = null
      from kept_staff k where k.id = s.id`;
    await sql`update settings set staff_second_factor = false`;
  };
}
