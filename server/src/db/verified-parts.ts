import { createHash } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { assert } from '../base/index.ts';
import { bigints } from './arrays.ts';
import type { Db, Tx } from './connect.ts';
import { newSalt, salted } from './fingerprint.ts';
import { type SelectedSums, type SumRow, selectSums, sumRowOf, type Wanted } from './sums.ts';
import { inTransaction } from './transaction.ts';

/**
 * Some rows of a table: those on a stretch of its pages (of one in months, on the same stretch of
 * each), or those of a day. PostgreSQL writes the number of its transaction into each row it
 * writes, and changes none in place, whoever does it. So they are the rows they were if they are
 * as many, and none is of a transaction that was under way or still to come when they were read:
 * what came would show by its number, and what went by the count. A look at that costs a tenth of
 * the sums.
 */
type Part = {
  /** The how manieth stretch, or day since 1970. */
  part: bigint;
  /** In other files are other rows in the same place; by other columns they read otherwise. */
  files: string;
  rows: bigint;
};
/** By how many transactions its newest row is older than the look. */
type SeenPart = Part & { newestRowAge: bigint };
type VerifiedPart = Part & { totals: readonly SumRow[] };
/** What was kept; by how many the oldest transaction that was under way is older than the look. */
type KnownPart = VerifiedPart & { sinceAge: bigint };

/** What one verification read of a table by a statement, and which parts it found as they were. */
type TableRun = { table: string; code: string; read: VerifiedPart[]; unchanged: bigint[] };

export type PartsOptions = {
  now: Date;
  /** Takes nothing as known. */
  isWhole?: boolean;
  /** The only parts that are looked at, of a run that is about one table; else all there are. */
  only?: readonly bigint[];
  /** Told when what was read can't be kept, and the next run reads it again; else it is thrown. */
  onNotKept?: (error: unknown) => void;
};

export type PartsRun = PartsOptions & {
  salt: bigint;
  /**
   * The oldest transaction that was under way when it began, before it took its snapshot. A server
   * that went down before it kept this, and gave out the same numbers again, would not be noticed.
   */
  since: bigint;
  /** Whether what is read is of one snapshot, and not what a transaction sees that may write. */
  hasSnapshot: boolean;
  /** Whether there is nothing that could be known. */
  isFirst: boolean;
  /** Which server it is: another one gives out the same numbers, or hashes otherwise. */
  server: string;
  tables: TableRun[];
};

/** 16 MiB: some tens of thousands of rows. */
const pagesPerPart = sql.lit(2_048);
const partsPerInsert = 500;
/** Else it is read anew, each at another time: what a disk forgets is no change. */
const isFresh = (now: Date) => sql<boolean>`
  read_at <= ${now}::timestamptz
    and read_at > ${now}::timestamptz - make_interval(days => 15 + (part % 16)::int)`;
/**
 * By how many transactions one is older than the present one, as far as 32 bits tell: the numbers
 * come round again, so a very old row may look new and is read for nothing. `oid` is PostgreSQL's
 * only type of 32 bits without a sign.
 */
const ageOf = (xid: RawBuilder<unknown>) => sql`age(${xid})::oid`;
/** The same transaction by the 32 bits that rows have of it. */
const xidOf = (id: RawBuilder<unknown>) => sql`(${id} & 4294967295)::text::xid`;
/** Since when so few transactions came that no number of theirs was there before. */
const isNear = sql<boolean>`
  since > pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 2000000000`;
/** Of no row at all: older than any. */
const oldest = sql.lit(2 ** 32 - 1);
/**
 * A transaction also sees what is newer than the present one that ages are of: a savepoint's rows,
 * and others' that were committed since. Those count as new; a snapshot shows none.
 */
const rowAge = (hasSnapshot: boolean) =>
  hasSnapshot ? ageOf(sql`xmin`) : sql`greatest(age(xmin), 0)::oid`;
const seenBy = ({ hasSnapshot }: PartsRun) => sql`count(*) as rows,
  coalesce(min(${rowAge(hasSnapshot)}), ${oldest})::bigint as "newestRowAge"`;

/** Begins with the salt of what is known, so that it is of use; with a new one if nothing is. */
export async function beginParts(db: Db, options: PartsOptions): Promise<PartsRun> {
  const found = await sql<{ salt: bigint | null; since: bigint; server: string }>`
    select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as since,
      (select salt from verified_parts order by read_at desc limit 1) as salt,
      concat_ws(' ', system_identifier, current_setting('server_version_num')::int / 10000)
        as server
    from pg_control_system()`.execute(db);
  const [begun] = found.rows;
  assert(begun !== undefined, 'one row');
  const { salt, since, server } = begun;
  const isFirst = salt === null || options.isWhole === true;
  const hasSnapshot = !db.isTransaction;
  const ownSalt = isFirst ? newSalt() : salt;
  return { ...options, salt: ownSalt, since, hasSnapshot, isFirst, server, tables: [] };
}

