import { sql } from 'kysely';
import {
  type Actor,
  AppError,
  assert,
  formatActor,
  parseRate,
  type ServiceId,
} from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, type Db, type Json, notifyChange, recordAudit, type Tx } from '../db/index.ts';
import { changeCatalog } from './change.ts';
import { markApplied, markRejected } from './change-rows.ts';
import { type ChangeKind, rateOf } from './change-rules.ts';

/** A change as customers read it: values of theirs alone, never where they come from. */
export type ServiceChange = {
  id: bigint;
  serviceId: ServiceId;
  /** The service's name now. */
  name: string;
  kind: ChangeKind;
  before: Json;
  after: Json;
  /** When it took effect. */
  at: Date;
};

/** A rate that waits for staff. */
export type HeldChange = ServiceChange & { actor: string };

/** What a change notes for the panel itself. */
const notes = sql.lit('{basis,cost,reason}');
const changesMax = 1_000;
const heldMax = 10_000;

/**
 * The feed of the catalog, newest first: what changed of services on sale, and what went off sale.
 * Nothing of hidden services, and nothing else of disabled ones. `before`: only older ones than
 * this id, for the next page.
 */
export async function listChanges(
  db: Db,
  page: { limit: number; before?: bigint },
): Promise<ServiceChange[]> {
  const found = await sql<ServiceChange>`
    select c.id, c.service_id as "serviceId", s.name, c.kind,
      c.before - ${notes}::text[] as before, c.after - ${notes}::text[] as after,
      coalesce(c.decided_at, c.created_at) as at
    from service_changes c join services s on s.id = c.service_id
    where c.state = 'applied' and not s.hidden and (s.enabled or c.kind = 'disabled')
      and ${page.before === undefined ? sql`true` : sql`c.id < ${page.before.toString()}::bigint`}
    order by c.id desc
    limit ${Math.min(page.limit, changesMax)}`.execute(db);
  return found.rows;
}

/** What waits for staff, oldest first. */
export async function listHeldChanges(db: Db): Promise<HeldChange[]> {
  return db
    .selectFrom('service_changes as c')
    .innerJoin('services as s', 's.id', 'c.service_id')
    .select(['c.id', 'c.service_id as serviceId', 's.name', 'c.kind', 'c.before', 'c.after'])
    .select(['c.created_at as at', 'c.actor'])
    .where('c.state', '=', 'held')
    .orderBy('c.id')
    .limit(heldMax)
    .execute();
}

/**
 * Applies a held rate, or rejects it: then it is not held again until the provider's price changes.
 * An applied one gets a new id, at the head of the feed: who reads that by id misses nothing.
 * @throws AppError `not_allowed`, `not_found`, `conflict` when it does not wait any more
 */
export async function decideChange(
  ctx: Ctx,
  actor: Actor,
  input: { changeId: bigint; decision: 'apply' | 'reject' },
): Promise<{ serviceId: ServiceId; changeId: bigint }> {
  requireStaff(actor, 'services');
  const { changeId, decision } = input;
  const at = ctx.clock.now();
  return changeCatalog(ctx.db, async (tx) => {
    const change = await findHeld(tx, changeId);
    const { serviceId } = change;
    const before = decision === 'apply' ? await applyRate(tx, change) : change.before;
    const mark = decision === 'apply' ? markApplied : markRejected;
    const [decidedId] = await mark(tx, [{ id: changeId, before }], { by: formatActor(actor), at });
    if (decidedId === undefined) throw outdated(changeId);
    await recordAudit(tx, {
      actor,
      action: `service.change.${decision}`,
      subject: `service:${serviceId}`,
      before,
      after: change.after,
      at,
    });
    if (decision === 'apply') await notifyChange(tx, { kind: 'catalog' });
    return { serviceId, changeId: decidedId };
  });
}

type Held = { serviceId: ServiceId; kind: ChangeKind; before: Json; after: Json };

async function findHeld(tx: Tx, changeId: bigint): Promise<Held> {
  const row = await tx
    .selectFrom('service_changes')
    .select(['service_id as serviceId', 'kind', 'before', 'after', 'state'])
    .where('id', '=', changeId)
    .executeTakeFirst();
  if (row === undefined) {
    throw new AppError(
      'not_found',
      `no change ${changeId} waits; a newer one may have replaced it`,
    );
  }
  if (row.state !== 'held') throw outdated(changeId);
  return row;
}

function outdated(changeId: bigint): AppError {
  return new AppError('conflict', `change ${changeId} does not wait for a decision any more`);
}

/**
 * The service before its change, as with every writer: so that two of them never wait in a ring.
 */
async function applyRate(tx: Tx, change: Held): Promise<Json> {
  const { rate } = change.after;
  assert(change.kind === 'rate' && typeof rate === 'string', 'only rates are held');
  const { serviceId } = change;
  const before = await tx
    .selectFrom('services')
    .select('rate')
    .where('id', '=', serviceId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  await tx
    .updateTable('services')
    .set({ rate: parseRate(rate, 'rate') })
    .where('id', '=', serviceId)
    .execute();
  return rateOf(before);
}
