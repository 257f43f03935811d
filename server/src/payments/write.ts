import { type Actor, type Amount, formatActor, formatAmount, reach } from '../base/index.ts';
import { liftDisputeSuspension, suspendForDispute } from '../customers/index.ts';
import type { Json, Tx } from '../db/index.ts';
import { lockWallets, postTransfers } from '../ledger/index.ts';
import { announceCredit } from './announce.ts';
import { lockOwing, type Payment } from './payment.ts';
import { type Dispute, returnTarget } from './report.ts';
import { planReturn } from './rules.ts';

/** Who changed a payment, when, and why. */
export type Cause = {
  actor: Actor;
  kind: string;
  at: Date;
  externalEventId?: string;
  note?: string;
};

/** `isStatusChanged`: the caller's keyring must forget the customer. */
export type Written = { payment: Payment; isStatusChanged: boolean };

const owingMax = 100;

/**
 * Writes what a payment has become, with all the money that follows: it is credited when it was
 * not, gives back what has to be returned, as far as the wallet allows, and freezes its customer
 * while it is disputed. A block; the caller has locked customer, wallet and payment, in that order.
 */
export async function writeChange(
  tx: Tx,
  change: { before: Payment; after: Payment },
  cause: Cause,
): Promise<Written> {
  const { before } = change;
  const isCredited = before.creditedAt === null && change.after.creditedAt !== null;
  if (isCredited) await creditWallet(tx, change.after, cause.at);
  const after = await moveReturn(tx, change.after, cause.at);
  await updateRow(tx, after, cause);
  await writeDisputes(tx, { before, after }, cause.at);
  await writeEvent(tx, { before, after }, cause);
  if (isCredited) {
    await collectOwed(tx, after.customerId, cause);
    await announceCredit(tx, after, cause.at);
  }
  const isStatusChanged = await freezeOrLift(tx, { before, after }, cause);
  await reach('payment.before_commit');
  return { payment: after, isStatusChanged };
}

/**
 * Takes what a customer still owes of returned payments out of money that has just come in; a
 * block. The caller has locked the wallet.
 */
export async function collectOwed(
  tx: Tx,
  customerId: Payment['customerId'],
  cause: Pick<Cause, 'actor' | 'at'>,
): Promise<void> {
  for (const before of await lockOwing(tx, customerId, owingMax)) {
    const state = { taken: before.taken, owed: before.owed, waived: before.waived };
    const target = sumOf(state.taken, state.owed, state.waived);
    const after = await moveTo(tx, { payment: before, target }, cause.at);
    if (after.owed === before.owed) return;
    const taking = { actor: cause.actor, at: cause.at, kind: 'owed_taken' };
    await updateRow(tx, after, taking);
    await writeEvent(tx, { before, after }, taking);
  }
}

/** The fee is what the deposit lacks: it never comes into the books. */
async function creditWallet(tx: Tx, payment: Payment, at: Date): Promise<void> {
  const { customerId, id, amount, fee, bonus } = payment;
  const about = { customerId, credit: 'wallet', orderId: null } as const;
  const paid = {
    ...about,
    debit: 'deposits' as const,
    amount: (amount - fee) as Amount, // a difference of amounts
    reference: `payment:${id}:deposit`,
  };
  const added = {
    ...about,
    debit: 'bonuses' as const,
    amount: bonus,
    reference: `payment:${id}:bonus`,
  };
  await postTransfers(tx, bonus > 0n ? [paid, added] : [paid], at);
}

function moveReturn(tx: Tx, payment: Payment, at: Date): Promise<Payment> {
  return moveTo(tx, { payment, target: returnTarget(payment) }, at);
}

/** Moves between wallet and adjustments what brings a return to its target. */
async function moveTo(
  tx: Tx,
  input: { payment: Payment; target: Amount },
  at: Date,
): Promise<Payment> {
  const { payment, target } = input;
  const { customerId, id } = payment;
  if (target === 0n && payment.taken === 0n && payment.owed === 0n) return payment;
  const wallet = (await lockWallets(tx, [customerId])).get(customerId);
  const available = sumOf(wallet?.balance ?? 0n, wallet?.creditLimit ?? 0n);
  const { take, restore, ...state } = planReturn(payment, { target, available });
  const moved = take > 0n ? take : restore;
  if (moved === 0n) return { ...payment, ...state };
  const returns = payment.returns + 1;
  const way =
    take > 0n
      ? ({ debit: 'wallet', credit: 'adjustments' } as const)
      : ({ debit: 'adjustments', credit: 'wallet' } as const);
  const reference = `payment:${id}:return:${returns}`;
  const transfer = { customerId, ...way, amount: moved, reference, orderId: null };
  await postTransfers(tx, [transfer], at);
  return { ...payment, ...state, returns };
}

