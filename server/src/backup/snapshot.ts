import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../base/index.ts';
import { isLockBusy, sqlState, tableKinds } from '../db/index.ts';
import { lockTables, type OwnerTx, ownerTransaction, type Place, type Table } from './tables.ts';

/**
 * Who waits for a whole table holds up all who come after, so nobody waits long: less than it takes
 * the database to see that two wait for each other, and to end one of them.
 */
const lockTimeout = '100ms';
const attemptsMax = 120;
const pauseMs = 250;
const deadlock = '40P01';

/** First those that placing an order locks, in its order: seldom do two wait in a ring. */
const lockedFirst = ['transfers', 'wallets', 'orders', 'deliveries'];
const spread = Object.entries(tableKinds).flatMap(([name, { kind }]) =>
  kind === 'distributed' ? name : [],
);
const lockOrder = [...new Set([...lockedFirst, ...spread])].join(', ');

type Wanted = Place & { tables: readonly Table[]; signal?: AbortSignal | undefined };

/**
 * Locks all tables for a transaction that reads a snapshot, which its next statement takes. In a
 * cluster each node takes one of its own when it is first asked, be it for a lock: nobody writes
 * to what is spread over them while all of them are. What is written to the rest alone is in the
 * coordinator's snapshot or is not.
 * @throws AppError `conflict` when others write without a pause, or a deadlock has ended `tx`; an
 *   AbortError by the signal
 */
export async function lockForSnapshot(
  tx: OwnerTx,
  { tables, signal, ...place }: Wanted,
): Promise<void> {
  if (!place.isCluster) return lockTables(tx, tables, 'access share');
  // Another connection to the same node would see another moment.
  await tx`set local citus.max_adaptive_executor_pool_size to 1`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ownerTransaction({ ...place, mode: 'read write' }, async (other) => {
        await other.unsafe(`set local lock_timeout = '${lockTimeout}'`);
        await other.unsafe(`lock table ${lockOrder} in share mode`);
        await takeEveryNode(tx, tables);
      });
    } catch (error) {
      if (!isRetried(error)) throw error;
      if (attempt >= attemptsMax) throw noMoment(error);
      await pause(pauseMs, undefined, { signal });
    }
  }
}

/** Its transaction takes no second try: an error has ended it. */
async function takeEveryNode(tx: OwnerTx, tables: readonly Table[]): Promise<void> {
  try {
    await lockTables(tx, tables, 'access share');
    // Every node that has rows of customers has some of this table's shards.
    await tx`select true from wallets limit 1`;
  } catch (error) {
    throw isRetried(error) ? noMoment(error) : error;
  }
}

function isRetried(error: unknown): boolean {
  return isLockBusy(error) || sqlState(error) === deadlock;
}

function noMoment(cause: unknown): AppError {
  const why = 'no moment was found at which nobody writes; run the backup again';
  return new AppError('conflict', why, { cause });
}
