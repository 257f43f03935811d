/**
 * Orders: types and parameters, placing, settling, drip-feeds, subscriptions.
 * Invariants: an order is stored and charged in one transaction, exactly once per request_id; its
 * price follows from the catalog alone; `settleOrders` is the only way its status, start count,
 * remains or refund change, with an event each; refunds equal charge·undelivered/quantity; a
 * drip-feed run is created once.
 */

export { isOfLink, ordersOfLink } from './by-link.ts';
export { type OrderDetail, readOrder } from './detail.ts';
export { doubtDeliveries } from './doubt.ts';
export type { OrderDraft, Subscription } from './draft.ts';
export { type Fields, linkLengthMax, requestIdLengthMax } from './fields.ts';
export { markDelivered } from './insert.ts';
export { listOrders, type OrderFilter, type OrderRow } from './list.ts';
export {
  checkMassOrder,
  massLinesMax,
  type PlacedLine,
  placeMassOrder,
} from './mass.ts';
export { readOwner } from './owner.ts';
export { setPaused, stopParent } from './parents.ts';
export { createPlacement, type OrdersCtx, type Placement, placeOrder } from './place.ts';
export {
  isRunning,
  type OrderEventView,
  type OrderKey,
  type OrderView,
  readTimeline,
} from './queries.ts';
export { createOrderReader, type OrderReader } from './reader.ts';
export { isFinal, type OrderStatus, type Report } from './rules.ts';
export { createDueRuns } from './runs.ts';
export {
  applyReports,
  decideReports,
  type OrderReport,
  type SettleOutcome,
  settleOrder,
  settleOrders,
  writeReports,
} from './settle.ts';
export { type LockedOrder, lockOrders, raiseVersions } from './settle-rows.ts';
export {
  announcePost,
  createDuePosts,
  endSubscription,
  expireSubscriptions,
  recordPost,
} from './subscriptions.ts';
export {
  type FieldKind,
  type FieldName,
  type OrderType,
  orderFields,
  orderTypeOf,
  orderTypes,
} from './types.ts';
export { notReopened, onlyStaffReopen, orderChecks } from './verify.ts';
export { charges, everyReturn, refunds, refundsAtEnd } from './verify-money.ts';
