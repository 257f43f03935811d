import { sql } from 'kysely';
import { type Actor, AppError, type CategoryId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, notifyChange, recordAudit, type Tx } from '../db/index.ts';
import type { Settings } from './snapshot.ts';

/**
 * Changes what is set once for the whole panel.
 * @throws AppError `not_allowed`, `invalid_input` for a currency that is not three capital letters,
 *   `conflict` for a new currency once money has moved
 */
export async function updateSettings(
  ctx: Ctx,
  actor: Actor,
  changes: Partial<Settings>,
): Promise<void> {
  requireStaff(actor, 'settings');
  if (changes.currency !== undefined && !/^[A-Z]{3}$/.test(changes.currency)) {
    throw new AppError('invalid_input', 'a currency is three capital letters, like USD');
  }
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const before = await tx
      .selectFrom('settings')
      .select(['currency', 'show_description as showDescription'])
      .select('show_average_time as showAverageTime')
      .forUpdate()
      .executeTakeFirstOrThrow();
    const after = { ...before, ...changes };
    if (after.currency !== before.currency) await requireEmptyBooks(tx);
    await tx
      .updateTable('settings')
      .set({
        currency: after.currency,
        show_description: after.showDescription,
        show_average_time: after.showAverageTime,
      })
      .execute();
    await recordAudit(tx, {
      actor,
      action: 'settings.update',
      subject: 'settings',
      before,
      after,
      at,
    });
    await notifyChange(tx, { kind: 'catalog' });
  });
}

/**
 * Refuses from now on every link that contains this text, in any case.
 * @throws AppError `not_allowed`, `invalid_input` for an empty or overlong text
 */
export async function blockLink(ctx: Ctx, actor: Actor, pattern: string): Promise<void> {
  await changeBlockList(ctx, actor, { action: 'link.block', pattern });
}

/** Takes a text off the link block list. @throws AppError `not_allowed` */
export async function unblockLink(ctx: Ctx, actor: Actor, pattern: string): Promise<void> {
  await changeBlockList(ctx, actor, { action: 'link.unblock', pattern });
}

/**
 * Moves a category: categories are shown by position, then by age.
 * @throws AppError `not_allowed`, `not_found`
 */
export async function moveCategory(
  ctx: Ctx,
  actor: Actor,
  input: { categoryId: CategoryId; position: number },
): Promise<void> {
  requireStaff(actor, 'services');
  const { categoryId, position } = input;
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const moved = await tx
      .updateTable('categories')
      .set({ position })
      .where('id', '=', categoryId)
      .returning('id')
      .executeTakeFirst();
    if (moved === undefined) throw new AppError('not_found', `no category ${categoryId}`);
    const subject = `category:${categoryId}`;
    await recordAudit(tx, { actor, action: 'category.move', subject, after: { position }, at });
    await notifyChange(tx, { kind: 'catalog' });
  });
}

async function changeBlockList(
  ctx: Ctx,
  actor: Actor,
  input: { action: 'link.block' | 'link.unblock'; pattern: string },
): Promise<void> {
  requireStaff(actor, 'settings');
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

/**
 * The lock waits for money under way and holds up what comes next until the currency is committed:
 * every transfer writes its wallet, also a new customer's.
 */
async function requireEmptyBooks(tx: Tx): Promise<void> {
  await sql`lock table wallets in exclusive mode`.execute(tx);
  const moved = await tx.selectFrom('transfers').select('number').limit(1).executeTakeFirst();
  if (moved !== undefined) {
    throw new AppError('conflict', 'the currency cannot change once money has moved');
  }
}
