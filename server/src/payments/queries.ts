import { sql } from 'kysely';
import {
  type Amount,
  AppError,
  type CustomerId,
  dayMs,
  type PaymentId,
  type PaymentMethodId,
  zero,
} from '../base/index.ts';
import type { Db, Json } from '../db/index.ts';
import { fillInstructions, type MethodKind } from './method.ts';
import { type PaymentKey, readDisputes } from './payment.ts';
import type { Dispute, PaymentFlag, PaymentState } from './report.ts';

/** Whether a payment that was never made was dismissed, closed at the gateway, or timed out. */
export type EndedBy = 'customer' | 'gateway' | 'time';

/** A payment in a list. Amounts in units of 10⁻⁸ of `currency`. */
export type PaymentLine = {
  id: PaymentId;
  customerId: CustomerId;
  customerName: string;
  methodId: PaymentMethodId;
  methodName: string;
  methodKind: MethodKind;
  state: PaymentState;
  /** Who ended one that is expired; null for any other. */
  endedBy: EndedBy | null;
  currency: string;
  amount: Amount;
  fee: Amount;
  bonus: Amount;
  /** What the wallet gains; it has gained it once `creditedAt` is set. */
  credit: Amount;
  refunded: Amount;
  /** What the customer still has to give back. */
  owed: Amount;
  /** For staff alone. */
  flag: PaymentFlag | null;
  externalId: string | null;
  note: string;
  createdAt: Date;
  creditedAt: Date | null;
};

export type PaymentFilter = {
  states?: readonly PaymentState[];
  customerId?: CustomerId;
  methodId?: PaymentMethodId;
  flags?: readonly PaymentFlag[];
  /** Of which the customer still has to give something back. */
  owing?: boolean;
  /** What waits for staff at this moment: said to be paid, marked, disputed, or owed. */
  attentionAt?: Date;
};

export type PaymentPage = { payments: PaymentLine[]; next: PaymentId | null };

const pageMax = 500;

/**
 * Payments, newest first. `before` is the `next` of the page read last; pages neither repeat nor
 * miss one while new ones are started.
 */
export async function listPayments(
  db: Db,
  page: PaymentFilter & { before?: PaymentId; limit: number },
): Promise<PaymentPage> {
  const { states, customerId, methodId, flags, before } = page;
  const limit = Math.min(page.limit, pageMax);
  let query = selectLines(db);
  if (customerId !== undefined) query = query.where('p.customer_id', '=', customerId);
  if (methodId !== undefined) query = query.where('p.method_id', '=', methodId);
  if (states !== undefined) query = query.where('p.state', 'in', [...states]);
  if (flags !== undefined) query = query.where('p.flag', 'in', [...flags]);
  if (page.owing === true) query = query.where(sql<boolean>`p.owed > 0`);
  if (before !== undefined) query = query.where('p.id', '<', before);
  if (page.attentionAt !== undefined) query = query.where(needsStaff(page.attentionAt));
  const rows = await query
    .orderBy('p.id', 'desc')
    .limit(limit + 1)
    .execute();
  const payments = rows.slice(0, limit);
  const last = payments.at(-1);
  return { payments, next: rows.length > limit && last !== undefined ? last.id : null };
}

/** The words of the partial index `payments_attention`, by which it is found. */
const attention = sql<boolean>`(p.flag is not null or p.owed > 0
  or p.state in ('waiting', 'disputed'))`;
/** No bank takes longer to tell a gateway that money came, or that it did not. */
const gatewayMs = 14 * dayMs;

/** What a gateway is still to confirm waits for staff only when nothing was heard for too long. */
function needsStaff(at: Date) {
  return sql<boolean>`(${attention} and (p.state <> 'waiting' or p.flag is not null or p.owed > 0
    or m.kind = 'manual' or p.updated_at < ${new Date(at.getTime() - gatewayMs)}))`;
}

/** How many payments, and reports of none that is known, wait for staff at this moment. */
export async function countAttention(
  db: Db,
  at: Date,
): Promise<{ payments: number; strays: number }> {
  const found = await sql<{ payments: number; strays: number }>`
    select (select count(*)::int from payments p join payment_methods m on m.id = p.method_id
        where ${needsStaff(at)}) as payments,
      (select count(*)::int from payment_strays where state = 'open') as strays`.execute(db);
  return found.rows[0] ?? { payments: 0, strays: 0 };
}

export type PaymentEvent = {
  id: bigint;
  kind: string;
  actor: string;
  eventId: string | null;
  before: Json;
  after: Json;
  note: string;
  createdAt: Date;
};

