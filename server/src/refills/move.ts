import { sql } from 'kysely';
import type { Actor, CustomerId, OrderId, RefillId } from '../base/index.ts';
import { type AuditAction, bigints, onShardsOf, recordAudit, type Tx } from '../db/index.ts';
import { type Notice, writeNotices } from '../mail/index.ts';
import { isDecided, nextStatuses, type RefillStatus } from './rules.ts';

/** A refill, and where it goes. Its row is locked by the caller. */
export type Move = {
  customerId: CustomerId;
  refillId: RefillId;
  from: RefillStatus;
  to: RefillStatus;
};

/**
 * The only way a refill's status changes, whoever says so. A step that is not allowed is left out:
 * answers of a provider may be repeated or come in any order. What is decided is no longer asked
 * for, and from staff's decision on the refill is theirs.
 * @returns the moves that were made
 */
export async function moveRefills(
  tx: Tx,
  moves: readonly Move[],
  by: { actor: Actor; action: AuditAction; at: Date },
): Promise<Move[]> {
  const { actor, action, at } = by;
  const made = moves.filter((move) => nextStatuses[move.from].includes(move.to));
  if (made.length === 0) return [];
  const column = <T>(read: (move: Move) => T): T[] => made.map(read);
  const customerIds = column((move) => move.customerId);
  const delivery = ({ to }: Move) => {
    if (isDecided(to)) return 'done';
    return actor.kind === 'staff' ? 'manual' : null;
  };
  const moved = await sql<{ refillId: RefillId; orderId: OrderId }>`
    update refills r set status = n.status, updated_at = ${at}::timestamptz,
      delivery = coalesce(n.delivery, r.delivery),
      due_at = case when n.delivery is null then r.due_at end
    from unnest(${customerIds}::int[],
      ${bigints(column((move) => move.refillId))}, ${column((move) => move.to)}::text[],
      ${column(delivery)}::text[]) as n (customer_id, id, status, delivery)
    where r.customer_id = n.customer_id and r.id = n.id
      ${onShardsOf(tx, 'r.customer_id', customerIds)}
    returning r.id as "refillId", r.order_id as "orderId"`.execute(tx);
  const orders = new Map(moved.rows.map(({ refillId, orderId }) => [refillId, orderId]));
  await writeNotices(
    tx,
    made.flatMap((move) => noticeOf(move, orders.get(move.refillId))),
    at,
  );
  for (const { customerId, refillId, from, to } of made) {
    await recordAudit(tx, {
      actor,
      action,
      subject: `refill:${refillId}`,
      customerId,
      before: { status: from },
      after: { status: to },
      at,
    });
  }
  return made;
}

/** What its customer may want to be told. */
function noticeOf({ customerId, refillId, to }: Move, orderId: OrderId | undefined): Notice[] {
  if (orderId === undefined || (to !== 'Completed' && to !== 'Rejected')) return [];
  const kind = to === 'Completed' ? 'refill_done' : 'refill_rejected';
  return [{ customerId, kind, orderId, refillId }];
}
