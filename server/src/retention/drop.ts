import { type RawBuilder, sql } from 'kysely';
import { type Actor, AppError, formatActor, reach } from '../base/index.ts';
import { type Database, inTransaction, recordAudit, type Tx } from '../db/index.ts';
import { isRunning } from '../orders/index.ts';
import { limitLockWait } from './ahead.ts';
import type { Exported } from './export.ts';
import { keyOf, type Part } from './rules.ts';

/** A month that is gone: how many rows it had, and what of it stayed. */
export type Dropped = { rows: bigint; kept: bigint };

/**
 * Drops a part with all that says so, in one transaction. Rows of orders that still run, or wait
 * for staff, move to where rows without a month are; those that stayed there from earlier months go
 * with their order's last ones. So what is left of an order's events is whole, or its end.
 * @throws AppError `conflict` when it is not what was exported, or not empty as it was
 */
export async function dropPart(
  owner: Database,
  part: Part,
  input: { exported: Exported | undefined; isEmpty: boolean; actor: Actor; at: Date },
): Promise<Dropped> {
  const { exported, isEmpty, actor, at } = input;
  return inTransaction(owner.db, async (tx) => {
    await limitLockWait(tx);
    // Nobody writes into an old month. Until the last step only a clock that is wrong would wait.
    await sql`lock table ${sql.table(part.name)} in share mode`.execute(tx);
    const rows = await countRows(tx, part);
    const expected = exported?.rows ?? (isEmpty ? 0n : rows);
    if (rows !== expected) {
      throw new AppError('conflict', `${part.name} has ${rows} rows, and had ${expected} before`);
    }
    await stage(tx, part);
    const kept = await replace(tx, part);
    await tx
      .insertInto('archived_months')
      .values({
        history: part.history,
        from_time: part.from,
        until_time: part.until,
        row_count: rows,
        kept_count: kept,
        file: exported?.file ?? '',
        file_bytes: exported?.fileBytes ?? 0n,
        sha256: exported?.sha256 ?? '',
        dropped_at: at,
        dropped_by: formatActor(actor),
      })
      .execute();
    const before = {
      history: part.history,
      from: part.from?.toISOString() ?? null,
      to: part.until.toISOString(),
      rows: String(rows),
      kept: String(kept),
    };
    const after = { file: exported?.file ?? '' };
    const change = { subject: 'retention', before, after, at };
    await recordAudit(tx, { actor, action: 'retention.drop', ...change });
    await reach('retention.before_commit');
    return { rows, kept };
  });
}

async function countRows(tx: Tx, { name }: Part): Promise<bigint> {
  const found = await sql<{ rows: bigint }>`
    select count(*) as rows from ${sql.table(name)}`.execute(tx);
  return found.rows[0]?.rows ?? 0n;
}

/** The orders whose history is still needed, by indexes that hold no other. */
const needed = (until: Date): RawBuilder<unknown> => sql`
  select customer_id, id as order_id from orders
  where ${isRunning}
    and created_at < ${until}::timestamptz
  union select customer_id, order_id from deliveries where due_at is not null
  union select customer_id, order_id from deliveries where reason <> ''`;

/** Puts aside what stays, before anybody has to wait. */
async function stage(tx: Tx, part: Part): Promise<void> {
  const isOfOrders = part.history !== 'provider_calls';
  if (isOfOrders) {
    await sql`
      create temporary table needed_orders on commit drop as ${needed(part.until)}`.execute(tx);
  }
  await sql`
    create temporary table kept_rows on commit drop as
    ${isOfOrders ? sql`with ${neededOnce}` : sql``}
    select * from ${sql.table(part.name)} e
    where ${isOfOrders ? isOfNeeded : sql`false`}`.execute(tx);
}

/** In a cluster the temporary table is on the coordinator: this goes to every shard. */
const neededOnce = sql`needed as materialized (select customer_id, order_id from needed_orders)`;

const isOfNeeded = sql`exists (
  select from needed n where n.customer_id = e.customer_id and n.order_id = e.order_id)`;

/** @returns how many rows of the part stayed */
async function replace(tx: Tx, part: Part): Promise<bigint> {
  const [history, month] = [sql.table(part.history), sql.table(part.name)];
  const rest = sql.table(`${part.history}_rest`);
  await sql`alter table ${history} detach partition ${month}`.execute(tx);
  if (part.history !== 'provider_calls') {
    await sql`
      with ${neededOnce}
      delete from ${rest} e where e.created_at < ${part.until}::timestamptz
        and not ${isOfNeeded}`.execute(tx);
  }
  const always = keyOf(part.history).includes('id') ? sql`overriding system value` : sql``;
  const moved = await sql`
    insert into ${history} ${always} select * from kept_rows`.execute(tx);
  await sql`drop table ${month}`.execute(tx);
  return moved.numAffectedRows ?? 0n;
}
