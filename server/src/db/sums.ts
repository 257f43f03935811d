import { type RawBuilder, sql } from 'kysely';
import type { Db } from './connect.ts';
import { fingerprint, int4, int8, onto } from './fingerprint.ts';

/**
 * Rows that are read in one pass for all that checks want to know of them. With `days`, which are
 * midnights or null, sums are told by one of them, too. Where a sum over another source, `unless`,
 * is 0, there are none, and nothing is read.
 */
export type Source = {
  from: RawBuilder<unknown>;
  days?: readonly RawBuilder<unknown>[];
  unless?: Sum;
};

/**
 * A whole number that comes of all rows of a source: an aggregate that adds up over parts of them,
 * null for 0; by which of the source's days it is told.
 */
export type Sum = { of: Source; value: RawBuilder<unknown>; by: number };

/** A sum over all rows, and by days (seconds since 1970); rows of no day are of day null. */
export type Total = { all: bigint; ofDays: ReadonlyMap<bigint | null, bigint> };

/** What shows without a look at single rows that nothing is broken. */
export type Proof = {
  sums: readonly Sum[];
  holds: (totals: readonly Total[]) => boolean;
};

const customer = fingerprint(int4('customer_id'));
/** A number that stands for a customer, as a column of every transfer. */
export const customerKey = sql`customer_key`;

/** A number that stands for an order. */
export const keyOf = (order: string) => onto(customer, int8(order));

/** The same as a column of every order and every change. */
export const orderKey = sql`order_key`;

/** The statuses in which an order was delivered as far as it ever will be, as numbers. */
export const ends = { completed: '1', partial: '2', canceled: '3' };
/**
 * Which end a status is, or null: nearly always the first, so it takes one comparison in place of
 * the three of a list, and a number is hashed in less than a text.
 */
export const endOf = (status: string) =>
  `case ${status} when 'Completed' then ${ends.completed} when 'Partial' then ${ends.partial}
    when 'Canceled' then ${ends.canceled} end`;

type Columns = Readonly<Record<string, RawBuilder<unknown>>>;

/** Which sides of a transfer are the wallet. */
export const walletSides: Columns = {
  pays: sql`debit = 'wallet'`,
  earns: sql`credit = 'wallet'`,
};
/** The statuses that a change led from and to. */
export const changedStatus: Columns = {
  status_before: sql`before ->> 'status'`,
  status_after: sql`after ->> 'status'`,
};

/**
 * Whether a transfer is between a customer's wallet and sales, for an order, or anything but sales;
 * with a number of which `uint31` takes a fingerprint. Of every row it is asked once, for all
 * proofs that want a part of it; where one is not, each of them looks at rows.
 */
const isUsual = sql`number >> 31 = 0 and amount > 0 and case
  when order_id is null then (debit = 'wallet') <> (credit = 'wallet')
    and debit <> 'sales' and credit <> 'sales'
  when debit = 'wallet' then credit = 'sales'
  else debit = 'sales' and credit = 'wallet' end`;

/** The large tables, each read once. */
export const everyTransfer: Source = {
  // Only what is not of an order is told by days.
  from: withColumns(sql`transfers`, {
    day: sql`case when order_id is null then ${midnight('created_at')} end`,
    ...walletSides,
    customer_key: customer,
    balance_before: sql`balance_after - case when credit = 'wallet' then amount else -amount end`,
    is_usual: isUsual,
  }),
  days: [sql`day`],
};
/** That all transfers are usual, see above. */
export const usualTransfers = proveNone(countOf(everyTransfer, sql`not is_usual`));
export const everyOrder: Source = {
  from: withColumns(sql`orders`, {
    day: midnight('created_at'),
    ended_day: midnight('completed_at'),
    order_key: keyOf('id'),
    service_key: fingerprint(int4('service_id')),
    is_single: sql`kind = 'single'`,
    single_charge: sql`case kind when 'single' then charge else 0 end`,
    ended: sql.raw(endOf('status')),
  }),
  days: [sql`day`, sql`ended_day`],
};
/** Told by the day on which an order came to the status it has, if that is a final one. */
export const byEnd = 1;
export const everyChange: Source = {
  from: withColumns(sql`order_events`, {
    day: midnight('created_at'),
    order_key: keyOf('order_id'),
    is_change: sql`kind <> 'ignored'`,
    ...changedStatus,
  }),
  days: [sql`day`],
};
export const everyDelivery: Source = { from: sql`deliveries` };
export const everyAttempt: Source = { from: sql`attempts` };