/** Reads sums over all rows of a table; what parts that did not change come to is known. */
export async function readParts(tx: Db, wanted: Wanted, run: PartsRun): Promise<SumRow[]> {
  const { table } = tableOf(wanted);
  const code = codeOf(tx, wanted, run.server);
  const known = run.isFirst
    ? new Map<bigint, KnownPart>()
    : await readKnown(tx, { ...run, table, code });
  const unchanged: bigint[] = [];
  const changed: Part[] = [];
  const rows: SumRow[] = [];
  for (const part of await look(tx, wanted, run)) {
    const kept = known.get(part.part);
    if (kept === undefined || !isUnchanged(part, kept)) changed.push(part);
    else {
      unchanged.push(part.part);
      for (const row of kept.totals) rows.push(row);
    }
  }
  const totals = await readTotals(tx, wanted, { parts: changed, salt: run.salt });
  const read = changed.map((part) => ({ ...part, totals: totals.get(part.part) ?? [] }));
  run.tables.push({ table, code, read, unchanged });
  return rows.concat(...[...totals.values()]);
}

function isUnchanged(seen: SeenPart, kept: KnownPart): boolean {
  return seen.files === kept.files && seen.rows === kept.rows && seen.newestRowAge > kept.sinceAge;
}

function tableOf({ of }: Wanted) {
  assert(of.rowsOf !== undefined, 'parts are of a table');
  return of.rowsOf;
}

/** All parts that a table may have, though no row is on some of its days; no row is looked at. */
export async function listParts(db: Db, wanted: Wanted): Promise<bigint[]> {
  const parts = sql<{ part: bigint }>`select part from ${partsOf(wanted)} p order by part`;
  return (await parts.execute(db)).rows.map(({ part }) => part);
}

/** Parts of a table as they are. */
async function look(tx: Db, wanted: Wanted, run: PartsRun): Promise<SeenPart[]> {
  const { table, day } = tableOf(wanted);
  const asked = run.only === undefined ? sql`true` : sql`p.part = any(${bigints(run.only)})`;
  const parts = sql<SeenPart>`
    select p.part, p.files, seen.* from ${partsOf(wanted)} p cross join lateral (
      select ${seenBy(run)} from ${sql.id('public', table)} where ${isOfPart(day)}
    ) seen where ${asked} and (seen.rows > 0 or ${day === undefined})`;
  return (await parts.execute(tx)).rows;
}

/** Stretches of a table's pages or its days, from the first to the last, each with its files. */
function partsOf(wanted: Wanted): RawBuilder<unknown> {
  const { table, day } = tableOf(wanted);
  const files = sql`md5(string_agg(file, ' ' order by file)) as files`;
  if (day === undefined) {
    return sql`(
      select part, ${files} from ${relationsOf(table)} cross join lateral generate_series(0::bigint,
        (size - 1) / (current_setting('block_size')::bigint * ${pagesPerPart})) part
      where size > 0 group by part)`;
  }
  const dayOf = (edge: 'min' | 'max') =>
    sql`floor(extract(epoch from ${sql.raw(edge)}(${sql.ref(day)})) / 86400)::bigint`;
  return sql`(
    select part, files from (select ${files} from ${relationsOf(table)}) all_files
    cross join (
      select ${dayOf('min')} as first, ${dayOf('max')} as last from ${sql.id('public', table)}
    ) days cross join lateral generate_series(first, last) part)`;
}

/** A table, or its months, each with its file and what columns are read of it. */
function relationsOf(table: string): RawBuilder<unknown> {
  return sql`(
    select pg_relation_size(c.oid) as size, concat(pg_relation_filenode(c.oid), ' ', (
      select string_agg(concat_ws(' ', attnum, attname, atttypid, atttypmod, attisdropped,
        attgenerated, attmissingval::text), ' ' order by attnum)
      from pg_attribute where attrelid = c.oid and attnum > 0)) as file
    from to_regclass(${`public.${table}`}) whole
    join pg_class c on c.relkind = 'r'
      and (c.oid = whole or c.oid in (select relid from pg_partition_tree(whole)))
  ) relation`;
}

const pageOf = (part: string) => sql`format('(%s,0)', ${sql.raw(part)} * ${pagesPerPart})::tid`;
const isOnPages = sql`ctid >= ${pageOf('p.part')} and ctid < ${pageOf('(p.part + 1)')}`;
const isOnDay = (day: string) => sql`
  ${sql.ref(day)} >= to_timestamp(p.part * 86400)
    and ${sql.ref(day)} < to_timestamp((p.part + 1) * 86400)`;
