/**
 * Delivery by upstream panels: orders are sent, reconciled, followed.
 * Invariants: an attempt is written and committed before it is sent, and sent once; what may have
 * arrived is never sent again and never refunded but by staff; an attempt is decided once, whoever
 * comes late; a provider's order belongs to one attempt; every order is final, due, or waits for
 * staff under a named reason; all reports are decided by `decideReports`.
 */

export { acknowledgeDelivery } from './acknowledge.ts';
export { actOnOrders, type BulkAct, type BulkOutcome } from './bulk.ts';
export { claimDue, type Intent } from './claim.ts';
export { type DeliveryDecision, decideDelivery } from './decide.ts';
export {
  type DispatchCheck,
  type DispatchState,
  judgeDispatch,
  readDispatchState,
} from './dispatch.ts';
export {
  type Brake,
  batchLimit,
  type ForwardCtx,
  forwardDue,
  inFlightMax,
  sendIntent,
} from './forward.ts';
export { expireLeases } from './lease.ts';
export { type ProviderLoad, readProviderLoads } from './load.ts';
export { type PollCtx, pollDue } from './poll.ts';
export { calibrateProvider } from './probe.ts';
export {
  type DeliveryState,
  type DeliveryStep,
  listWaiting,
  readDelivery,
  readDeliverySteps,
  type WaitingOrder,
} from './queries.ts';
export { createDeliveryQueues } from './queues.ts';
export { reconcileDue } from './reconcile.ts';
export { createRecorder, type Recorder } from './record.ts';
export { rerouteDue } from './reroute.ts';
export { takesOrders } from './rules.ts';
export { sendBy } from './send-by.ts';
export { listStaffOrders, type StaffOrder, type StaffOrderFilter } from './staff-list.ts';
export {
  readOrderCost,
  readSendRoutes,
  readStaffAttempts,
  readStaffDelivery,
  type StaffAttempt,
  type StaffDelivery,
  type StaffSendRoute,
} from './staff-order.ts';
export {
  type DeliveryQueue,
  listQueue,
  type QueueCursor,
  type QueuedOrder,
} from './staff-queue.ts';
export {
  type CustomerEntry,
  type CustomerTimeline,
  countArchived,
  readCustomerTimeline,
  readStaffTimeline,
  type TimelineEntry,
} from './timeline.ts';
export { deliveryChecks } from './verify.ts';
export { countWaiting, type WaitingCounts } from './waiting.ts';
