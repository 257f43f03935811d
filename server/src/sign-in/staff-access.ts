import { type Actor, AppError, type StaffId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { dropOpenLinks } from './links.ts';
import { requireRightOver } from './users.ts';

/**
 * Signs a member of staff out everywhere, at once. @returns how many sessions ended
 * @throws AppError `not_allowed`, `not_found` for nobody who signs in
 */
export async function endStaffSessions(
  ctx: Ctx,
  actor: Actor,
  input: { staffId: StaffId },
): Promise<number> {
  requireStaff(actor, 'staff');
  const { staffId } = input;
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const ended = await endSessions(tx, await findUser(tx, staffId));
    const subject = `staff:${staffId}`;
    const before = { sessions: ended };
    await recordAudit(tx, { actor, action: 'staff.end_sessions', subject, before, at });
    return ended;
  });
}

/**
 * Takes away the TOTP and the passkeys of a member of staff who lost them, and signs them out: they
 * sign in by their password and set up new ones.
 * @throws AppError `not_allowed` also for staff with a permission beyond the actor's own,
 *   `not_found` for nobody who signs in
 */
export async function resetFactors(
  ctx: Ctx,
  actor: Actor,
  input: { staffId: StaffId },
): Promise<void> {
  requireStaff(actor, 'staff');
  const { staffId } = input;
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    await requireRightOver(tx, actor, { staffId });
    const userId = await findUser(tx, staffId);
    await tx.deleteFrom('two_factors').where('user_id', '=', userId).execute();
    const passkeys = await tx
      .deleteFrom('passkeys')
      .where('user_id', '=', userId)
      .returning('id')
      .execute();
    const { two_factor: hadTotp } = await tx
      .selectFrom('users')
      .select('two_factor')
      .where('id', '=', userId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    await tx
      .updateTable('users')
      .set({ two_factor: false, updated_at: at })
      .where('id', '=', userId)
      .execute();
    await endSessions(tx, userId);
    await dropOpenLinks(tx, userId);
    await recordAudit(tx, {
      actor,
      action: 'staff.reset_factors',
      subject: `staff:${staffId}`,
      before: { totp: hadTotp, passkeys: passkeys.length },
      after: { totp: false, passkeys: 0 },
      at,
    });
  });
}

async function findUser(tx: Tx, staffId: StaffId): Promise<string> {
  const user = await tx
    .selectFrom('users')
    .select('id')
    .where('staff_id', '=', staffId)
    .executeTakeFirst();
  if (user === undefined) throw new AppError('not_found', `nobody signs in as staff ${staffId}`);
  return user.id;
}

async function endSessions(tx: Tx, userId: string): Promise<number> {
  const ended = await tx
    .deleteFrom('user_sessions')
    .where('user_id', '=', userId)
    .returning('id')
    .execute();
  return ended.length;
}