const isOfPart = (day?: string) => (day === undefined ? isOnPages : isOnDay(day));

/** Two statements that sum up differently are told apart by all but what each run puts in. */
function codeOf(tx: Db, wanted: Wanted, server: string): string {
  const { sql: text, parameters } = selectTotals(wanted, []).compile(tx);
  const said = JSON.stringify([server, text, parameters.map(String)]);
  return createHash('sha256').update(said).digest('hex');
}

type SelectedTotals = SelectedSums & { part: bigint };

/** Selects sums over each of some parts by itself. */
function selectTotals(wanted: Wanted, parts: readonly Part[]): RawBuilder<SelectedTotals> {
  const { table, from, day } = tableOf(wanted);
  const rows = sql`(select * from ${sql.id('public', table)} where ${isOfPart(day)}) r`;
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

/** What parts of a table came to when they were read. */
async function readKnown(
  tx: Db,
  { table, code, salt, now, only }: PartsRun & { table: string; code: string },
): Promise<Map<bigint, KnownPart>> {
  const rows = await tx
    .selectFrom('verified_parts')
    .select(['part', 'files', 'row_count as rows'])
    .select(sql<bigint>`${ageOf(xidOf(sql`since`))}::bigint`.as('sinceAge'))
    .select(sql<StoredRow[]>`totals`.as('totals'))
    .where('relation', '=', table)
    .where('code', '=', code)
    .where('salt', '=', salt)
    .where(isFresh(now))
    .where(isNear)
    .$if(only !== undefined, (some) => some.where(sql<boolean>`part = any(${bigints(only ?? [])})`))
    .execute();
  return new Map(rows.map((row) => [row.part, { ...row, totals: row.totals.map(fromStored) }]));
}

/** Keeps what was read, in place of all that is not as it was; tells if that can't be. */
export async function keepParts(db: Db, run: PartsRun): Promise<void> {
  try {
    await inTransaction(db, async (tx) => {
      await sql`set local statement_timeout = 0`.execute(tx);
      await sql`set local lock_timeout = '5s'`.execute(tx);
      // Of two at a time the later one says what is known.
      await sql`lock table verified_parts in share row exclusive mode`.execute(tx);
      // All that is known has one salt, whoever else kept something meanwhile.
      if (run.only === undefined) await dropOtherSalts(tx, run);
      else if (await isOtherSalt(tx, run)) return;
      for (const table of run.tables) await keepTable(tx, table, run);
    });
  } catch (error) {
    if (run.onNotKept === undefined) throw error;
    run.onNotKept(error);
  }
}

async function dropOtherSalts(tx: Tx, { salt }: PartsRun): Promise<void> {
  await tx.deleteFrom('verified_parts').where('salt', '<>', salt).execute();
}

/** Beside parts with another salt, which came meanwhile, a few say nothing. */
async function isOtherSalt(tx: Tx, { salt }: PartsRun): Promise<boolean> {
  const known = await tx
    .selectFrom('verified_parts')
    .select('salt')
    .where('salt', '<>', salt)
    .limit(1)
    .executeTakeFirst();
  return known !== undefined;
}

async function keepTable(
  tx: Tx,
  { table, code, read, unchanged }: TableRun,
  { salt, since, now, only }: PartsRun,
): Promise<void> {
  const isAmong = (parts: readonly bigint[]) => sql<boolean>`part = any(${bigints(parts)})`;
  await tx
    .deleteFrom('verified_parts')
    .where('relation', '=', table)
    .$if(only !== undefined, (some) => some.where(isAmong(only ?? [])))
    .$if(unchanged.length > 0, (others) => others.where(sql<boolean>`not ${isAmong(unchanged)}`))
    .execute();
  for (let at = 0; at < read.length; at += partsPerInsert) {
    await sql`
      insert into verified_parts
        (relation, part, files, code, salt, since, row_count, totals, read_at)
      select ${table}, part, files, ${code}, ${salt}, ${since}, rows, totals, ${now}::timestamptz
      from json_to_recordset(${asJson(read.slice(at, at + partsPerInsert))}::text::json)
        as part (part bigint, files text, rows bigint, totals jsonb)
    `.execute(tx);
  }
}

/** As JSON has it, which knows no `bigint`. */
type StoredRow = { days: readonly (string | null)[]; sums: readonly (string | null)[] };

function asJson(value: unknown): string {
  return JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one));
}

function fromStored({ days, sums }: StoredRow): SumRow {
  const wholes = (values: readonly (string | null)[]) =>
    values.map((value) => (value === null ? null : BigInt(value)));
  return { days: wholes(days), sums: wholes(sums) };
}
