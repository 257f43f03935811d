/**
 * Refills: a customer asks for lost delivery to be made good, the order's provider does it, or
 * staff do.
 * Invariants: an order has at most one open refill, under any concurrency; a decided refill stays;
 * a refill is asked for upstream once, and what may have arrived there is asked for again by staff
 * only; a provider's refill belongs to one refill; every refill is decided, due, or staff's.
 */
export { decideRefill, sendRefill } from './decide.ts';
export { followRefills } from './follow.ts';
export { expireRefills, forwardRefills } from './forward.ts';
export { requestRefillFor } from './on-behalf.ts';
export {
  listOpenRefills,
  listRefills,
  type OpenRefill,
  type RefillRow,
  readRefillStatuses,
} from './queries.ts';
export { findRefillRefusal, findRefillRefusals } from './refuse.ts';
export { type RefillOutcome, requestRefills } from './request.ts';
export type { RefillStatus } from './rules.ts';
export { listWaitingRefills, readStaffRefills, type StaffRefill } from './staff-queries.ts';
export { refillChecks } from './verify.ts';
