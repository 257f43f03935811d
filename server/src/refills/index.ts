/**
 * Refills: a customer asks for lost delivery to be made good, staff decide.
 * Invariants: an order has at most one open refill, under any concurrency; a decided refill stays.
 */
export { decideRefill } from './decide.ts';
export { listOpenRefills, type OpenRefill, readRefillStatuses, refillChecks } from './queries.ts';
export { type RefillOutcome, type RefillStatus, requestRefills } from './request.ts';
