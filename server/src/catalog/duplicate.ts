import { sql } from 'kysely';
import { type Actor, AppError, type ServiceId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, notifyChange, recordAudit } from '../db/index.ts';
import { changeCatalog } from './change.ts';
import { insertChanges } from './change-rows.ts';
import { createdChange, type SaleState } from './change-rules.ts';

/**
 * Makes a service like another one, with its routes, beside it in the list and off sale until staff
 * say otherwise. It follows no provider: one service alone does.
 * @throws AppError `not_allowed`, `not_found`
 */
export async function duplicateService(
  ctx: Ctx,
  actor: Actor,
  input: { serviceId: ServiceId },
): Promise<ServiceId> {
  requireStaff(actor, 'services');
  const { serviceId } = input;
  const at = ctx.clock.now();
  return changeCatalog(ctx.db, async (tx) => {
    const copied = await sql<SaleState & { id: ServiceId }>`
      insert into services (category_id, position, name, type, rate, min, max, refill, refill_days,
        cancel, dripfeed, deny_duplicates, enabled, disabled_by, hidden, description, average_time)
      select category_id, position, name, type, rate, min, max, refill, refill_days, cancel,
        dripfeed, deny_duplicates, false, 'staff', hidden, description, average_time
      from services where id = ${serviceId}
      returning id, rate, min, max, refill, cancel, dripfeed, enabled`.execute(tx);
    const [copy] = copied.rows;
    if (copy === undefined) throw new AppError('not_found', `no service ${serviceId}`);
    await sql`
      insert into service_routes (service_id, position, provider_id, external_id, is_delegated,
        guards_margin)
      select ${copy.id}::int, position, provider_id, external_id, is_delegated, guards_margin
      from service_routes where service_id = ${serviceId}`.execute(tx);
    await recordAudit(tx, {
      actor,
      action: 'service.duplicate',
      subject: `service:${copy.id}`,
      after: { from: serviceId },
      at,
    });
    const created = createdChange(copy.id, copy);
    await insertChanges(tx, [created], { actor, state: 'applied', at });
    await notifyChange(tx, { kind: 'catalog' });
    return copy.id;
  });
}
