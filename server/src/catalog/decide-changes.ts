import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  assert,
  formatActor,
  parseRate,
  type Rate,
  type ServiceId,
} from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { bigints, type Ctx, type Json, notifyChange, recordAudits, type Tx } from '../db/index.ts';
import { changeCatalog } from './change.ts';
import { markApplied, markRejected } from './change-rows.ts';
import { rateOf } from './change-rules.ts';

const changesMax = 10_000;

/**
 * Applies or rejects rates that wait, many at once: see `decideChange`. What does not wait any more
 * is left out.
 * @returns how many were decided
 * @throws AppError `not_allowed`, `invalid_input` for too many
 */
export async function decideChanges(
  ctx: Ctx,
  actor: Actor,
  input: { changeIds: readonly bigint[]; decision: 'apply' | 'reject' },
): Promise<number> {
  requireStaff(actor, 'services');
  const { changeIds, decision } = input;
  if (changeIds.length > changesMax) {
    throw new AppError('invalid_input', `at most ${changesMax} changes at once`);
  }
  const at = ctx.clock.now();
  return changeCatalog(ctx.db, async (tx) => {
    const isApplied = decision === 'apply';
    const waiting = await lockHeld(tx, changeIds);
    if (waiting.length === 0) return 0;
    // A rate may have changed since it was held: what stands is what it really was.
    const held = isApplied
      ? waiting.map((each): Held => ({ ...each, before: rateOf(each) }))
      : waiting;
    if (isApplied) await applyRates(tx, held);
    const mark = isApplied ? markApplied : markRejected;
    await mark(tx, held, { by: formatActor(actor), at });
    await recordAudits(
      tx,
      { actor, action: `service.change.${decision}`, at },
      held.map(({ serviceId, before, after }) => {
        return { subject: `service:${serviceId}`, before, after };
      }),
    );
    if (isApplied) await notifyChange(tx, { kind: 'catalog' });
    return held.length;
  });
}

type Held = { id: bigint; serviceId: ServiceId; before: Json; after: Json; rate: Rate };

/** Services before their changes, and by id: as everybody who writes both. */
async function lockHeld(tx: Tx, changeIds: readonly bigint[]): Promise<Held[]> {
  await sql`
    select s.id from services s
    where s.id in (select service_id from service_changes where id = any(${bigints(changeIds)}))
    order by s.id for no key update`.execute(tx);
  const found = await sql<Held>`
    select c.id, c.service_id as "serviceId", c.before, c.after, s.rate from service_changes c
    join services s on s.id = c.service_id
    where c.id = any(${bigints(changeIds)}) and c.state = 'held' and c.kind = 'rate'
    order by c.service_id for update of c`.execute(tx);
  return found.rows;
}

/** A service has one held rate at most, so none is written twice. */
async function applyRates(tx: Tx, held: readonly Held[]): Promise<void> {
  const rates = held.map(({ after: { rate } }) => {
    assert(typeof rate === 'string', 'a held rate is a text');
    return parseRate(rate, 'rate');
  });
  await sql`
    update services s set rate = n.rate
    from unnest(${held.map(({ serviceId }) => serviceId)}::int[], ${bigints(rates)})
      as n (id, rate)
    where s.id = n.id`.execute(tx);
}
