import { type Actor, AppError } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, type Db, inTransaction, notifyChange, recordAudit } from '../db/index.ts';

const blockedMax = 10_000;

/** The link block list, by alphabet. */
export async function listBlockedLinks(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('blocked_links')
    .select('pattern')
    .orderBy('pattern')
    .limit(blockedMax)
    .execute();
  return rows.map((row) => row.pattern);
}

/**
 * Refuses from now on every link that contains this text, in any case.
 * @throws AppError `not_allowed`, `invalid_input` for an empty or overlong text
 */
export async function blockLink(ctx: Ctx, actor: Actor, pattern: string): Promise<void> {
  requireStaff(actor, 'settings');
  await changeBlockList(ctx, actor, { action: 'link.block', pattern });
}

/** Takes a text off the link block list. @throws AppError `not_allowed` */
export async function unblockLink(ctx: Ctx, actor: Actor, pattern: string): Promise<void> {
  requireStaff(actor, 'settings');
  await changeBlockList(ctx, actor, { action: 'link.unblock', pattern });
}

async function changeBlockList(
  ctx: Ctx,
  actor: Actor,
  input: { action: 'link.block' | 'link.unblock'; pattern: string },
): Promise<void> {
  const pattern = input.pattern.trim().toLowerCase();
  if (pattern === '' || pattern.length > 200) {
    throw new AppError('invalid_input', 'a blocked link has 1 to 200 characters');
  }
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    if (input.action === 'link.block') {
      await tx
        .insertInto('blocked_links')
        .values({ pattern })
        .onConflict((oc) => oc.doNothing())
        .execute();
    } else {
      await tx.deleteFrom('blocked_links').where('pattern', '=', pattern).execute();
    }
    await recordAudit(tx, { actor, action: input.action, subject: pattern, at });
    await notifyChange(tx, { kind: 'catalog' });
  });
}
