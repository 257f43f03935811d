import { sql } from 'kysely';
import { type Actor, AppError, type RefillId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { moveRefills } from './move.ts';
import { nextStatuses, type RefillStatus } from './rules.ts';

/**
 * Moves a refill: staff start, complete or reject it, also one that was passed on; its provider is
 * not heard any more then. The same status again changes nothing.
 * @throws AppError `not_allowed` for a customer, `refill_not_found`, `conflict` for a decided
 *   refill
 */
export async function decideRefill(
  ctx: Ctx,
  actor: Actor,
  input: { refillId: RefillId; status: RefillStatus },
): Promise<void> {
  requireStaff(actor, 'orders');
  const { refillId, status } = input;
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const refill = await lockRefill(tx, refillId);
    const { customerId, status: from } = refill;
    if (from === status) return;
    if (!nextStatuses[from].includes(status)) {
      throw new AppError('conflict', `refill ${refillId} is ${from} and stays so`);
    }
    const move = { customerId, refillId, from, to: status };
    await moveRefills(tx, [move], { actor, action: 'refill.decide', at });
  });
}

/**
 * Passes a refill on to the order's provider that waits for staff. For one that may have arrived
 * there it is consent to a second request.
 * @throws AppError `not_allowed` for a customer, `refill_not_found`, `conflict` for a refill that
 *   does not wait for staff, or of an order that no provider has
 */
export async function sendRefill(ctx: Ctx, actor: Actor, refillId: RefillId): Promise<void> {
  requireStaff(actor, 'orders');
  const at = ctx.clock.now();
  await inTransaction(ctx.db, async (tx) => {
    const refill = await lockRefill(tx, refillId);
    // The note stays: whether an earlier request may have arrived decides how a refusal is read.
    const sent = await sql`
      update refills r set delivery = 'due', due_at = ${at}::timestamptz, failures = 0,
        provider_id = d.provider_id
      from deliveries d
      where r.customer_id = ${refill.customerId} and r.id = ${refillId}
        and r.delivery in ('manual', 'unknown') and r.status in ('Pending', 'In progress')
        and r.external_id is null
        and d.customer_id = r.customer_id and d.order_id = r.order_id and d.external_id is not null
      returning r.id`.execute(tx);
    if (sent.rows.length === 0) {
      const state = `${refill.status}, ${refill.delivery}`;
      throw new AppError('conflict', `refill ${refillId} can't be passed on: ${state}`);
    }
    await recordAudit(tx, {
      actor,
      action: 'refill.send',
      subject: `refill:${refillId}`,
      customerId: refill.customerId,
      before: { delivery: refill.delivery },
      after: { delivery: 'due' },
      at,
    });
  });
}

/** In a cluster a row is locked under its customer, and whose it is never changes. */
async function lockRefill(tx: Tx, refillId: RefillId) {
  const own = tx.selectFrom('refills').where('id', '=', refillId);
  const owner = await own.select('customer_id as customerId').executeTakeFirst();
  const refill =
    owner &&
    (await own
      .where('customer_id', '=', owner.customerId)
      .select(['customer_id as customerId', 'status', 'delivery'])
      .forUpdate()
      .executeTakeFirst());
  if (refill === undefined) throw new AppError('refill_not_found', `no refill ${refillId}`);
  return refill;
}
