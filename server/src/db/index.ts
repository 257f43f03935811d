/**
 * PostgreSQL: the embedded server or an external one, connections, transactions, migrations.
 * Invariants: the server works as a role that cannot rewrite append-only tables; a database that
 * could forget a commit is refused; `inTransaction` is the only opener of transactions.
 */
export { watchAbandoned } from './abandoned.ts';
export { bigints, booleans, timestamps } from './arrays.ts';
export {
  type AuditAction,
  type AuditEntry,
  auditActions,
  recordAudit,
  recordAudits,
} from './audit.ts';
export {
  checkPart,
  type Part,
  type PartFinding,
  partStatement,
  planForParts,
} from './check-part.ts';
export {
  brokenRowsMax,
  type Check,
  type CheckOptions,
  type CheckReport,
  runChecks,
} from './checks.ts';
export {
  claimDueRows,
  isCluster,
  lockable,
  lockEach,
  onlyOf,
  onShardsOf,
  rowLock,
  takeTurn,
} from './cluster.ts';
export {
  applicationRole,
  checkDurability,
  connect,
  type Database,
  type DatabaseTarget,
  type Db,
  readConnectionsMax,
  type Tx,
} from './connect.ts';
export type { Ctx } from './context.ts';
export { distribute } from './distribute.ts';
export { type EmbeddedServer, startEmbedded } from './embedded/index.ts';
export { fingerprint, int4, int8, onto, text, uint31 } from './fingerprint.ts';
export { proveUnique } from './held.ts';
export { allKnown, rowsByKey } from './known-rows.ts';
export { type Change, type ChangeListener, listenForChanges } from './listen.ts';
export { advisoryLocks } from './locks.ts';
export { isSpread, migrate } from './migrate.ts';
export { holdMonths } from './months.ts';
export { notifyChange } from './notify.ts';
export { type OpenedTarget, openTarget } from './open-target.ts';
export { readAhead } from './parts-ahead.ts';
export { putIn } from './put-in.ts';
export {
  isDispatchHalted,
  mayDispatch,
  type Restore,
  readLastRestore,
  restoredReason,
} from './restores.ts';
export { beginRun, type Runs } from './runs.ts';
export type { Json, Schema } from './schema.gen.ts';
export { inBoth, inSnapshot } from './snapshot.ts';
export {
  byEnd,
  changedStatus,
  customerKey,
  endOf,
  ends,
  everyAttempt,
  everyChange,
  everyDelivery,
  everyOrder,
  everyTransfer,
  keyOf,
  onlyCharges,
  orderKey,
  usualTransfers,
} from './sources.ts';
export { createStorageWatch, type StorageWatch } from './storage.ts';
export {
  asColumns,
  countOf,
  midnight,
  onDay,
  type Proof,
  prove,
  proveAll,
  proveNone,
  proveWhere,
  type Source,
  type Sum,
  sumOf,
  type Total,
  withColumns,
} from './sums.ts';
export { tableKinds } from './table-kinds.ts';
export {
  constraintName,
  inTransaction,
  isConnectionLost,
  isLockBusy,
  sqlState,
} from './transaction.ts';
