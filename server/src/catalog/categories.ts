import { type Actor, AppError, type CategoryId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, notifyChange, recordAudit } from '../db/index.ts';

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
