import { AppError } from '../base/index.ts';
import type { Db, Tx } from './connect.ts';

const attemptsMax = 3;
/** Serialisation failure and deadlock: the whole transaction was rolled back and may run again. */
const retryableCodes = new Set(['40001', '40P01']);

/**
 * The only opener of transactions: READ COMMITTED, committed when `work` resolves, rolled back when
 * it throws. A deadlock or serialisation failure runs `work` again, three times in all; so `work`
 * touches nothing but the database.
 */
export async function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt >= attemptsMax || !retryableCodes.has(sqlState(error))) throw error;
    }
  }
}

/** The SQLSTATE of a database error, or an empty string for any other error. */
export function sqlState(error: unknown): string {
  return property(error, 'code');
}

/** Whether a statement gave up waiting for a lock, as its transaction had set. */
export function isLockBusy(error: unknown): boolean {
  return sqlState(error) === '55P03';
}

/** The constraint a database error names, to map it to a refusal; empty for any other error. */
export function constraintName(error: unknown): string {
  // What another node of a cluster refuses is told without the name, but by words that have it.
  const told = /^23/.test(sqlState(error)) ? property(error, 'message') : '';
  const name = property(error, 'constraint_name') || / constraint "([^"]+)"/.exec(told)?.[1] || '';
  // In a cluster it is a shard's, whose number stands at the end.
  return name.replace(/_\d{6,}$/, '');
}

/**
 * Whether an error says that the connection broke, so that a commit under way may have arrived. The
 * server's own refusals don't, but for those with which it ends a session; nor does a bug of ours,
 * which has no code.
 */
export function isConnectionLost(error: unknown): boolean {
  const state = sqlState(error);
  if (error instanceof Error && error.name === 'PostgresError') {
    return state.startsWith('08') || state.startsWith('57P');
  }
  return state !== '' && !(error instanceof AppError);
}

function property(error: unknown, name: string): string {
  if (!(error instanceof Error)) return '';
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
}
