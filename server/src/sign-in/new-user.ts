import type { Actor } from '../base/index.ts';
import { insertCustomer } from '../customers/index.ts';
import type { Db, Tx } from '../db/index.ts';

const actor: Actor = { kind: 'system', name: 'sign-up' };

/**
 * What is written of a new user: their customer comes first, in the same transaction, so that there
 * is neither one without the other.
 * @throws AppError `invalid_input` for a name of 0 or over 200 letters
 */
export async function prepareUser(
  tx: Tx,
  data: Record<string, unknown>,
  at: Date,
): Promise<Record<string, unknown>> {
  const { language, image: _, ...user } = data;
  const customerId = await insertCustomer(tx, {
    name: String(data.name),
    language: language === 'zh-CN' ? 'zh-CN' : 'en',
    actor,
    at,
  });
  return { ...user, customerId };
}

/** Whether a user is a member of staff who may not sign in. */
export async function isStaffSuspended(db: Db, userId: string): Promise<boolean> {
  const found = await db
    .selectFrom('users as u')
    .innerJoin('staff as t', 't.id', 'u.staff_id')
    .select('t.id')
    .where('u.id', '=', userId)
    .where('t.status', '=', 'suspended')
    .executeTakeFirst();
  return found !== undefined;
}
