import { sql } from 'kysely';
import { type Actor, AppError, type CategoryId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, constraintName, notifyChange, recordAudit, type Tx } from '../db/index.ts';
import { changeCatalog } from './change.ts';

const nameLettersMax = 200;

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
  await changeCatalog(ctx.db, async (tx) => {
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

/**
 * Puts a category before another one, or last (null), and numbers them all anew: one statement.
 * @throws AppError `not_allowed`, `not_found`
 */
export async function placeCategory(
  ctx: Ctx,
  actor: Actor,
  input: { categoryId: CategoryId; beforeId: CategoryId | null },
): Promise<void> {
  requireStaff(actor, 'services');
  const { categoryId, beforeId } = input;
  const at = ctx.clock.now();
  await changeCatalog(ctx.db, async (tx) => {
    const rows = await tx.selectFrom('categories').select('id').orderBy('id').forUpdate().execute();
    const missing = [categoryId, beforeId ?? categoryId].find(
      (id) => !rows.some((row) => row.id === id),
    );
    if (missing !== undefined) throw new AppError('not_found', `no category ${missing}`);
    await sql`
      with others as (
        select id, row_number() over (order by position, id) as place from categories
        where id <> ${categoryId}
      ), placed as (
        select id, place::numeric from others
        union all
        select ${categoryId}::int, coalesce((select place - 0.5 from others where id = ${beforeId}),
          (select count(*) + 1 from others))
      ), numbered as (select id, row_number() over (order by place) as position from placed)
      update categories c set position = n.position from numbered n
      where n.id = c.id and c.position <> n.position`.execute(tx);
    const subject = `category:${categoryId}`;
    await recordAudit(tx, { actor, action: 'category.move', subject, after: { beforeId }, at });
    await notifyChange(tx, { kind: 'catalog' });
  });
}

/**
 * Gives a category another name.
 * @throws AppError `not_allowed`, `not_found`, `invalid_input`, `conflict` for a name that is taken
 */
export async function renameCategory(
  ctx: Ctx,
  actor: Actor,
  input: { categoryId: CategoryId; name: string },
): Promise<void> {
  requireStaff(actor, 'services');
  const { categoryId } = input;
  const name = cleanCategoryName(input.name);
  const at = ctx.clock.now();
  try {
    await changeCatalog(ctx.db, async (tx) => {
      const before = await tx
        .selectFrom('categories')
        .select('name')
        .where('id', '=', categoryId)
        .forUpdate()
        .executeTakeFirst();
      if (before === undefined) throw new AppError('not_found', `no category ${categoryId}`);
      await tx.updateTable('categories').set({ name }).where('id', '=', categoryId).execute();
      const subject = `category:${categoryId}`;
      const after = { name };
      await recordAudit(tx, { actor, action: 'category.rename', subject, before, after, at });
      await notifyChange(tx, { kind: 'catalog' });
    });
  } catch (cause) {
    if (constraintName(cause) !== 'categories_name_key') throw cause;
    throw new AppError('conflict', `there is a category "${name}" already`, { cause });
  }
}

/**
 * The name of a category without what surrounds it.
 * @throws AppError `invalid_input`
 */
export function cleanCategoryName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > nameLettersMax) {
    throw new AppError('invalid_input', "a category's name has 1 to 200 characters");
  }
  return name;
}

/** The category of a name that is clean; created, as the last one, when there is none. */
export async function findOrCreateCategory(tx: Tx, name: string): Promise<CategoryId> {
  await sql`
    insert into categories (name, position)
    select ${name}::text, coalesce(max(position) + 1, 1) from categories
    on conflict (name) do nothing`.execute(tx);
  const row = await tx
    .selectFrom('categories')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return row.id;
}
