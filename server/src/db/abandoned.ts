import { sql } from 'kysely';
import type { Log } from '../base/index.ts';
import { applicationName, type Db, statementTimeoutMs } from './connect.ts';
import { inTransaction } from './transaction.ts';

const lookMs = 5_000;

/**
 * Ends, every few seconds, what paused processes have left open, so that their locks go back. Every
 * process does so: the one that is paused may be the only worker.
 * @returns stops it, after what is under way
 */
export function watchAbandoned(db: Db, log: Log): () => Promise<void> {
  let isStopped = false;
  let looking: Promise<void> = Promise.resolve();
  const look = () => {
    looking = endAbandoned(db)
      .then((ended) => {
        if (ended > 0) log.warn({ ended }, 'ended transactions of a process that stands still');
      })
      .catch((error: unknown) => log.error({ error }, 'looking for abandoned transactions'))
      .then(() => {
        if (!isStopped) timer = setTimeout(look, lookMs);
      });
  };
  let timer = setTimeout(look, lookMs);
  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await looking;
  };
}

/**
 * Ends sessions of this server in which a statement that has locked something waits for its client
 * for longer than a statement may take. A process that is paused within a statement leaves such a
 * one: postgres.js asks for a new statement's types before it binds it, and an answer may be longer
 * than a socket holds. PostgreSQL 15 and 16 end them by no time-out, neither that of statements
 * (not while they read or write) nor that of idle transactions (they are not idle).
 * @returns how many were ended
 */
export async function endAbandoned(
  db: Db,
  { afterMs = statementTimeoutMs }: { afterMs?: number } = {},
): Promise<number> {
  return inTransaction(db, async (tx) => {
    // The application's role sees and ends nothing; the one that signed in has its own sessions.
    await sql`set local role none`.execute(tx);
    const found = await sql<{ ended: number }>`
      select (count(*) filter (where pg_terminate_backend(pid)))::int as ended
      from pg_stat_activity
      where datname = current_database() and application_name = ${applicationName}
        and pid <> pg_backend_pid() and state = 'active' and wait_event_type = 'Client'
        and backend_xid is not null
        and state_change < clock_timestamp() - ${`${afterMs} ms`}::interval`.execute(tx);
    return found.rows[0]?.ended ?? 0;
  });
}
