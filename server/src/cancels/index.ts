/**
 * Cancel requests: a customer asks, staff decide, the settlement refunds.
 * Invariants: one request per order ever; asking moves no money, only the settlement does.
 */
export { type CancelDecision, cancelParent, decideCancel } from './decide.ts';
export { cancelChecks, listOpenCancels, type OpenCancel } from './queries.ts';
export { type CancelOutcome, requestCancels } from './request.ts';
