import type { Actor, CustomerId } from '../base/index.ts';
import { type AuditAction, notifyChange, recordAudit, type Tx } from '../db/index.ts';

/** Whose account, and the disputed payment as the audit names it. */
export type Freeze = { customerId: CustomerId; cause: string; actor: Actor; at: Date };

/**
 * Suspends an active customer because a payment is disputed; a block. A suspension by staff stays
 * theirs.
 * @returns whether that was a change: the caller's keyring must then forget the customer
 */
export async function suspendForDispute(tx: Tx, freeze: Freeze): Promise<boolean> {
  const changed = await tx
    .updateTable('customers')
    .set({ status: 'suspended', suspended_by: 'dispute' })
    .where('id', '=', freeze.customerId)
    .where('status', '=', 'active')
    .returning('id')
    .executeTakeFirst();
  if (changed === undefined) return false;
  await announce(tx, freeze, { action: 'customer.freeze', after: 'suspended' });
  return true;
}

/**
 * Lifts the suspension that a dispute made, and no other; a block.
 * @returns whether that was a change: the caller's keyring must then forget the customer
 */
export async function liftDisputeSuspension(tx: Tx, freeze: Freeze): Promise<boolean> {
  const changed = await tx
    .updateTable('customers')
    .set({ status: 'active', suspended_by: null })
    .where('id', '=', freeze.customerId)
    .where('suspended_by', '=', 'dispute')
    .returning('id')
    .executeTakeFirst();
  if (changed === undefined) return false;
  await announce(tx, freeze, { action: 'customer.unfreeze', after: 'active' });
  return true;
}

async function announce(
  tx: Tx,
  freeze: Freeze,
  change: { action: AuditAction; after: 'active' | 'suspended' },
): Promise<void> {
  const { customerId, cause, actor, at } = freeze;
  await recordAudit(tx, {
    actor,
    action: change.action,
    subject: `customer:${customerId}`,
    customerId,
    before: { status: change.after === 'active' ? 'suspended' : 'active' },
    after: { status: change.after, cause },
    at,
  });
  await notifyChange(tx, { kind: 'customer', customerId });
}
