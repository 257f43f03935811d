import { sql } from 'kysely';
import { type Amount, type CustomerId, minuteMs, showAmount } from '../base/index.ts';
import { bigints, type Ctx, inTransaction, type Tx } from '../db/index.ts';
import { enqueueMail } from './enqueue.ts';
import type { MailLanguage, NoticeItem, NoticeKind } from './kinds.ts';

/** Something that has become of an order or refill. `refund` in units of 10⁻⁸. */
export type Notice = {
  customerId: CustomerId;
  kind: NoticeKind;
  orderId: bigint;
  refillId?: bigint;
  remains?: bigint;
  refund?: Amount;
};

/** How long notices of a customer are gathered: they get one mail in that time, not one each. */
const gatherMs = 5 * minuteMs;
const customersPerRound = 50;
/** A mail names so many and counts the rest. */
const itemsMax = 100;

/**
 * Writes what customers want to be told, in the transaction of what it tells of; a block. Those who
 * have not asked for such mails are left out.
 */
export async function writeNotices(tx: Tx, notices: readonly Notice[], at: Date): Promise<void> {
  if (notices.length === 0) return;
  const column = <T>(read: (notice: Notice) => T): T[] => notices.map(read);
  await sql`
    insert into notices (customer_id, kind, order_id, refill_id, remains, refund, created_at)
    select n.customer_id, n.kind, n.order_id, n.refill_id, n.remains, n.refund, ${at}::timestamptz
    from unnest(
      ${column((n) => n.customerId)}::int[], ${column((n) => n.kind)}::text[],
      ${bigints(column((n) => n.orderId))}, ${bigints(column((n) => n.refillId ?? null))},
      ${bigints(column((n) => n.remains ?? 0n))}, ${bigints(column((n) => n.refund ?? 0n))}
    ) with ordinality as n (customer_id, kind, order_id, refill_id, remains, refund, place)
    join customers c on c.id = n.customer_id
    where case when n.refill_id is null then 'orders' else 'refills' end = any(c.notifications)
    order by n.place`.execute(tx);
}

/**
 * Mails each customer what has gathered for them, once the first of it is five minutes old.
 * @returns for how many customers there was something
 */
export async function mailNotices(ctx: Ctx): Promise<number> {
  const at = ctx.clock.now();
  const due = await sql<{ customerId: CustomerId }>`
    select distinct customer_id as "customerId" from notices
    where created_at <= ${new Date(at.getTime() - gatherMs)} limit ${customersPerRound}`.execute(
    ctx.db,
  );
  for (const { customerId } of due.rows) {
    await inTransaction(ctx.db, (tx) => mailOne(tx, customerId, at));
  }
  return due.rows.length;
}

type Row = {
  kind: NoticeKind;
  orderId: bigint;
  refillId: bigint | null;
  remains: bigint;
  refund: Amount;
  count: number;
};

/** Of two workers at once, the second waits here for the first and finds nothing left. */
async function mailOne(tx: Tx, customerId: CustomerId, at: Date): Promise<void> {
  const taken = await sql<Row>`
    with gone as (
      delete from notices where customer_id = ${customerId} returning *
    )
    select kind, order_id as "orderId", refill_id as "refillId", remains, refund,
      count(*) over ()::int as count
    from gone order by id limit ${itemsMax}`.execute(tx);
  const reader = await readReader(tx, customerId);
  const [first] = taken.rows;
  if (first === undefined || reader === undefined) return;
  const { email: to, language, currency } = reader;
  const items = taken.rows.map((row) => itemOf(row, currency));
  const values = { items, count: String(first.count), currency };
  await enqueueMail(tx, { to, language, kind: 'order_news', values, at });
}

function itemOf(row: Row, currency: string): NoticeItem {
  const { kind, orderId, refillId, remains, refund } = row;
  return {
    kind,
    orderId: String(orderId),
    refillId: refillId === null ? '' : String(refillId),
    remains: String(remains),
    refund: showAmount(refund, currency),
  };
}

type Reader = { email: string; language: MailLanguage; currency: string };

/** Who reads a customer's mails, in which language; undefined without a confirmed address. */
async function readReader(tx: Tx, customerId: CustomerId): Promise<Reader | undefined> {
  return tx
    .selectFrom('users as u')
    .innerJoin('customers as c', 'c.id', 'u.customer_id')
    .innerJoin('settings as s', (join) => join.onTrue())
    .select(['u.email', 'c.language', 's.currency'])
    .where('u.customer_id', '=', customerId)
    .where('u.email_confirmed', '=', true)
    .executeTakeFirst();
}
