/**
 * The panel as its operator sees it: what was changed by whom, what it runs on, whether all holds.
 * Invariant: nothing here changes anything.
 */
export { type AuditFilter, type AuditRow, listAudit } from './audit.ts';
export { readSystemFacts, type SystemFacts } from './facts.ts';
export { runVerify, verify } from './verify.ts';
