import { type Actor, AppError, formatActor } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit } from '../db/index.ts';

/**
 * Says that this panel, restored from a backup, is the one that goes on from here, and the other is
 * stopped: from now on providers are sent orders again. What was made unknown stays so until each
 * is decided.
 * @returns how many deliveries are unknown because of the restore
 * @throws AppError `not_allowed`, `conflict` when no restore waits to be confirmed
 */
export async function confirmRestore(ctx: Ctx, actor: Actor): Promise<{ doubted: number }> {
  requireStaff(actor, 'system');
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const confirmed = await tx
      .updateTable('restores')
      .set({ confirmed_at: at, confirmed_by: formatActor(actor) })
      .where('confirmed_at', 'is', null)
      .returning(['backup_at as backupAt', 'doubted'])
      .execute();
    const [last] = confirmed.sort(
      (one, other) => other.backupAt.getTime() - one.backupAt.getTime(),
    );
    if (last === undefined) throw new AppError('conflict', 'no restore waits to be confirmed');
    const doubted = confirmed.reduce((sum, row) => sum + row.doubted, 0);
    await recordAudit(tx, {
      actor,
      action: 'restore.confirm',
      subject: 'restore',
      after: { backupAt: last.backupAt.toISOString(), doubted },
      at,
    });
    return { doubted };
  });
}