function sumOf(...values: readonly bigint[]): Amount {
  return values.reduce((sum, value) => sum + value, 0n) as Amount; // a sum of amounts
}

async function updateRow(tx: Tx, after: Payment, cause: Cause): Promise<void> {
  await tx
    .updateTable('payments')
    .set({
      state: after.state,
      amount: after.amount,
      fee: after.fee,
      bonus: after.bonus,
      credit: after.credit,
      external_id: after.externalId,
      charge_id: after.chargeId,
      refunded: after.refunded,
      taken: after.taken,
      owed: after.owed,
      waived: after.waived,
      returns: after.returns,
      flag: after.flag,
      note: after.note,
      updated_at: cause.at,
      credited_at: after.creditedAt,
    })
    .where('customer_id', '=', after.customerId)
    .where('id', '=', after.id)
    .execute();
}

async function writeDisputes(
  tx: Tx,
  { before, after }: { before: Payment; after: Payment },
  at: Date,
): Promise<void> {
  const changed = after.disputes.filter((dispute) => !before.disputes.includes(dispute));
  for (const dispute of changed) {
    const found = {
      state: dispute.state,
      amount: dispute.amount,
      reported_at: dispute.reportedAt,
    };
    await tx
      .insertInto('payment_disputes')
      .values({
        customer_id: after.customerId,
        payment_id: after.id,
        external_id: dispute.id,
        created_at: at,
        ...found,
      })
      .onConflict((oc) =>
        oc.columns(['customer_id', 'payment_id', 'external_id']).doUpdateSet(found),
      )
      .execute();
  }
}

/** Writes an event of a payment: what changed of it, by whom. A block. */
export async function writeEvent(
  tx: Tx,
  { before, after }: { before: Payment | null; after: Payment },
  cause: Cause,
): Promise<void> {
  await tx
    .insertInto('payment_events')
    .values({
      customer_id: after.customerId,
      payment_id: after.id,
      kind: cause.kind,
      actor: formatActor(cause.actor),
      external_event_id: cause.externalEventId ?? null,
      before: before === null ? {} : describe(before),
      after: describe(after),
      note: cause.note ?? '',
      created_at: cause.at,
    })
    .execute();
}

function describe(payment: Payment): Json {
  const amounts = ['amount', 'credit', 'refunded', 'taken', 'owed', 'waived'] as const;
  const texts = amounts.map((name): [string, string] => [name, formatAmount(payment[name])]);
  return {
    state: payment.state,
    ...Object.fromEntries(texts),
    externalId: payment.externalId,
    chargeId: payment.chargeId,
    flag: payment.flag,
    disputes: payment.disputes.map(({ id, state }) => ({ id, state })),
  };
}

/**
 * A dispute that opens suspends the customer. One that is won lifts what disputes suspended, once
 * none of the customer's is open or lost.
 */
async function freezeOrLift(
  tx: Tx,
  { before, after }: { before: Payment; after: Payment },
  cause: Cause,
): Promise<boolean> {
  const changed = after.disputes.filter((dispute) => !before.disputes.includes(dispute));
  if (changed.length === 0) return false;
  const { customerId } = after;
  const freeze = { customerId, cause: `payment:${after.id}`, actor: cause.actor, at: cause.at };
  if (changed.some(isUndecidedOrLost)) return suspendForDispute(tx, freeze);
  const left = await tx
    .selectFrom('payment_disputes')
    .select('payment_id')
    .where('customer_id', '=', customerId)
    .where('state', 'in', ['open', 'lost'])
    .limit(1)
    .executeTakeFirst();
  return left === undefined ? liftDisputeSuspension(tx, freeze) : false;
}

function isUndecidedOrLost({ state }: Dispute): boolean {
  return state !== 'won';
}
