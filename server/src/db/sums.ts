import { type RawBuilder, sql } from 'kysely';
import type { Db } from './connect.ts';
import { salted } from './fingerprint.ts';

/**
 * Rows that are read in one pass for all that checks want to know of them. With `days`, which are
 * midnights or null, sums are told by one of them, too. Where `unless` is proven by sums of other
 * sources nothing is read, as if there were none.
 */
export type Source = {
  from: RawBuilder<unknown>;
  days?: readonly RawBuilder<unknown>[];
  unless?: Proof;
  /**
   * The table that it is made of, and what it is of some of its rows: where every sum adds up over
   * any parts of the rows, or over days of theirs, and depends on nothing else.
   */
  rowsOf?: {
    table: string;
    from: (rows: RawBuilder<unknown>) => RawBuilder<unknown>;
    /** The column by which it is in days, where they have to be whole. */
    day?: string;
  };
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

/** Columns of a select, by their names. */
export type Columns = Readonly<Record<string, RawBuilder<unknown>>>;

/**
 * Rows with days of theirs, and what more than one sum asks of a row. Of a union each column is
 * worked out once for each row; of a simple subquery once for each sum that names it. Nor does the
 * planner know statistics of a union, and takes it that there are 200 of each day; of the table
 * alone, as many as there are times: then it sorts all rows, and on one core.
 */
export function withColumns(table: RawBuilder<unknown>, columns: Columns): RawBuilder<unknown> {
  if (Object.keys(columns).length === 0) return table;
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

/** Sums over some rows of a source: of each of its days, or of none. */
export type SumRow = { days: readonly (bigint | null)[]; sums: readonly (bigint | null)[] };

/** Some sums of one source. */
export type Wanted = { of: Source; sums: readonly Sum[] };

/** Selects sums of all of a source, or of some of its rows. */
export function selectSums({ of, sums }: Wanted, from: RawBuilder<unknown>) {
  const days = of.days ?? [];
  const told = [
    ...days.map((day, at) => sql`extract(epoch from ${day})::bigint as ${sql.ref(`day_${at}`)}`),
    ...sums.map(({ value }, at) => sql`${value} as ${sql.ref(`sum_${at}`)}`),
  ];
  const grouped = days.length === 0 ? sql`` : sql`group by ${sql.join(days)}`;
  return sql<SelectedSums>`select ${sql.join(told)} from ${from} ${grouped}`;
}

/** A row of what `selectSums` selects. */
export function sumRowOf({ of, sums }: Wanted, row: SelectedSums): SumRow {
  return {
    days: (of.days ?? []).map((_, at) => row[`day_${at}`] ?? null),
    sums: sums.map((_, at) => row[`sum_${at}`] ?? null),
  };
}
export type SelectedSums = Readonly<Record<string, bigint | null>>;

/** Reads some sums of one source in one pass, with hashes that begin with a salt. */
export async function readSums(tx: Db, wanted: Wanted, salt: bigint): Promise<SumRow[]> {
  const statement = salted(selectSums(wanted, wanted.of.from).compile(tx), salt);
  const { rows } = await tx.executeQuery<SelectedSums>(statement);
  return rows.map((row) => sumRowOf(wanted, row));
}

/** What sums come to over all rows that are told. */
export function addUp(sums: readonly Sum[], rows: readonly SumRow[]): Map<Sum, Total> {
  const totals = new Map<Sum, Total>();
  for (const [index, sum] of sums.entries()) {
    const ofDays = new Map<bigint | null, bigint>();
    let all = 0n;
    for (const row of rows) {
      const value = row.sums[index] ?? 0n;
      all += value;
      const day = row.days[sum.by] ?? null;
      ofDays.set(day, (ofDays.get(day) ?? 0n) + value);
    }
    totals.set(sum, { all, ofDays });
  }
  return totals;
}
