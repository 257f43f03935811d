import { type RawBuilder, sql } from 'kysely';
import type { Db } from './connect.ts';

/**
 * Rows that are read in one pass for all that checks want to know of them. With a `day`, which is a
 * midnight or null, sums are told by days, too.
 */
export type Source = { from: RawBuilder<unknown>; day?: RawBuilder<unknown> };

/** A whole number that comes of all rows of a source: an aggregate, null for 0. */
export type Sum = { of: Source; value: RawBuilder<unknown> };

/** A sum over all rows, and by days (seconds since 1970); rows of no day are of day null. */
export type Total = { all: bigint; ofDays: ReadonlyMap<bigint | null, bigint> };

/** What shows without a look at single rows that nothing is broken. */
export type Proof = {
  sums: readonly Sum[];
  holds: (totals: readonly Total[]) => boolean;
};

/** The large tables, each read once. */
export const everyTransfer: Source = {
  // Only what is not of an order is told by days.
  from: byDay(sql`transfers`, sql`case when order_id is null then ${midnight('created_at')} end`),
  day: sql`day`,
};
export const everyOrder: Source = {
  from: byDay(sql`orders`, midnight('created_at')),
  day: sql`day`,
};
/** By the day on which they came to the status they have, if it is a final one. */
export const everyEndedOrder: Source = {
  from: byDay(sql`orders`, midnight('completed_at')),
  day: sql`day`,
};
export const everyChange: Source = {
  from: byDay(sql`order_events`, midnight('created_at')),
  day: sql`day`,
};
export const everyDelivery: Source = { from: sql`deliveries` };
export const everyAttempt: Source = { from: sql`attempts` };

/**
 * Rows with their day. Of a union the planner knows no statistics, and takes it that there are 200
 * days; of the table alone, as many as there are times: then it sorts all rows, and on one core.
 */
function byDay(table: RawBuilder<unknown>, day: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
    select *, ${day} as day from ${table} union all select *, null from ${table} where false) o`;
}

/** The midnight (UTC) before a moment: `date_trunc` says the same in four times the time. */
export function midnight(column: string): RawBuilder<unknown> {
  return sql`date_bin('1 day', ${sql.ref(column)}, '2000-01-01Z')`;
}

/** A sum over all rows of a source. */
export function sumOf(of: Source, value: RawBuilder<unknown>): Sum {
  return { of, value };
}

/** How many rows there are, or those that meet a condition. */
export function countOf(of: Source, condition: RawBuilder<unknown> = sql`true`): Sum {
  return { of, value: sql`count(*) filter (where ${condition})` };
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
  const { from, day } = source;
  const values = sums.map(({ value }, index) => sql`${value} as ${sql.ref(`sum_${index}`)}`);
  const { rows } = await sql<Record<string, bigint | string | null>>`
    select ${day === undefined ? null : sql`extract(epoch from ${day})::bigint`} as day,
      ${sql.join(values)}
    from ${from} ${day === undefined ? sql`` : sql`group by ${day}`}`.execute(tx);
  const totals = new Map<Sum, Total>();
  for (const [index, sum] of sums.entries()) {
    const ofDays = new Map<bigint | null, bigint>();
    let all = 0n;
    for (const row of rows) {
      const value = BigInt(row[`sum_${index}`] ?? 0n);
      all += value;
      ofDays.set(row.day === null || row.day === undefined ? null : BigInt(row.day), value);
    }
    totals.set(sum, { all, ofDays });
  }
  return totals;
}
