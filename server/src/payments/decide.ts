import { type Actor, type Amount, AppError, formatAmount, type PaymentId } from '../base/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type AuditAction, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { lockWallets } from '../ledger/index.ts';
import type { PaymentsCtx } from './gateways.ts';
import { readMethod } from './method.ts';
import { readCurrency } from './panel.ts';
import { findPaymentKey, lockPayment, type Payment } from './payment.ts';
import { stateOf } from './report.ts';
import { priceDeposit } from './rules.ts';
import { countSpending } from './spending.ts';
import { cleanNote } from './start.ts';
import { writeChange } from './write.ts';

/**
 * Credits a payment that staff know to be made: one by hand, or one whose gateway's word was lost
 * or differs. `amount` is what really came, when that is not what was started; fee and bonus are
 * the method's of today then. What is credited counts to the day of the member of staff.
 * @returns whether it was credited now: no for one that was credited before
 * @throws AppError `not_allowed` also over the day's limit, `not_found`, `invalid_input`,
 *   `conflict` with `currency` as its detail for one of before the panel's currency changed
 */
export async function confirmPayment(
  ctx: PaymentsCtx,
  actor: Actor,
  input: { paymentId: PaymentId; amount?: Amount; note?: string },
): Promise<boolean> {
  requireStaff(actor, 'payments');
  const note = cleanNote(input.note ?? '');
  return decide(ctx, actor, {
    paymentId: input.paymentId,
    action: 'payment.confirm',
    note,
    decideOn: async (tx, before, at) => {
      if (before.creditedAt !== null) return undefined;
      await requireCurrency(tx, before);
      const priced = await priceReceived(tx, before, input.amount);
      await countSpending(tx, actor, { amount: priced.credit, at });
      const after: Payment = { ...before, ...priced, flag: null, note, creditedAt: at };
      return { ...after, state: stateOf(after) };
    },
  });
}

/**
 * Rejects a payment that was not made. A confirmation, or the gateway, can still credit it later.
 * @returns whether that was a change
 * @throws AppError `not_allowed`, `not_found`, `invalid_input`, `conflict` for one that is credited
 */
export async function rejectPayment(
  ctx: PaymentsCtx,
  actor: Actor,
  input: { paymentId: PaymentId; note?: string },
): Promise<boolean> {
  requireStaff(actor, 'payments');
  const note = cleanNote(input.note ?? '');
  return decide(ctx, actor, {
    paymentId: input.paymentId,
    action: 'payment.reject',
    note,
    decideOn: async (_tx, before) => {
      if (before.creditedAt !== null) {
        throw new AppError('conflict', `the payment is ${before.state}`);
      }
      if (before.state === 'failed' && before.flag === null) return undefined;
      return { ...before, state: 'failed', flag: null, note };
    },
  });
}

/**
 * Takes the mark off a payment that staff have looked into.
 * @returns whether there was one
 * @throws AppError `not_allowed`, `not_found`, `invalid_input` without a note
 */
export async function clearFlag(
  ctx: PaymentsCtx,
  actor: Actor,
  input: { paymentId: PaymentId; note: string },
): Promise<boolean> {
  requireStaff(actor, 'payments');
  const note = requireNote(input.note);
  return decide(ctx, actor, {
    paymentId: input.paymentId,
    action: 'payment.clear_flag',
    note,
    decideOn: async (_tx, before) =>
      before.flag === null ? undefined : { ...before, flag: null, note },
  });
}

/**
 * Lets go of what a customer still owes of a returned payment. That is a gift, and counts to the
 * day of the member of staff.
 * @returns whether anything was owed
 * @throws AppError `not_allowed` also over the day's limit, `not_found`, `invalid_input` without a
 *   note
 */
export async function waiveOwed(
  ctx: PaymentsCtx,
  actor: Actor,
  input: { paymentId: PaymentId; note: string },
): Promise<boolean> {
  requireStaff(actor, 'payments');
  const note = requireNote(input.note);
  return decide(ctx, actor, {
    paymentId: input.paymentId,
    action: 'payment.waive',
    note,
    decideOn: async (tx, before, at) => {
      if (before.owed === 0n) return undefined;
      await countSpending(tx, actor, { amount: before.owed, at });
      const waived = (before.waived + before.owed) as Amount; // a sum of amounts
      return { ...before, waived, owed: 0n as Amount, note };
    },
  });
}

type Decision = {
  paymentId: PaymentId;
  action: AuditAction;
  note: string;
  /** What the payment becomes; undefined when there is nothing to do. */
  decideOn: (tx: Tx, before: Payment, at: Date) => Promise<Payment | undefined>;
};

async function decide(ctx: PaymentsCtx, actor: Actor, decision: Decision): Promise<boolean> {
  const { paymentId, action, note } = decision;
  const at = ctx.clock.now();
  const key = await findPaymentKey(ctx.db, paymentId);
  const { customerId } = key;
  return inTransaction(ctx.db, async (tx) => {
    await lockWallets(tx, [customerId]);
    const before = await lockPayment(tx, key);
    const wanted = await decision.decideOn(tx, before, at);
    if (wanted === undefined) return false;
    const kind = action.replace('payment.', '');
    const { payment: after } = await writeChange(
      tx,
      { before, after: wanted },
      { actor, kind, at, note },
    );
    await recordAudit(tx, {
      actor,
      action,
      subject: `payment:${paymentId}`,
      customerId,
      before: auditOf(before),
      after: { ...auditOf(after), note },
      at,
    });
    return true;
  });
}

function auditOf(payment: Payment): { [name: string]: unknown } {
  const { state, flag } = payment;
  const amounts = { amount: payment.amount, credit: payment.credit, owed: payment.owed };
  const texts = Object.entries(amounts).map(([name, value]) => [name, formatAmount(value)]);
  return { state, flag, ...Object.fromEntries(texts) };
}

/** Staff give what the terms of the start promise, or of today for an amount of today. */
async function priceReceived(tx: Tx, payment: Payment, received: Amount | undefined) {
  if (received === undefined || received === payment.amount) {
    const { amount, fee, bonus, credit } = payment;
    return { amount, fee, bonus, credit };
  }
  if (received <= 0n) throw new AppError('invalid_input', 'an amount is more than 0');
  const method = await readMethod(tx, payment.methodId);
  if (received > method.max) {
    throw new AppError('invalid_input', `the largest amount is ${formatAmount(method.max)}`);
  }
  const priced = priceDeposit(received, method);
  if (priced !== undefined) return priced;
  throw new AppError('invalid_input', 'the fee leaves nothing of this amount');
}

async function requireCurrency(tx: Tx, payment: Payment): Promise<void> {
  const currency = await readCurrency(tx);
  if (payment.currency === currency) return;
  throw new AppError(
    'conflict',
    `the payment is in ${payment.currency}, and balances are in ${currency}: reject it, and add ` +
      'what it is worth as funds',
    { detail: 'currency' },
  );
}

function requireNote(text: string): string {
  const note = cleanNote(text);
  if (note === '') throw new AppError('invalid_input', 'a note says why');
  return note;
}