/** A payment with what staff need to judge it. */
export type PaymentDetails = PaymentLine & {
  chargeId: string | null;
  taken: Amount;
  waived: Amount;
  disputes: Dispute[];
  events: PaymentEvent[];
};

const eventsMax = 200;

/** One payment with its disputes and history, newest first. @throws AppError `not_found` */
export async function readPayment(db: Db, paymentId: PaymentId): Promise<PaymentDetails> {
  const row = await selectLines(db)
    .select(['p.charge_id as chargeId', 'p.taken', 'p.waived'])
    .where('p.id', '=', paymentId)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', `no payment ${paymentId}`);
  const { customerId } = row;
  const disputes = await readDisputes(db, { customerId, paymentId });
  const events = await db
    .selectFrom('payment_events')
    .select(['id', 'kind', 'actor', 'external_event_id as eventId', 'before', 'after', 'note'])
    .select(['created_at as createdAt'])
    .where('customer_id', '=', customerId)
    .where('payment_id', '=', paymentId)
    .orderBy('id', 'desc')
    .limit(eventsMax)
    .execute();
  return { ...row, disputes, events };
}

/** One of a customer's own payments. @throws AppError `not_found`, also for another customer's */
export async function readOwnPayment(db: Db, key: PaymentKey): Promise<PaymentLine> {
  const row = await selectLines(db)
    .where('p.customer_id', '=', key.customerId)
    .where('p.id', '=', key.paymentId)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', `no payment ${key.paymentId}`);
  return row;
}

/** What a customer still has to give back of all their payments, in units of 10⁻⁸. */
export async function sumOwed(db: Db, customerId: CustomerId): Promise<Amount> {
  const found = await sql<{ owed: Amount }>`
    select coalesce(sum(owed), 0) as owed from payments
    where customer_id = ${customerId} and owed > 0`.execute(db);
  return found.rows[0]?.owed ?? zero;
}

/** Why staff adjusted a customer's wallet, by the transfers' references. */
export async function readAdjustmentReasons(
  db: Db,
  customerId: CustomerId,
  references: readonly string[],
): Promise<Map<string, string>> {
  if (references.length === 0) return new Map();
  const found = await sql<{ reference: string; reason: string }>`
    select after ->> 'reference' as reference, after ->> 'reason' as reason from audit
    where customer_id = ${customerId} and action = 'balance.adjust'
      and after ->> 'reference' = any(${references}::text[])`.execute(db);
  return new Map(found.rows.map(({ reference, reason }) => [reference, reason]));
}

/**
 * How a customer pays one of their payments by hand; empty for what is paid at a gateway.
 * @throws AppError `not_found`, also for another customer's payment
 */
export async function readInstructions(db: Db, key: PaymentKey): Promise<string> {
  const row = await db
    .selectFrom('payments as p')
    .innerJoin('payment_methods as m', 'm.id', 'p.method_id')
    .innerJoin('customers as c', 'c.id', 'p.customer_id')
    .select(['p.id', 'p.amount', 'p.currency', 'm.kind', 'm.instructions', 'c.language'])
    .select('m.instructions_zh as instructionsZh')
    .where('p.customer_id', '=', key.customerId)
    .where('p.id', '=', key.paymentId)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('not_found', `no payment ${key.paymentId}`);
  return row.kind === 'manual' ? fillInstructions(row, row) : '';
}

/** By the last event that did; without a limit, so that every shard of a cluster finds its own. */
const endedBy = sql<EndedBy | null>`case when p.state = 'expired' then (
  select (array_agg(case when e.kind = 'dismissed' then 'customer'
    when e.external_event_id is null then 'time' else 'gateway' end order by e.id desc))[1]
  from payment_events e
  where e.customer_id = p.customer_id and e.payment_id = p.id
    and e.before ->> 'state' in ('started', 'waiting') and e.after ->> 'state' = 'expired') end`;

/** The one place that says which column is which field of a list. */
function selectLines(db: Db) {
  return db
    .selectFrom('payments as p')
    .innerJoin('payment_methods as m', 'm.id', 'p.method_id')
    .innerJoin('customers as c', 'c.id', 'p.customer_id')
    .select(['p.id', 'p.customer_id as customerId', 'c.name as customerName'])
    .select(['p.method_id as methodId', 'm.name as methodName', 'm.kind as methodKind'])
    .select(['p.state', 'p.currency', 'p.amount', 'p.fee', 'p.bonus', 'p.credit'])
    .select(['p.refunded', 'p.owed', 'p.flag', 'p.external_id as externalId', 'p.note'])
    .select(['p.created_at as createdAt', 'p.credited_at as creditedAt'])
    .select(endedBy.as('endedBy'));
}
