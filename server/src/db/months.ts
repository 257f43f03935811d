import { sql } from 'kysely';
import type { Db } from './connect.ts';

/**
 * Keeps every month of history where it is until the transaction ends. First of all in it: a
 * dropped table is gone from older snapshots, too, so that what reads a snapshot would miss its
 * rows without knowing why. This takes no snapshot yet.
 */
export async function holdMonths(tx: Db): Promise<void> {
  await sql`lock table order_events, delivery_events in access share mode`.execute(tx);
}
