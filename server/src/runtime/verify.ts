import { cancelChecks } from '../cancels/index.ts';
import { type Check, type CheckReport, type Db, runChecks } from '../db/index.ts';
import { ledgerChecks } from '../ledger/index.ts';
import { orderChecks } from '../orders/index.ts';
import { refillChecks } from '../refills/index.ts';

const allChecks: readonly Check[] = [
  ...ledgerChecks,
  ...orderChecks,
  ...refillChecks,
  ...cancelChecks,
];

/**
 * Checks every invariant of books and orders in one read-only snapshot, beside a working server.
 */
export function verify(db: Db): Promise<CheckReport> {
  return runChecks(db, allChecks);
}
