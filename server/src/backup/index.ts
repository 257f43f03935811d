/**
 * The whole database in one file, and back.
 * Invariants: a backup is one snapshot, taken beside a working server; a file stands under its name
 * only when it is whole; a restore writes everything or nothing, and only into an empty database of
 * the same schema; a backup that is made by itself was read again before an older one goes.
 */
export { checkBackup } from './check.ts';
export { createBackup } from './create.ts';
export { readHeader, restoreBackup } from './restore.ts';
export {
  type BackupPlan,
  backUpIfDue,
  endBackups,
  judgeBackup,
  readLastBackup,
} from './schedule.ts';
