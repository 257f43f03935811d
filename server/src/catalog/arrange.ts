import { sql } from 'kysely';
import { type Actor, AppError, type CategoryId, type ServiceId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, notifyChange, recordAudit, type Tx } from '../db/index.ts';
import { cleanCategoryName, findOrCreateCategory } from './categories.ts';
import { changeCatalog } from './change.ts';

export type ServiceMove = {
  /** Moved together, in this order. */
  serviceIds: readonly ServiceId[];
  /** Where to; a name that is new makes a category. */
  category: { id: CategoryId } | { name: string };
  /** The service of that category that they come before; null: they come last. */
  beforeId: ServiceId | null;
};

/**
 * Puts services at a place of a category and numbers that category anew: one statement, however
 * many there are. Customers read the catalog in this order.
 * @returns the category
 * @throws AppError `not_allowed`, `not_found`, `invalid_input` without services
 */
export async function moveServices(
  ctx: Ctx,
  actor: Actor,
  input: ServiceMove,
): Promise<CategoryId> {
  requireStaff(actor, 'services');
  const serviceIds = [...new Set(input.serviceIds)];
  if (serviceIds.length === 0) throw new AppError('invalid_input', 'name the services to move');
  const at = ctx.clock.now();
  return changeCatalog(ctx.db, async (tx) => {
    const categoryId = await findCategory(tx, input.category);
    await lockMoved(tx, serviceIds, categoryId);
    const place = { serviceIds, categoryId, beforeId: input.beforeId };
    await renumber(tx, place);
    await recordAudit(tx, {
      actor,
      action: 'service.move',
      subject: `category:${categoryId}`,
      after: { serviceIds, beforeId: input.beforeId },
      at,
    });
    await notifyChange(tx, { kind: 'catalog' });
    return categoryId;
  });
}

async function findCategory(tx: Tx, category: ServiceMove['category']): Promise<CategoryId> {
  if ('name' in category) return findOrCreateCategory(tx, cleanCategoryName(category.name));
  const row = await tx
    .selectFrom('categories')
    .select('id')
    .where('id', '=', category.id)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', `no category ${category.id}`);
  return row.id;
}

/** By id, as everybody who locks several. */
async function lockMoved(
  tx: Tx,
  serviceIds: readonly ServiceId[],
  categoryId: CategoryId,
): Promise<void> {
  const ids = sql`${serviceIds}::int[]`;
  const locked = await sql<{ id: ServiceId }>`
    select id from services where id = any(${ids}) or category_id = ${categoryId}
    order by id for no key update`.execute(tx);
  const known = new Set(locked.rows.map((row) => row.id));
  const missing = serviceIds.find((id) => !known.has(id));
  if (missing !== undefined) throw new AppError('not_found', `no service ${missing}`);
}

async function renumber(
  tx: Tx,
  place: { serviceIds: readonly ServiceId[]; categoryId: CategoryId; beforeId: ServiceId | null },
): Promise<void> {
  const { serviceIds, categoryId, beforeId } = place;
  const moved = sql`${serviceIds}::int[]`;
  await sql`
    with others as (
      select id, row_number() over (order by position, id) as place from services
      where category_id = ${categoryId} and id <> all(${moved})
    ), placed as (
      select id, place::numeric, 0 as number from others
      union all
      select m.id, coalesce((select place - 0.5 from others where id = ${beforeId}),
        (select count(*) + 1 from others)), m.number
      from unnest(${moved}) with ordinality as m (id, number)
    ), numbered as (
      select id, row_number() over (order by place, number) as position from placed
    )
    update services s set category_id = ${categoryId}, position = n.position
    from numbered n
    where s.id = n.id
      and (s.category_id, s.position) is distinct from (${categoryId}::int, n.position::int)
  `.execute(tx);
}
