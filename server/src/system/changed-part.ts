import { type RawBuilder, sql } from 'kysely';
import { type CustomerId, minuteMs, secondMs } from '../base/index.ts';
import { bigints, type Db, type Part, rowsByKey } from '../db/index.ts';

/** A row's place in a table that is walked by its primary key. */
type Place = { customerId: number; id: bigint };

/** How far the checks of what changed have come. */
export type Marks = {
  ranAt: Date | null;
  /** All that bears an earlier moment is checked; null before the first run. */
  checkedUntil: Date | null;
  /** Where the round through everything stands. */
  round: { customer: number; transfer: Place; order: Place; payment: Place };
};

export type PartLimits = {
  /** Of transfers, and of events, that are new. */
  changedRowsMax: number;
  /** Of each table, on the round. */
  roundRowsMax: number;
};

/**
 * A row becomes visible some time after the moment it bears, that of its transaction's begin. What
 * is younger than this is looked at, too, but not done with: the next run looks at it again.
 */
const settlingMs = 30 * secondMs;
const spanMaxMs = 10 * minuteMs;
/** Who is so far behind reads more rows at a time: each of them costs half as much then. */
const farBehindMs = 3 * minuteMs;
const farTimes = 10;
/** What is not told apart by time any more is taken whole. */
const spanMinMs = 100;

/** Whether the last run had more to check than a run may. */
export function isBehind({ ranAt, checkedUntil }: Pick<Marks, 'ranAt' | 'checkedUntil'>): boolean {
  if (ranAt === null || checkedUntil === null) return true;
  return checkedUntil.getTime() < ranAt.getTime() - settlingMs;
}

/** Reads how far the checks have come. */
export async function readMarks(db: Db): Promise<Marks> {
  const row = await db.selectFrom('verify_marks').selectAll().executeTakeFirstOrThrow();
  const place = (customerId: number, id: bigint): Place => ({ customerId, id });
  return {
    ranAt: row.ran_at,
    checkedUntil: row.checked_until,
    round: {
      customer: row.after_customer,
      transfer: place(row.after_transfer_customer, row.after_transfer),
      order: place(row.after_order_customer, row.after_order),
      payment: place(row.after_payment_customer, row.after_payment),
    },
  };
}

/**
 * Chooses what to check now: what changed since the marks, as far as the limits allow, and the next
 * rows of the round through everything. What was there before the first run is the round's.
 * @returns the part, the marks after it, and how many rows it names
 */
export async function collectPart(
  tx: Db,
  input: { marks: Marks; now: Date; limits: PartLimits },
): Promise<{ part: Part; next: Marks; rows: number }> {
  const { marks, now, limits } = input;
  const isFar = now.getTime() - (marks.checkedUntil ?? now).getTime() > farBehindMs;
  const rowsMax = isFar ? limits.changedRowsMax * farTimes : limits.changedRowsMax;
  const changed = await readChanged(tx, { marks, now, rowsMax });
  const settled = new Date(Math.min(changed.until.getTime(), now.getTime() - settlingMs));
  // Who is a little behind comes up in small runs first; the last of them goes on with the round.
  const goesOn = isFar || !isBehind({ ranAt: now, checkedUntil: settled });
  const round =
    goesOn && limits.roundRowsMax > 0
      ? await readRound(tx, marks.round, limits.roundRowsMax)
      : noRound(marks.round);
  const keys = [...changed.orders, ...round.orders];
  const orders = await readFamilies(tx, uniqueKeys(keys));
  const transfers = uniqueKeys([...changed.transfers, ...round.transfers]);
  const customers = new Set([
    ...round.customers,
    ...changed.transfers.map(({ customerId }) => customerId),
    ...changed.orders.map(({ customerId }) => customerId),
  ]);
  const payments = uniqueKeys([...changed.payments, ...round.payments]);
  const part: Part = {
    customers: [...customers],
    orders,
    payments,
    transfers: transfers.map(({ customerId, id }) => ({ customerId, number: id })),
  };
  const rows = customers.size + orders.length + payments.length + transfers.length;
  return { part, rows, next: { ranAt: now, checkedUntil: settled, round: round.next } };
}

type Key = { customerId: CustomerId; id: bigint };
type Changed = { until: Date; transfers: Key[]; orders: Key[]; payments: Key[] };

/** New transfers and events are found by the block-range indexes of their times. */
async function readChanged(
  tx: Db,
  { marks, now, rowsMax }: { marks: Marks; now: Date; rowsMax: number },
): Promise<Changed> {
  // Of a clock that is ahead of this one is no later mark than its own would be, some runs ago.
  const isAhead = marks.ranAt !== null && marks.ranAt > now;
  const settled = now.getTime() - settlingMs - (isAhead ? farBehindMs : 0);
  const from = new Date(Math.min(marks.checkedUntil?.getTime() ?? settled, settled));
  let spanMs = Math.min(now.getTime() - from.getTime(), spanMaxMs);
  const span = () => ({ from, until: new Date(from.getTime() + spanMs) });
  while (spanMs > spanMinMs && (await hasMore(tx, span(), rowsMax))) {
    spanMs = Math.max(spanMinMs, Math.floor(spanMs / 2));
  }
  return { ...(await readSpan(tx, span())), until: span().until };
}