/**
 * Rows with days of theirs, and what more than one sum asks of a row. Of a union each column is
 * worked out once for each row; of a simple subquery once for each sum that names it. Nor does the
 * planner know statistics of a union, and takes it that there are 200 of each day; of the table
 * alone, as many as there are times: then it sorts all rows, and on one core.
 */
export function withColumns(table: RawBuilder<unknown>, columns: Columns): RawBuilder<unknown> {
  const none = Object.keys(columns).map(() => sql`null`);
  return sql`(
    select *, ${asColumns(columns)} from ${table}
    union all select *, ${sql.join(none)} from ${table} where false) o`;
}

/** Columns by their names, in a select. */
export function asColumns(columns: Columns): RawBuilder<unknown> {
  return sql.join(
    Object.entries(columns).map(([name, value]) => sql`${value} as ${sql.ref(name)}`),
  );
}

/** The midnight (UTC) before a moment: `date_trunc` says the same in four times the time. */
export function midnight(column: string): RawBuilder<unknown> {
  return sql`date_bin('1 day', ${sql.ref(column)}, '2000-01-01Z')`;
}

/** A sum over all rows of a source, told by the first of its days, or another. */
export function sumOf(of: Source, value: RawBuilder<unknown>, by = 0): Sum {
  return { of, value, by };
}

/** How many rows there are, or those that meet a condition. */
export function countOf(of: Source, condition: RawBuilder<unknown> = sql`true`): Sum {
  return sumOf(of, sql`count(*) filter (where ${condition})`);
}

/** A proof by sums over all rows, which `holds` is given in their order. */
export function prove(sums: readonly Sum[], holds: (...totals: bigint[]) => boolean): Proof {
  return { sums, holds: (totals) => holds(...totals.map(({ all }) => all)) };
}

/** That there are none of all these. */
export function proveNone(...sums: readonly Sum[]): Proof {
  return prove(sums, (...totals) => totals.every((total) => total === 0n));
}

/** That all of some proofs hold. */
export function proveAll(...proofs: readonly Proof[]): Proof {
  return {
    sums: proofs.flatMap(({ sums }) => sums),
    holds: (totals) => {
      let from = 0;
      return proofs.every(({ sums, holds }) => {
        from += sums.length;
        return holds(totals.slice(from - sums.length, from));
      });
    },
  };
}

/** Reads some sums of one source in one pass. */
export async function readSums(
  tx: Db,
  source: Source,
  sums: readonly Sum[],
): Promise<Map<Sum, Total>> {
  const { from, days = [] } = source;
  const keys = days.map((day, index) => ({ day, name: `day_${index}` }));
  const told = [
    ...keys.map(({ day, name }) => sql`extract(epoch from ${day})::bigint as ${sql.ref(name)}`),
    ...sums.map(({ value }, index) => sql`${value} as ${sql.ref(`sum_${index}`)}`),
  ];
  const grouped = days.length === 0 ? sql`` : sql`group by ${sql.join(days)}`;
  const { rows } = await sql<Record<string, bigint | string | null>>`
    select ${sql.join(told)} from ${from} ${grouped}`.execute(tx);
  const totals = new Map<Sum, Total>();
  for (const [index, sum] of sums.entries()) {
    const ofDays = new Map<bigint | null, bigint>();
    let all = 0n;
    for (const row of rows) {
      const value = BigInt(row[`sum_${index}`] ?? 0n);
      all += value;
      const at = row[`day_${sum.by}`];
      const day = at === null || at === undefined ? null : BigInt(at);
      ofDays.set(day, (ofDays.get(day) ?? 0n) + value);
    }
    totals.set(sum, { all, ofDays });
  }
  return totals;
}
