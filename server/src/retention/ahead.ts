import { sql } from 'kysely';
import { type Db, inTransaction, isCluster, type Tx } from '../db/index.ts';
import { readDroppedUntil, readParts } from './parts.ts';
import {
  covers,
  type History,
  histories,
  keyOf,
  missingMonths,
  nameOfMonth,
  startOfMonth,
  timeOf,
} from './rules.ts';

/** Rows of so many months without a table are looked after at a time. */
const strayMonthsMax = 24;

/**
 * Creates the tables of this month and the next ones where they are missing, and of months whose
 * rows have none because no worker ran; those move there.
 * Their names are added to the list.
 */
export async function addMonths(
  owner: Db,
  { now, added }: { now: Date; added: string[] },
): Promise<void> {
  const parts = await readParts(owner);
  for (const history of histories) {
    const own = parts.filter((part) => part.history === history);
    const strays = (await readStrayMonths(owner, history)).filter(
      (month) => !own.some((part) => covers(part, month)),
    );
    const months = new Set([...missingMonths(own, now), ...strays].map(Number));
    for (const month of [...months].sort((one, other) => one - other)) {
      const name = await inTransaction(owner, (tx) => addMonth(tx, history, new Date(month)));
      if (isCluster(owner)) await freeLocalRows(owner, name, history);
      added.push(name);
    }
  }
}

/** Rows that moved to a month were copied from it to its shards: here none reads them any more. */
async function freeLocalRows(owner: Db, name: string, history: History): Promise<void> {
  if (history === 'provider_calls') return;
  await sql`select truncate_local_data_after_distributing_table(${name})`.execute(owner);
}

/** The months of rows that have none; what stayed of dropped months has none for good. */
async function readStrayMonths(owner: Db, history: History): Promise<Date[]> {
  const since = await readDroppedUntil(owner, history);
  const time = sql.ref(timeOf(history));
  const found = await sql<{ month: Date }>`
    select distinct date_trunc('month', ${time}, 'UTC') as month
    from ${sql.table(`${history}_rest`)}
    where ${time} >= coalesce(${since}::timestamptz, '-infinity')
    order by month limit ${strayMonthsMax}`.execute(owner);
  return found.rows.map(({ month }) => month);
}

/**
 * Attached and not created in its place, which would wait for all who use the table. Who writes
 * what has no month waits; nobody does, unless the months have run out.
 */
async function addMonth(tx: Tx, history: History, from: Date): Promise<string> {
  const until = startOfMonth(from, 1);
  const name = nameOfMonth(history, from);
  const [month, rest] = [sql.table(name), sql.table(`${history}_rest`)];
  const time = sql.ref(timeOf(history));
  const key = sql.join(keyOf(history).map((column) => sql.ref(column)));
  await limitLockWait(tx);
  await sql`
    create table ${month} (like ${sql.table(history)} including defaults including constraints,
      primary key (${key}))`.execute(tx);
  await sql`lock table ${rest} in share row exclusive mode`.execute(tx);
  await sql`
    with moved as (
      delete from ${rest} where ${time} >= ${from}::timestamptz and ${time} < ${until}::timestamptz
      returning *
    )
    insert into ${month} select * from moved`.execute(tx);
  await sql`
    alter table ${sql.table(history)} attach partition ${month}
    for values from (${sql.lit(from.toISOString())}) to (${sql.lit(until.toISOString())})`.execute(
    tx,
  );
  return name;
}

const lockTimeout = '2s';

/**
 * Who waits for a whole table holds up all who come after, so nobody waits long; it is tried again
 * at the next look.
 */
export async function limitLockWait(tx: Tx): Promise<void> {
  await sql.raw(`set local lock_timeout = '${lockTimeout}'`).execute(tx);
}
