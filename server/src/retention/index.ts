/**
 * History by months: created ahead, and dropped or moved to files by the operator's policy.
 * Invariants: an insert always finds a month; months go oldest first, whole, and in one transaction
 * with the note and audit row of it; what is to be exported is on disk and was read again before;
 * what belongs to an order that still runs stays; money never rests on what can go.
 */
export { applyRetention, type RetentionPlan, type RetentionRun } from './apply.ts';
export { type Policy, readPolicy, updatePolicy } from './policy.ts';
export { type Retention, readRetention } from './report.ts';
export type { History, MonthState } from './rules.ts';
