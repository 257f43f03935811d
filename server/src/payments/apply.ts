import { type Actor, type PaymentMethodId, showAmount } from '../base/index.ts';
import { inTransaction, type Json, rowLock, type Tx } from '../db/index.ts';
import { lockWallets } from '../ledger/index.ts';
import type { PaymentsCtx } from './gateways.ts';
import { lockMethod } from './method.ts';
import { readCurrency, readNamedSince } from './panel.ts';
import { lockPayment, type Payment, type PaymentKey } from './payment.ts';
import { applyFacts, isOfAnother, type Report } from './report.ts';
import { readStray, strayOf } from './stray.ts';
import { type Written, writeChange } from './write.ts';

/** What became of a report. `stray`: of a payment nobody knows, kept for staff. */
export type ReportOutcome = 'changed' | 'unchanged' | 'stray';

/**
 * Takes in what a gateway reports of a payment, in one transaction: the money it means has moved
 * when this resolves, once, however often and in whatever order reports come. A report of an
 * unknown payment, or of another session or charge than the payment of its number has, is kept;
 * when that payment is paid, it counts after all.
 * @throws AppError `not_found` for an unknown method
 */
export async function applyReport(
  ctx: PaymentsCtx,
  actor: Actor,
  input: { methodId: PaymentMethodId; report: Report },
): Promise<ReportOutcome> {
  const at = ctx.clock.now();
  const written = await inTransaction(ctx.db, async (tx) => {
    await lockMethod(tx, input.methodId);
    const key = await findReported(tx, input);
    const applied = key && (await applyTo(tx, { ...input, key }, { actor, at }));
    if (applied === undefined) await keepStray(tx, input, at);
    return applied;
  });
  if (written === undefined) return 'stray';
  for (const { payment, isStatusChanged } of written) {
    const { customerId } = payment;
    if (isStatusChanged) ctx.keyring?.onChange({ kind: 'customer', customerId });
  }
  return written.length > 0 ? 'changed' : 'unchanged';
}

type Applying = { methodId: PaymentMethodId; report: Report; key: PaymentKey };

/**
 * By the number the gateway was given, else by the charge it names. A number that may be another
 * panel's counts for the session or charge of its payment, and for payments of before this panel's
 * bore its name.
 */
async function findReported(
  tx: Tx,
  { methodId, report }: { methodId: PaymentMethodId; report: Report },
): Promise<PaymentKey | undefined> {
  const { paymentId, sessionId, chargeId } = report;
  let query = tx
    .selectFrom('payments')
    .select(['customer_id as customerId', 'id as paymentId'])
    .where('method_id', '=', methodId);
  if (paymentId === null) return query.where('charge_id', '=', chargeId ?? '').executeTakeFirst();
  query = query.where('id', '=', paymentId);
  if (report.isNameless) {
    const namedSince = await readNamedSince(tx);
    query = query.where((eb) =>
      eb.or([
        eb('external_id', '=', sessionId ?? ''),
        eb('charge_id', '=', chargeId ?? ''),
        eb('created_at', '<', namedSince),
      ]),
    );
  }
  return query.executeTakeFirst();
}

/**
 * Locks customer, wallet and payment, in that order, as every command does that takes several.
 * Undefined for a report of another payment.
 */
async function applyTo(
  tx: Tx,
  { methodId, report, key }: Applying,
  cause: { actor: Actor; at: Date },
): Promise<Written[] | undefined> {
  await tx
    .selectFrom('customers')
    .select('id')
    .where('id', '=', key.customerId)
    .modifyEnd(await rowLock(tx, ['customers', key.customerId]))
    .execute();
  await lockWallets(tx, [key.customerId]);
  const before = await lockPayment(tx, key);
  if (isOfAnother(before, report)) return undefined;
  const first = await writeReport(tx, { before, report, methodId }, cause);
  if (first === undefined) return [];
  const written = [first];
  // What came of this charge before anybody knew whose it was.
  for (const stray of await readStrays(tx, methodId, first.payment.chargeId)) {
    const { payment } = written.at(-1) ?? first;
    if (isOfAnother(payment, stray.report)) continue;
    const next = await writeReport(tx, { before: payment, report: stray.report, methodId }, cause);
    if (next !== undefined) written.push(next);
    await tx
      .updateTable('payment_strays')
      .set({ state: 'applied', decided_by: 'system:payments', decided_at: cause.at })
      .where('id', '=', stray.id)
      .execute();
  }
  return written;
}

async function writeReport(
  tx: Tx,
  input: { before: Payment; report: Report; methodId: PaymentMethodId },
  cause: { actor: Actor; at: Date },
): Promise<Written | undefined> {
  const { before, report } = input;
  const facts = applyFacts(before, report, cause.at);
  if (facts === before) return undefined;
  const wanted: Payment = { ...before, ...facts };
  const after = await markDoubtful(tx, { before, wanted });
  if (after.flag === before.flag && after !== wanted) return undefined;
  return writeChange(
    tx,
    { before, after },
    { ...cause, kind: report.kind, externalEventId: report.eventId, note: noteOf(report) },
  );
}

/** What a payment becomes, unless that is for staff to say: it is marked for them then. */
async function markDoubtful(
  tx: Tx,
  { before, wanted }: { before: Payment; wanted: Payment },
): Promise<Payment> {
  // Two payments can't be one at the gateway: staff find out which of them was paid.
  if (await isTaken(tx, wanted)) return { ...before, flag: 'reference_used' };
  const isCredit = before.creditedAt === null && wanted.creditedAt !== null;
  if (!isCredit || wanted.currency === (await readCurrency(tx))) return wanted;
  // It was started before the panel's currency changed: its numbers are none of the wallet's.
  return { ...wanted, state: before.state, creditedAt: null, flag: 'amount_differs' };
}

/** Whether another payment of the method has one of these names; the method is locked. */
async function isTaken(tx: Tx, payment: Payment): Promise<boolean> {
  const { externalId, chargeId, methodId, id } = payment;
  const found = await tx
    .selectFrom('payments')
    .select('id')
    .where('method_id', '=', methodId)
    .where('id', '<>', id)
    .where((eb) =>
      eb.or([eb('external_id', '=', externalId ?? ''), eb('charge_id', '=', chargeId ?? '')]),
    )
    .executeTakeFirst();
  return found !== undefined;
}

function noteOf(report: Report): string {
  return report.kind === 'paid'
    ? `${showAmount(report.amount, report.currency)} ${report.currency}`
    : '';
}

async function keepStray(
  tx: Tx,
  { methodId, report }: { methodId: PaymentMethodId; report: Report },
  at: Date,
): Promise<void> {
  await tx
    .insertInto('payment_strays')
    .values({
      method_id: methodId,
      external_event_id: report.eventId,
      charge_id: report.chargeId,
      report: strayOf(report),
      created_at: at,
    })
    .onConflict((oc) => oc.columns(['method_id', 'external_event_id']).doNothing())
    .execute();
}

const straysMax = 100;

async function readStrays(
  tx: Tx,
  methodId: PaymentMethodId,
  chargeId: string | null,
): Promise<{ id: bigint; report: Report }[]> {
  if (chargeId === null) return [];
  const rows: { id: bigint; report: Json }[] = await tx
    .selectFrom('payment_strays')
    .select(['id', 'report'])
    .where('method_id', '=', methodId)
    .where('charge_id', '=', chargeId)
    .where('state', '=', 'open')
    .orderBy('id')
    .limit(straysMax)
    .execute();
  return rows.map(({ id, report }) => ({ id, report: readStray(report) }));
}
