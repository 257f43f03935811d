/**
 * What every module stands on: money, ids, errors, time, the log. Knows no domain and no database.
 * Invariant: an amount is a bigint count of 10⁻⁸, a rate of 10⁻⁵; neither is ever a `number`.
 */
export {
  type Actor,
  formatActor,
  type StaffAccess,
  type StaffArea,
  staffAreas,
} from './actor.ts';
export { assert, assertNever } from './assert.ts';
export { type Batcher, type BatcherOptions, createBatcher, runApart } from './batcher.ts';
export { createBusyPoll } from './busy-poll.ts';
export {
  type Clock,
  dayMs,
  fakeClock,
  formatLastDay,
  hourMs,
  minuteMs,
  scatterMs,
  secondMs,
  systemClock,
  waitBy,
} from './clock.ts';
export { AppError, type ErrorCode } from './errors.ts';
export { type FailpointName, reach, setFailpoint } from './failpoints.ts';
export {
  type CategoryId,
  type CustomerId,
  int32Max,
  type KeyId,
  type OrderId,
  type PaymentId,
  type PaymentMethodId,
  type ProviderId,
  parseId,
  parseIdNumber,
  parseSmallId,
  parseWhole,
  type RefillId,
  type ServiceId,
  type StaffId,
} from './ids.ts';
export { createLog, type Log, silentLog } from './log.ts';
export {
  type Amount,
  adjustRate,
  amount,
  chargeFor,
  chargeForPackage,
  convertCost,
  discountRate,
  formatAmount,
  formatRate,
  int8Max,
  type Markup,
  parseAmount,
  parseCost,
  parseRate,
  type Rate,
  rate,
  rateMax,
  rateStepMin,
  resaleRate,
  showAmount,
  zero,
} from './money.ts';
export { giveToOwner } from './ownership.ts';
export type { Peers } from './peers.ts';
export { createRateLimiter, type Limits, type RateLimiter } from './rate-limit.ts';
export { openSealed, type SealPlace, sealText } from './seal.ts';
export { isPlainJson, isStorable } from './text.ts';
export { createSum, removePartials, writePacked, writeWhole } from './whole-file.ts';
