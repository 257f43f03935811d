/**
 * The panel as its operator sees it: what was changed by whom, what it runs on, whether all holds.
 * Invariant: nothing here changes orders, books or settings.
 */
export { type AuditFilter, type AuditRow, listAudit, listAuditWords } from './audit.ts';
export { confirmRestore } from './confirm-restore.ts';
export { readSystemFacts, type SystemFacts } from './facts.ts';
export { retryMails, testMail } from './mails.ts';
export { customerChecks, partsKnown, runVerify, verify } from './verify.ts';
export { readVerifyAhead } from './verify-ahead.ts';
export { verifyChanges, verifyUntilCurrent } from './verify-changes.ts';
export { readVerifyRuns, startVerify, type VerifyRun } from './verify-runs.ts';
