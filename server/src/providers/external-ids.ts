import { sql } from 'kysely';
import type { ProviderId } from '../base/index.ts';
import { isCluster, type Tx } from '../db/index.ts';

/** Any number, the same in every process; the second half of the lock is the provider. */
const externalIdsLock = 7_212_027;

/**
 * Lets one transaction at a time give ids of these providers to orders or refills, where no unique
 * index does: no shard of a cluster can keep them unique. Whoever holds it looks before it writes.
 * @returns whether there was a need to
 */
export async function lockExternalIds(tx: Tx, providerIds: Iterable<ProviderId>): Promise<boolean> {
  if (!isCluster(tx)) return false;
  for (const id of [...new Set(providerIds)].sort((a, b) => a - b)) {
    await sql`select pg_advisory_xact_lock(${externalIdsLock}::int, ${id}::int)`.execute(tx);
  }
  return true;
}
