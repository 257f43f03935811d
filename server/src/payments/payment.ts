import { AppError, type CustomerId, type PaymentId, type PaymentMethodId } from '../base/index.ts';
import { type Db, rowLock, type Tx } from '../db/index.ts';
import type { Dispute, PaymentFacts } from './report.ts';

/** A payment as it is locked in a transaction. Amounts in units of 10⁻⁸. */
export type Payment = PaymentFacts & {
  customerId: CustomerId;
  id: PaymentId;
  methodId: PaymentMethodId;
  /** Numbers the transfers by which the wallet gives back. */
  returns: number;
  note: string;
};

/** Which payment, by all of its key. */
export type PaymentKey = { customerId: CustomerId; paymentId: PaymentId };

/** The customer behind a payment's number; staff and gateways name it by that alone. */
export async function findPaymentKey(db: Db, paymentId: PaymentId): Promise<PaymentKey> {
  const row = await db
    .selectFrom('payments')
    .select('customer_id as customerId')
    .where('id', '=', paymentId)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', `no payment ${paymentId}`);
  return { customerId: row.customerId, paymentId };
}

/**
 * Locks a payment until the transaction ends. The customer's wallet must be locked before it: all
 * that moves money of one customer so takes turns, and two never wait for each other in a circle.
 * @throws AppError `not_found`
 */
export async function lockPayment(tx: Tx, key: PaymentKey): Promise<Payment> {
  const row = await selectPayments(tx)
    .where('customer_id', '=', key.customerId)
    .where('id', '=', key.paymentId)
    .modifyEnd(await rowLock(tx, ['payments', key.customerId]))
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', `no payment ${key.paymentId}`);
  return { ...row, disputes: await readDisputes(tx, key) };
}

/** The customer's payments of which something is still to be taken, oldest first, locked. */
export async function lockOwing(tx: Tx, customerId: CustomerId, limit: number): Promise<Payment[]> {
  const rows = await selectPayments(tx)
    .where('customer_id', '=', customerId)
    .where('owed', '>', 0n as Payment['owed']) // a bigint of the column's kind
    .orderBy('id')
    .limit(limit)
    .modifyEnd(await rowLock(tx, ['payments', customerId]))
    .execute();
  // What is owed is known already; disputes have no say in it.
  return rows.map((row) => ({ ...row, disputes: [] }));
}

/** A payment's disputes, oldest first. */
export async function readDisputes(db: Db, key: PaymentKey): Promise<Dispute[]> {
  return db
    .selectFrom('payment_disputes')
    .select(['external_id as id', 'state', 'amount', 'reported_at as reportedAt'])
    .where('customer_id', '=', key.customerId)
    .where('payment_id', '=', key.paymentId)
    .orderBy('created_at')
    .orderBy('external_id')
    .execute();
}

/** The one place that says which column is which field. */
function selectPayments(db: Db) {
  return db
    .selectFrom('payments')
    .select(['customer_id as customerId', 'id', 'method_id as methodId', 'state', 'currency'])
    .select(['amount', 'fee', 'bonus', 'credit', 'external_id as externalId'])
    .select(['charge_id as chargeId', 'refunded', 'taken', 'owed', 'waived', 'returns', 'flag'])
    .select(['note', 'credited_at as creditedAt']);
}
