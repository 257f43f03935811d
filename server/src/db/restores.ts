import { type RawBuilder, sql } from 'kysely';
import type { Db } from './connect.ts';

/** That this database came out of a backup, and whether staff have seen to it. */
export type Restore = {
  backupAt: Date;
  restoredAt: Date;
  /** Deliveries of which nobody knows whether they were sent after the backup. */
  doubted: number;
  confirmedAt: Date | null;
  confirmedBy: string | null;
};

/** The reason of an attempt that a panel may have made after the backup it was restored from. */
export const restoredReason = 'restored';

/**
 * Whether anything may go out to providers. Every statement that takes what is due asks it, so that
 * a process which has not heard of a restore sends nothing either.
 */
export const mayDispatch: RawBuilder<boolean> = sql`
  not exists (select from restores where confirmed_at is null)`;

/** Whether nothing goes out to providers, until staff confirm a restore. */
export async function isDispatchHalted(db: Db): Promise<boolean> {
  const found = await sql<{ may: boolean }>`select ${mayDispatch} as may`.execute(db);
  return found.rows[0]?.may !== true;
}

/** The last restore; undefined for a database that never came out of a backup. */
export async function readLastRestore(db: Db): Promise<Restore | undefined> {
  return db
    .selectFrom('restores')
    .select(['backup_at as backupAt', 'restored_at as restoredAt', 'doubted'])
    .select(['confirmed_at as confirmedAt', 'confirmed_by as confirmedBy'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}
