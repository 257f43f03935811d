import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from 'kysely';
import type { CustomerId } from '../base/index.ts';
import { restoredReason } from '../db/index.ts';
import { doubtDeliveries } from '../orders/index.ts';
import { type OwnerTx, readSequences } from './tables.ts';

/** What a restore made of what its backup held. */
export type Aftermath = {
  /** Deliveries that may have been sent since the backup, so that nobody knows of them now. */
  doubted: number;
  /** The same of refills and cancellations. */
  doubtedRequests: number;
  /** How far every sequence was moved on, by the size of its numbers. */
  numbersSkipped: { small: number; large: number };
};

/**
 * Numbers that customers saw after the backup must not be given to anything else: an order number
 * in a customer's books would then be another order. More than this is not handed out within any
 * time that a backup is useful for; 2^53 and 2^31 are far away all the same.
 */
const numbersSkipped = { small: 10_000, large: 10_000_000 };

/**
 * Makes of loaded rows what may be said of them now, which is less than the backup says: the panel
 * it was taken of went on. What was due or under way is unknown, and only staff resolve it. What
 * waited in the outbox was mailed. Whoever was signed in signs in again, as sessions may have been
 * ended since. Providers' balances are old, and no evidence any more.
 */
export async function settleAftermath(
  tx: OwnerTx,
  input: { backupAt: Date; at: Date; isCluster: boolean },
): Promise<Aftermath> {
  await skipNumbers(tx);
  const since = sql`${input.backupAt.toISOString()}::timestamptz`;
  const at = sql`${input.at.toISOString()}::timestamptz`;
  // What was under way first: what is due gets an attempt that is unknown from the start.
  const [sending] = await run(tx, sendingIsUnknown(at));
  let doubted = sending?.count ?? 0;
  for (const only of input.isCluster ? await readWaiting(tx) : [undefined]) {
    const which = sql<boolean>`true`;
    const [due] = await run(tx, doubtDeliveries({ which, since, at, only }));
    doubted += due?.count ?? 0;
  }
  const [refills] = await run(tx, refillsAreUnknown);
  const [cancels] = await run(tx, cancelsAreForStaff);
  for (const statement of [mailsAreGivenUp(at), ...plainStatements]) await run(tx, statement);
  await run(
    tx,
    sql`insert into restores (backup_at, restored_at, doubted)
      values (${since}, ${at}, ${doubted})`,
  );
  const doubtedRequests = (refills?.count ?? 0) + (cancels?.count ?? 0);
  return { doubted, doubtedRequests, numbersSkipped };
}

const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: () => {
      throw new Error('it only compiles');
    },
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

async function run<T>(tx: OwnerTx, statement: RawBuilder<T>): Promise<T[]> {
  const { sql: text, parameters } = statement.compile(compiler);
  const rows = await tx.unsafe(text, parameters as string[]); // all that is passed on is text
  return [...rows] as unknown as T[]; // as each statement says of itself
}

async function skipNumbers(tx: OwnerTx): Promise<void> {
  for (const { name, value, isLarge } of await readSequences(tx)) {
    const skipped = isLarge ? numbersSkipped.large : numbersSkipped.small;
    const last = (value ?? 0n) + BigInt(skipped);
    await tx`select setval(quote_ident(${name})::regclass, ${last}::bigint)`;
  }
}

/** Whose deliveries may be in doubt: in a cluster a statement locks one customer's rows only. */
async function readWaiting(tx: OwnerTx): Promise<CustomerId[]> {
  const rows = await tx<{ id: CustomerId }[]>`
    select distinct customer_id as id from deliveries
    where state in ('due', 'held') and external_id is null order by customer_id`;
  return rows.map(({ id }) => id);
}

/** Attempts under way, and those that were looked into: an answer may have come since. */
function sendingIsUnknown(at: RawBuilder<unknown>): RawBuilder<{ count: number }> {
  return sql`
    with lost as (
      update attempts set state = 'unknown', reason = ${restoredReason}, asked_until = null,
        ended_at = coalesce(ended_at, ${at})
      where state = 'sending' or (state = 'unknown' and resolved_by is null)
    ), unknown as (
      update deliveries set state = 'unknown', due_at = ${at}, failures = 0
      where state in ('sending', 'unknown')
      returning order_id
    )
    select count(*)::int as count from unknown`;
}

const refillsAreUnknown: RawBuilder<{ count: number }> = sql`
  with unknown as (
    update refills r set delivery = 'unknown', provider_id = d.provider_id, due_at = null,
      note = ${`unknown: ${restoredReason}`}
    from deliveries d
    where d.customer_id = r.customer_id and d.order_id = r.order_id and d.external_id is not null
      and r.delivery in ('due', 'sending', 'manual') and r.external_id is null
      and r.status in ('Pending', 'In progress')
    returning r.id
  )
  select count(*)::int as count from unknown`;

const cancelsAreForStaff: RawBuilder<{ count: number }> = sql`
  with unknown as (
    update cancels set delivery = 'manual', due_at = null, note = ${`unknown: ${restoredReason}`}
    where delivery in ('due', 'sending') returning order_id
  )
  select count(*)::int as count from unknown`;

function mailsAreGivenUp(at: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    update mails set due_at = null, given_up_at = ${at}, details = '{}', link_sealed = null,
      last_error = 'it waited in a backup, and may have been sent since'
    where due_at is not null`;
}

const plainStatements: readonly RawBuilder<unknown>[] = [
  sql`delete from notices`,
  // Told before, maybe, and what lasts begins anew for whoever is told now.
  sql`delete from alarm_calls`,
  sql`delete from alarms where ended_at is null`,
  // Of rows in other files.
  sql`delete from verified_parts`,
  // The very one that this came out of, and others of that time.
  sql`delete from backups`,
  sql`delete from user_sessions`,
  sql`delete from user_verifications`,
  // Of one that has no funds, the balance says when it has some again.
  sql`update providers set balance = null, balance_at = null
    where paused_by is distinct from 'funds'`,
];