type Span = { from: Date; until: Date };

/** At the end of a span is what the next one begins with, too: nothing falls between. */
function within({ from, until }: Span): RawBuilder<unknown> {
  return sql`created_at >= ${from}::timestamptz and created_at <= ${until}::timestamptz`;
}

/** Whether a span has more transfers, or more events, than so many; it counts no further. */
async function hasMore(tx: Db, span: Span, rowsMax: number): Promise<boolean> {
  const few = (table: string) => sql`
    select count(*) as count from (
      select 1 from ${sql.raw(table)} where ${within(span)} limit ${rowsMax + 1}::bigint) few`;
  const { rows } = await sql<{ count: bigint }>`
    ${few('transfers')} union all ${few('order_events')}`.execute(tx);
  return rows.some(({ count }) => count > rowsMax);
}

type ChangedTransfer = Key & { orderId: bigint | null; paymentId: bigint | null };

async function readSpan(tx: Db, span: Span): Promise<Omit<Changed, 'until'>> {
  const transfers = await sql<ChangedTransfer>`
    select customer_id as "customerId", number as id, order_id as "orderId",
      substring(reference from '^payment:([0-9]{1,18}):')::bigint as "paymentId"
    from transfers where ${within(span)}`.execute(tx);
  const events = await sql<Key>`
    select customer_id as "customerId", order_id as id from order_events
    where ${within(span)}`.execute(tx);
  const orders = transfers.rows.flatMap(({ customerId, orderId }) =>
    orderId === null ? [] : { customerId, id: orderId },
  );
  const payments = transfers.rows.flatMap(({ customerId, paymentId }) =>
    paymentId === null ? [] : { customerId, id: paymentId },
  );
  return { transfers: transfers.rows, orders: [...orders, ...events.rows], payments };
}

type Round = Marks['round'];

/** None of its rows: it stays where it stands. */
function noRound(next: Round) {
  return { transfers: [], orders: [], payments: [], customers: [], next };
}

/** The next rows of each table by its key; after the last one it begins anew. */
async function readRound(tx: Db, round: Round, rowsMax: number) {
  const walk = async (place: Place, columns: RawBuilder<unknown>, table: RawBuilder<unknown>) => {
    const found = await sql<Key>`
      select customer_id as "customerId", ${columns} as id from ${table}
      where (customer_id, ${columns}) > (${place.customerId}::int, ${place.id.toString()}::bigint)
      order by customer_id, ${columns} limit ${rowsMax}::int`.execute(tx);
    const last = found.rows.length < rowsMax ? undefined : found.rows.at(-1);
    return { rows: found.rows, next: last ?? { customerId: 0, id: 0n } };
  };
  const transfers = await walk(round.transfer, sql.ref('number'), sql.table('transfers'));
  const orders = await walk(round.order, sql.ref('id'), sql.table('orders'));
  const payments = await walk(round.payment, sql.ref('id'), sql.table('payments'));
  const customers = await sql<{ id: CustomerId }>`
    select id from customers where id > ${round.customer}::int
    order by id limit ${rowsMax}::int`.execute(tx);
  const lastCustomer = customers.rows.length < rowsMax ? undefined : customers.rows.at(-1);
  return {
    transfers: transfers.rows,
    orders: orders.rows,
    payments: payments.rows,
    customers: customers.rows.map(({ id }) => id),
    next: {
      transfer: place(transfers.next),
      order: place(orders.next),
      payment: place(payments.next),
      customer: lastCustomer?.id ?? 0,
    },
  };
}

function place({ customerId, id }: Place): Place {
  return { customerId, id };
}

/**
 * A drip-feed is judged with its runs, and a run with its drip-feed. All is read key by key: in a
 * join it was each order that is asked for beside each drip-feed there is.
 */
async function readFamilies(tx: Db, keys: readonly Key[]): Promise<Key[]> {
  const orders = (of: RawBuilder<unknown>, ...columns: string[]) =>
    rowsByKey(tx, { table: 'orders', keys: sql`(${of}) k`, columns });
  const found = await sql<Key>`
    with asked (customer_id, id) as materialized (
      select * from unnest(${keys.map(({ customerId }) => customerId)}::int[],
        ${bigints(keys.map(({ id }) => id))}) k
    ), found as materialized (${orders(sql`select * from asked`, 'customer_id', 'id')}),
    parent_keys as materialized (
      select distinct customer_id, coalesce(parent_id, id) as id from found
      where parent_id is not null or kind = 'drip_feed'
    ), parents as materialized (
      select p.customer_id, p.id
      from (${orders(sql`select * from parent_keys`, 'customer_id', 'id')}) p
      where p.kind = 'drip_feed'
    ), runs as (
      ${orders(sql`select customer_id, id as parent_id from parents`, 'customer_id', 'parent_id')}
    )
    select customer_id as "customerId", id from asked
    union select customer_id, id from parents
    union select customer_id, id from runs`.execute(tx);
  return found.rows;
}

function uniqueKeys(keys: readonly Key[]): Key[] {
  return [...new Map(keys.map((key) => [`${key.customerId}:${key.id}`, key])).values()];
}
