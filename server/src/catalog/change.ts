import { type Db, inTransaction, type Tx, takeTurn } from '../db/index.ts';

/**
 * A transaction that changes the catalog or the settings. In a cluster one goes on at a time: there
 * a lock of one service is a lock of all, and of what they refer to, and is taken step by step, so
 * that two of them would wait for each other.
 */
export function changeCatalog<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(db, async (tx) => {
    await takeTurn(tx, ['services', 0]);
    return work(tx);
  });
}
