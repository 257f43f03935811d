import { sql } from 'kysely';
import { type Actor, AppError, type ServiceId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, notifyChange, recordAudits, type Tx } from '../db/index.ts';
import { changeCatalog } from './change.ts';
import { insertChanges } from './change-rows.ts';
import type { ChangeDraft } from './change-rules.ts';

/** What of many services is switched at once; the rest of each stays. */
export type ServiceSwitch = { enabled?: boolean; hidden?: boolean };

/**
 * Puts services on or off sale, hides or shows them; those that are so already are not touched.
 * @returns how many were changed
 * @throws AppError `not_allowed`, `not_found` for a service that is not there: then none is changed
 */
export async function switchServices(
  ctx: Ctx,
  actor: Actor,
  input: { serviceIds: readonly ServiceId[]; to: ServiceSwitch },
): Promise<number> {
  requireStaff(actor, 'services');
  const { to } = input;
  const at = ctx.clock.now();
  return changeCatalog(ctx.db, async (tx) => {
    const changed = (await lockServices(tx, input.serviceIds)).filter(
      ({ enabled, hidden, disabledBy }) =>
        (to.enabled ?? enabled) !== enabled ||
        (to.hidden ?? hidden) !== hidden ||
        // What a sync took off sale stays off once staff say so.
        (to.enabled === false && disabledBy === 'sync'),
    );
    if (changed.length === 0) return 0;
    await writeSwitches(tx, { ids: changed.map(({ id }) => id), to });
    await recordAudits(
      tx,
      { actor, action: 'service.update', at },
      changed.map(({ id, enabled, hidden }) => ({
        subject: `service:${id}`,
        before: { enabled, hidden },
        after: { enabled, hidden, ...to },
      })),
    );
    const drafts = changed.flatMap(({ id, enabled }): ChangeDraft[] => {
      if (to.enabled === undefined || to.enabled === enabled) return [];
      const kind = to.enabled ? 'enabled' : 'disabled';
      return [{ serviceId: id, kind, before: {}, after: {} }];
    });
    await insertChanges(tx, drafts, { actor, state: 'applied', at });
    await notifyChange(tx, { kind: 'catalog' });
    return changed.length;
  });
}

type Switched = {
  id: ServiceId;
  enabled: boolean;
  hidden: boolean;
  disabledBy: 'staff' | 'sync' | null;
};

/** By id, as everybody who locks several. */
async function lockServices(tx: Tx, ids: readonly ServiceId[]): Promise<Switched[]> {
  const found = await sql<Switched>`
    select id, enabled, hidden, disabled_by as "disabledBy" from services
    where id = any(${[...ids]}::int[]) order by id for no key update`.execute(tx);
  const known = new Set(found.rows.map(({ id }) => id));
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined) throw new AppError('not_found', `no service ${missing}`);
  return found.rows;
}

async function writeSwitches(
  tx: Tx,
  { ids, to }: { ids: readonly ServiceId[]; to: ServiceSwitch },
): Promise<void> {
  await tx
    .updateTable('services')
    .set({
      ...(to.hidden === undefined ? {} : { hidden: to.hidden }),
      ...(to.enabled === undefined
        ? {}
        : { enabled: to.enabled, disabled_by: to.enabled ? null : 'staff' }),
    })
    .where('id', '=', sql<ServiceId>`any(${[...ids]}::int[])`)
    .execute();
}
