import { createHash } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { assert } from '../base/index.ts';
import { bigints } from './arrays.ts';
import type { Db } from './connect.ts';
import { newSalt, salted } from './fingerprint.ts';
import { type SelectedSums, type SumRow, selectSums, sumRowOf, type Wanted } from './sums.ts';
import { inTransaction } from './transaction.ts';

/**
 * Some rows of a table: those on a stretch of its pages (of one in months, on the same stretch of
 * each), or those of a day. They are the rows they were as long as they are of the same versions:
 * PostgreSQL writes the number of its transaction into each row it writes, and changes none in
 * place, whoever does it. A look at that costs a tenth of the sums.
 */
type Part = {
  table: string;
  /** The how manieth stretch, or the day's first second since 1970. */
  part: bigint;
  /** In other files there are other rows in the same place. */
  files: string;
  rows: bigint;
  /** A sum over hashes. */
  versions: bigint;
};
/** A part with what it came to, by a statement that `code` tells from others. */
type VerifiedPart = Part & { code: string; totals: readonly SumRow[] };

/** When a verification is, and whether it takes nothing as known. */
export type PartsOptions = { now: Date; isWhole?: boolean };

/** What one verification read, and what it found as it was. */
export type PartsRun = {
  now: Date;
  salt: bigint;
  /** Nothing is known, or taken as known. */
  isWhole: boolean;
  read: VerifiedPart[];
  unchanged: VerifiedPart[];
};

/** 16 MiB: some tens of thousands of rows. */
const pagesPerPart = sql.lit(2_048);
/** Then it is read anew, each at another time: what a disk forgets is no change. */
const isFresh = (now: Date) => sql<boolean>`
  read_at > ${now}::timestamptz - make_interval(days => 15 + (part % 16)::int)`;
/** The transaction that wrote a row; SQL tells it only by how long ago it was, which grows. */
const version = sql`hashint8extended(
  (age(xmin)::bigint - (select age('3'::xid)::bigint)) & 4294967295, 0)`;
const seen = sql`count(*) as rows, coalesce(sum(${version}), 0) as versions`;

/** Begins with the salt of what is known, so that it is of use; with a new one if nothing is. */
export async function beginParts(
  db: Db,
  { now, isWhole = false }: PartsOptions,
): Promise<PartsRun> {
  const last = await db
    .selectFrom('verified_parts')
    .select('salt')
    .orderBy('read_at', 'desc')
    .limit(isWhole ? 0 : 1)
    .executeTakeFirst();
  const run = { now, read: [], unchanged: [] };
  return { ...run, salt: last?.salt ?? newSalt(), isWhole: last === undefined };
}

/** Reads sums over all rows of a table; what parts that did not change come to is known. */
export async function readParts(tx: Db, wanted: Wanted, run: PartsRun): Promise<SumRow[]> {
  const code = codeOf(tx, wanted);
  const parts = await look(tx, wanted);
  const known = run.isWhole ? [] : await readKnown(tx, wanted, { ...run, code });
  const knownTotals = new Map(known.map(({ totals, ...part }) => [keyOf(part), totals]));
  const unchanged: VerifiedPart[] = [];
  const changed: Part[] = [];
  for (const part of parts) {
    const totals = knownTotals.get(keyOf(part));
    if (totals === undefined) changed.push(part);
    else unchanged.push({ ...part, code, totals });
  }
  const newTotals = await readTotals(tx, wanted, { parts: changed, salt: run.salt });
  const read = changed.map((part) => ({ ...part, code, totals: newTotals.get(part.part) ?? [] }));
  run.unchanged.push(...unchanged);
  run.read.push(...read);
  return [...unchanged, ...read].flatMap(({ totals }) => totals);
}

/** The same for two looks at a part if it has the same rows. */
const keyOf = ({ part, files, rows, versions }: Omit<Part, 'table'>) =>
  [part, files, rows, versions].join(' ');

function rowsOf({ of }: Wanted) {
  assert(of.rowsOf !== undefined, 'parts are of a table');
  return of.rowsOf;
}

/** All parts of a table as they are. */
async function look(tx: Db, wanted: Wanted): Promise<Part[]> {
  const { table, day } = rowsOf(wanted);
  const { rows } = await (day === undefined ? lookAtPages(table) : lookAtDays(table, day)).execute(
    tx,
  );
  return rows.map((row) => ({ table, ...row }));
}

type Seen = Omit<Part, 'table'>;

function lookAtPages(table: string) {
  return sql<Seen>`
    select p.part, p.files, seen.* from (
      select part, string_agg(file.node::text, ',' order by file.node) as files
      from to_regclass(${`public.${table}`}) whole
      join pg_class c on c.relkind = 'r'
        and (c.oid = whole or c.oid in (select relid from pg_partition_tree(whole)))
      cross join lateral (
        select pg_relation_filenode(c.oid)::bigint as node, pg_relation_size(c.oid) as size
      ) file
      cross join lateral generate_series(0::bigint,
        (file.size - 1) / (current_setting('block_size')::bigint * ${pagesPerPart})) part
      where file.size > 0 group by part
    ) p cross join lateral (
      select ${seen} from ${sql.id('public', table)} where ${isOnPages}
    ) seen`;
}

