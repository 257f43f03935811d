import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { fakeClock, secondMs } from '../src/base/index.ts';
import {
  type Check,
  connect,
  countOf,
  runChecks,
  type Source,
  sumOf,
  type Total,
  type Tx,
} from '../src/db/index.ts';
import { until } from './delivery/processes.ts';
import { cloneDatabase, dropDatabase } from './harness.ts';

/** A table of which verification knows parts, in a database of its own. */
export type Notes = Awaited<ReturnType<typeof openNotes>>;

/** Two rows on a page, so three parts. */
export const notesMade = 10_000;

/** Opens a database with notes. */
export async function openNotes() {
  const url = await cloneDatabase();
  const owner = connect({ url }, { connectionsMax: 1, asOwner: true });
  const reader = connect({ url }, { connectionsMax: 2 });
  await owner.sql.unsafe(`
    create table notes (id integer primary key, day timestamptz, amount bigint, filler text);
    alter table notes alter column filler set storage plain;
    create index notes_day on notes (day);
    grant select on notes to panelwright_app;`);
  const notes = { url, owner, reader, clock: fakeClock(new Date('2031-01-01T00:00:00Z')) };
  await fillNotes(notes, notesMade);
  const close = async () => {
    await Promise.all([owner.close(), reader.close()]);
    await dropDatabase(url);
  };
  return { ...notes, close };
}

/** Writes notes of some days, one a minute. */
export async function fillNotes({ owner }: Pick<Notes, 'owner'>, count: number): Promise<void> {
  await owner.sql`
    insert into notes
      select n, date_bin('1 day', '2026-01-01Z'::timestamptz + n * interval '1 minute',
        '2000-01-01Z'), n, repeat('x', 3500)
      from generate_series(1, ${count}::int) n`;
}

const from = (some = sql`notes`) => some;
export const everyNote: Source = {
  from: from(),
  days: [sql`day`],
  rowsOf: { table: 'notes', from },
};
/** Of each day whether its notes are less than a number: no sum over single rows. */
const byDays = (some = sql`notes`) => sql`(
  select day, (count(*) < 1000)::int as is_few, sum(amount) as amount from ${some} group by day) d`;
export const everyDay: Source = {
  from: byDays(),
  days: [sql`day`],
  rowsOf: { table: 'notes', from: byDays, day: 'day' },
};

/** Asks sums over a source, in all and by days; `factor` makes other statements of them. */
export function checkNotes(of: Source, factor = 1, tell = (_: readonly Total[]) => {}): Check {
  const value = of === everyDay ? sql`sum(is_few)` : sql`count(*)`;
  const sums = [sumOf(of, sql`sum(amount * ${sql.lit(factor)})`), sumOf(of, value)];
  const holds = (totals: readonly Total[]) => {
    tell(totals);
    return true;
  };
  const broken = sql<never>`select null as subject, null as detail where false`;
  const check = { invariant: 'I0', name: 'notes', count: countOf(of), proof: { sums, holds } };
  return { ...check, broken };
}

export type PartsAsked = {
  now: Date;
  isWhole: boolean;
  onNotKept?: (error: unknown) => void;
  /** The transaction that asks, if one does. */
  tx?: Tx;
};

/** What sums over a source come to. */
export async function readAmounts(
  { reader }: Pick<Notes, 'reader'>,
  { of, parts, factor }: { of: Source; parts?: PartsAsked; factor?: number },
): Promise<readonly Total[]> {
  let told: readonly Total[] = [];
  const check = checkNotes(of, factor, (totals) => {
    told = totals;
  });
  await runChecks(parts?.tx ?? reader.db, [check], parts === undefined ? {} : { parts });
  return told;
}

/** When what is kept was read; a moment of its own for each run. */
export async function readMoments(
  { owner }: Pick<Notes, 'owner'>,
  table = 'notes',
): Promise<Map<bigint, number>> {
  const parts = owner.db.selectFrom('verified_parts').where('relation', '=', table);
  const kept = await parts.select(['part', 'read_at']).execute();
  return new Map(kept.map(({ part, read_at }) => [part, read_at.getTime()]));
}

/**
 * Every stretch of the file; rows that went away take their place in it as long as somebody else
 * may see them, and PostgreSQL itself looks at a table when it likes.
 */
export async function everyPart({ owner }: Pick<Notes, 'owner'>): Promise<bigint[]> {
  const [file] = await owner.sql<[{ size: bigint }]>`select pg_relation_size('notes') as size`;
  const count = Math.ceil(Number(file.size) / (2_048 * 8_192));
  return Array.from({ length: count }, (_, part) => BigInt(part));
}

/** Waits until no transaction from before now is under way, in any database of the server. */
export async function untilAllIsOver({ sql: query }: Notes['owner']): Promise<void> {
  const [{ next }] = await query<[{ next: bigint }]>`
    select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next`;
  await until('transactions of before are over', async () => {
    const [row] = await query`
      select pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= ${next}::bigint as is_so`;
    return row?.is_so === true;
  });
}

export type PartsRead = { of?: Source; isWhole?: boolean; factor?: number; isUnderWay?: boolean };

/** Which parts a run reads; what it comes to is what a run that keeps nothing comes to. */
export async function partsRead(notes: Notes, options: PartsRead = {}): Promise<bigint[]> {
  const { of = everyNote, isWhole = false, factor = 1, isUnderWay = false } = options;
  if (!isUnderWay) await untilAllIsOver(notes.owner);
  notes.clock.advance(secondMs);
  const now = notes.clock.now();
  const amounts = await readAmounts(notes, { of, parts: { now, isWhole }, factor });
  assert.deepEqual(amounts, await readAmounts(notes, { of, factor }));
  return readAt(notes, { now, of });
}

/** Which parts were read at a moment. */
export async function readAt(
  notes: Pick<Notes, 'owner'>,
  { now, of = everyNote }: { now: Date; of?: Source },
): Promise<bigint[]> {
  const moments = await readMoments(notes, of.rowsOf?.table);
  return [...moments.keys()].filter((part) => moments.get(part) === now.getTime()).sort();
}
