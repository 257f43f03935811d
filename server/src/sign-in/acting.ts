import { type Actor, AppError, type CustomerId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit } from '../db/index.ts';

/**
 * Lets a member of staff act as a customer in one session of theirs, until they stop or sign out.
 * What they do then is done by the customer, with their own name beside it.
 * @throws AppError `not_allowed`, `not_found` for no such customer or session of theirs
 */
export async function startActing(
  ctx: Ctx,
  actor: Actor,
  input: { sessionId: string; customerId: CustomerId },
): Promise<void> {
  requireStaff(actor, 'customers');
  if (actor.kind !== 'staff' || actor.access === 'full') {
    throw new AppError('not_allowed', 'only staff who are signed in act as a customer');
  }
  const { sessionId, customerId } = input;
  const { staffId } = actor.access;
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const customer = await tx
      .selectFrom('customers')
      .select('id')
      .where('id', '=', customerId)
      .executeTakeFirst();
    if (customer === undefined) throw new AppError('not_found', `no customer ${customerId}`);
    const changed = await tx
      .updateTable('user_sessions')
      .set({ acting_customer_id: customerId })
      .where('id', '=', sessionId)
      .where('user_id', 'in', (eb) =>
        eb.selectFrom('users').select('id').where('staff_id', '=', staffId),
      )
      .returning('id')
      .executeTakeFirst();
    if (changed === undefined) throw new AppError('not_found', 'no such session of theirs');
    const subject = `customer:${customerId}`;
    await recordAudit(tx, { actor, action: 'customer.act_as', subject, customerId, at });
  });
}

/**
 * Ends acting as a customer in a session; nothing when it has ended already.
 * @throws AppError `not_allowed` for who is no member of staff
 */
export async function stopActing(
  ctx: Ctx,
  actor: Actor,
  input: { sessionId: string },
): Promise<void> {
  if (actor.kind === 'customer' && actor.actingStaff === undefined) {
    throw new AppError('not_allowed', 'only staff act as a customer');
  }
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const session = await tx
      .selectFrom('user_sessions')
      .select('acting_customer_id as customerId')
      .where('id', '=', input.sessionId)
      .forUpdate()
      .executeTakeFirst();
    const customerId = session?.customerId ?? null;
    if (customerId === null) return;
    await tx
      .updateTable('user_sessions')
      .set({ acting_customer_id: null })
      .where('id', '=', input.sessionId)
      .execute();
    const subject = `customer:${customerId}`;
    await recordAudit(tx, { actor, action: 'customer.act_as_end', subject, customerId, at });
  });
}
