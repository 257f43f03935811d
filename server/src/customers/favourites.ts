import { type Actor, AppError, type CustomerId, type ServiceId } from '../base/index.ts';
import { type Ctx, constraintName, type Db } from '../db/index.ts';

const serviceKey = 'favourites_service_id_fkey';

/**
 * Keeps a service among a customer's favourites, or takes it out. Saying it twice changes nothing.
 * @throws AppError `not_found` for no such service
 */
export async function setFavourite(
  ctx: Ctx,
  actor: Actor & { kind: 'customer' },
  input: { serviceId: ServiceId; isFavourite: boolean },
): Promise<void> {
  const favourite = { customer_id: actor.customerId, service_id: input.serviceId };
  if (!input.isFavourite) {
    await ctx.db
      .deleteFrom('favourites')
      .where('customer_id', '=', favourite.customer_id)
      .where('service_id', '=', favourite.service_id)
      .execute();
    return;
  }
  try {
    await ctx.db
      .insertInto('favourites')
      .values({ ...favourite, created_at: ctx.clock.now() })
      .onConflict((oc) => oc.doNothing())
      .execute();
  } catch (error) {
    if (constraintName(error) !== serviceKey) throw error;
    throw new AppError('not_found', `no service ${input.serviceId}`, { cause: error });
  }
}

/** A customer's favourite services, oldest first. */
export async function listFavourites(db: Db, customerId: CustomerId): Promise<ServiceId[]> {
  const rows = await db
    .selectFrom('favourites')
    .select('service_id')
    .where('customer_id', '=', customerId)
    .orderBy('created_at')
    .orderBy('service_id')
    .execute();
  return rows.map((row) => row.service_id);
}
