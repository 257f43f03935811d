import type { CustomerId } from '../base/index.ts';
import type { Ctx } from '../db/index.ts';

/** Who signs in for a customer. */
export type CustomerLogin = {
  email: string;
  isEmailConfirmed: boolean;
  hasTwoFactor: boolean;
  /** False for who was invited and has not set a password yet. */
  hasPassword: boolean;
  /** Sessions that have not expired. */
  sessions: number;
  lastSignInAt: Date | null;
};

/** Reads who signs in for a customer; undefined when nobody does. */
export async function readCustomerLogin(
  ctx: Pick<Ctx, 'db' | 'clock'>,
  customerId: CustomerId,
): Promise<CustomerLogin | undefined> {
  const now = ctx.clock.now();
  return ctx.db
    .selectFrom('users as u')
    .select(['u.email', 'u.email_confirmed as isEmailConfirmed', 'u.two_factor as hasTwoFactor'])
    .select((eb) => [
      eb
        .exists(
          eb.selectFrom('user_credentials as k').select('k.id').whereRef('k.user_id', '=', 'u.id'),
        )
        .$castTo<boolean>()
        .as('hasPassword'),
      eb
        .selectFrom('user_sessions as s')
        .select((count) => count.cast<number>(count.fn.countAll(), 'integer').as('sessions'))
        .whereRef('s.user_id', '=', 'u.id')
        .where('s.expires_at', '>', now)
        .$asScalar()
        .$notNull()
        .as('sessions'),
      eb
        .selectFrom('user_sessions as s')
        .select((last) => last.fn.max('s.created_at').as('at'))
        .whereRef('s.user_id', '=', 'u.id')
        .as('lastSignInAt'),
    ])
    .where('u.customer_id', '=', customerId)
    .executeTakeFirst();
}
