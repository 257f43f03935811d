/**
 * Cancel requests: a customer asks; the panel cancels what was not sent, the order's provider what
 * it has, staff the rest; the settlement refunds.
 * Invariants: an order has one request, which staff alone may repeat; asking a provider moves no
 * money, only the settlement does; what may be at a provider is never cancelled by the panel;
 * every request is decided, due, or staff's.
 */
export { type CancelDecision, decideCancel } from './decide.ts';
export { expireCancels, forwardCancels } from './forward.ts';
export { requestCancelFor } from './on-behalf.ts';
export { cancelParent } from './parent.ts';
export { listOpenCancels, type OpenCancel } from './queries.ts';
export { type CancelView, readCancel, readCancels } from './refuse.ts';
export { type CancelOutcome, requestCancels } from './request.ts';
export { closeCancels, resolveCancels } from './resolve.ts';
export {
  type CancelCursor,
  listWaitingCancels,
  readStaffCancel,
  type StaffCancel,
  type WaitingCancel,
} from './staff-queries.ts';
export { cancelChecks } from './verify.ts';