function lookAtDays(table: string, day: string) {
  return sql<Seen>`
    select extract(epoch from ${sql.ref(day)})::bigint as part, '' as files, ${seen}
    from ${sql.id('public', table)} group by ${sql.ref(day)}`;
}

const pageOf = (part: string) => sql`format('(%s,0)', ${sql.raw(part)} * ${pagesPerPart})::tid`;
const isOnPages = sql`ctid >= ${pageOf('p.part')} and ctid < ${pageOf('(p.part + 1)')}`;

/** Two statements that sum up differently are told apart by all but what each run puts in. */
function codeOf(tx: Db, wanted: Wanted): string {
  const { sql: text, parameters } = selectTotals(wanted, []).compile(tx);
  const said = JSON.stringify([text, parameters.map(String)]);
  return createHash('sha256').update(said).digest('hex');
}

type SelectedTotals = SelectedSums & { part: bigint };

/** Selects sums over each of some parts by itself. */
function selectTotals(wanted: Wanted, parts: readonly Part[]): RawBuilder<SelectedTotals> {
  const { table, from, day } = rowsOf(wanted);
  const isOfPart = day === undefined ? isOnPages : sql`${sql.ref(day)} = to_timestamp(p.part)`;
  const rows = sql`(select * from ${sql.id('public', table)} where ${isOfPart}) r`;
  return sql<SelectedTotals>`
    select p.part, s.* from unnest(${bigints(parts.map(({ part }) => part))}) p (part)
    cross join lateral (${selectSums(wanted, from(rows))}) s`;
}

async function readTotals(
  tx: Db,
  wanted: Wanted,
  { parts, salt }: { parts: readonly Part[]; salt: bigint },
): Promise<Map<bigint, SumRow[]>> {
  if (parts.length === 0) return new Map();
  const statement = salted(selectTotals(wanted, parts).compile(tx), salt);
  const { rows } = await tx.executeQuery(statement);
  const groups = Map.groupBy(rows, ({ part }) => part);
  const totalsOf = (some: readonly SelectedTotals[]) => some.map((row) => sumRowOf(wanted, row));
  return new Map([...groups].map(([part, some]) => [part, totalsOf(some)]));
}

async function readKnown(
  tx: Db,
  wanted: Wanted,
  { code, salt, now }: { code: string; salt: bigint; now: Date },
): Promise<(Omit<Part, 'table'> & { totals: SumRow[] })[]> {
  const rows = await tx
    .selectFrom('verified_parts')
    .select(['part', 'files', 'row_count as rows', 'versions'])
    .select(sql<StoredRow[]>`totals`.as('totals'))
    .where('relation', '=', rowsOf(wanted).table)
    .where('code', '=', code)
    .where('salt', '=', salt)
    .where(isFresh(now))
    .execute();
  return rows.map((row) => ({ ...row, totals: row.totals.map(restored) }));
}

/** Keeps what was read, in place of all that is not as it was. */
export async function storeParts(db: Db, run: PartsRun): Promise<void> {
  const { read, unchanged, salt, now } = run;
  const isKept = sql<boolean>`(relation, part) in (
    select * from unnest(${unchanged.map(({ table }) => table)}::text[],
      ${bigints(unchanged.map(({ part }) => part))}))`;
  const rows = read.map((part) => ({ ...part, relation: part.table, row_count: part.rows, salt }));
  await inTransaction(db, async (tx) => {
    // Of two at a time the later one says what is known.
    await sql`lock table verified_parts in share row exclusive mode`.execute(tx);
    await tx
      .deleteFrom('verified_parts')
      .$if(unchanged.length > 0, (others) => others.where(sql<boolean>`not ${isKept}`))
      .execute();
    await sql`
      insert into verified_parts
        (relation, part, files, code, salt, row_count, versions, totals, read_at)
      select relation, part, files, code, salt, row_count, versions, totals, ${now}::timestamptz
      from json_populate_recordset(null::verified_parts, ${asJson(rows)}::text::json)
    `.execute(tx);
  });
}

/** As JSON has it, which knows no `bigint`. */
type StoredRow = { days: readonly (string | null)[]; sums: readonly (string | null)[] };

function asJson(value: unknown): string {
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one));
}

function restored({ days, sums }: StoredRow): SumRow {
  const wholes = (values: readonly (string | null)[]) =>
    values.map((value) => (value === null ? null : BigInt(value)));
  return { days: wholes(days), sums: wholes(sums) };
}
