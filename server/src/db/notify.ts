import { sql } from 'kysely';
import type { Tx } from './connect.ts';
import { type Change, changeChannel, formatChange } from './listen.ts';

/** Announces a change to every process the moment this transaction commits. */
export async function notifyChange(tx: Tx, change: Change): Promise<void> {
  await sql`select pg_notify(${changeChannel}, ${formatChange(change)})`.execute(tx);
}
