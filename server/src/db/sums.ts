import { type RawBuilder, sql } from 'kysely';
import type { Db } from './connect.ts';

/**
 * Rows that are read in one pass for all that checks want to know of them. With `days`, which are
 * midnights or null, sums are told by one of them, too. Where `unless` is proven by sums of other
 * sources nothing is read, as if there were none.
 */
export type Source = {
  from: RawBuilder<unknown>;
  days?: readonly RawBuilder<unknown>[];
  unless?: Proof;
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

type Columns = Readonly<Record<string, RawBuilder<unknown>>>;

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

/** One proof where a condition is proven, and another where it is not. */
export function proveWhere(condition: Proof, then: Proof, otherwise: Proof): Proof {
  const first = condition.sums.length;
  const second = first + then.sums.length;
  return {
    sums: [...condition.sums, ...then.sums, ...otherwise.sums],
    holds: (totals) =>
      condition.holds(totals.slice(0, first))
        ? then.holds(totals.slice(first, second))
        : otherwise.holds(totals.slice(second)),
  };
}

/** What a sum comes to on a day. */
export function onDay(day: bigint | null, total: Total | undefined): bigint {
  return total?.ofDays.get(day) ?? 0n;
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
  const { rows } = await sql<Record<string, bigint | null>>`
    select ${sql.join(told)} from ${from} ${grouped}`.execute(tx);
  const totals = new Map<Sum, Total>();
  for (const [index, sum] of sums.entries()) {
    const ofDays = new Map<bigint | null, bigint>();
    let all = 0n;
    for (const row of rows) {
      const value = row[`sum_${index}`] ?? 0n;
      all += value;
      const day = row[`day_${sum.by}`] ?? null;
      ofDays.set(day, (ofDays.get(day) ?? 0n) + value);
    }
    totals.set(sum, { all, ofDays });
  }
  return totals;
}
