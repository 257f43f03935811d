/**
 * Money that comes in from outside, and what goes back; balances that staff adjust.
 * Invariants: a payment credits its amount less fee plus bonus exactly once, however often and in
 * whatever order its gateway reports; only what was started, in amount and currency, is credited
 * without staff; what is returned to the payer is taken from the wallet, or owed and taken from the
 * next deposits; a method's secrets are encrypted and shown to nobody; what a member of staff gives
 * stays within their day's limit.
 */
export { type Adjustment, adjustBalance } from './adjust.ts';
export { applyReport, type ReportOutcome } from './apply.ts';
export { clearFlag, confirmPayment, rejectPayment, waiveOwed } from './decide.ts';
export { addFunds, type FundsSource } from './deposit.ts';
export { expirePayments } from './expire.ts';
export { readGatewayEvent } from './gateway.ts';
export { createGateways, type Gateways, type PaymentsCtx } from './gateways.ts';
export {
  listMethods,
  listOffered,
  type Method,
  type MethodKind,
  missingOf,
  type OfferedMethod,
} from './method.ts';
export {
  addMethod,
  type MethodChanges,
  type MethodInput,
  moveMethod,
  updateMethod,
} from './methods.ts';
export { readPanelId } from './panel.ts';
export {
  countAttention,
  listPayments,
  type PaymentDetails,
  type PaymentEvent,
  type PaymentFilter,
  type PaymentLine,
  type PaymentPage,
  readAdjustmentReasons,
  readInstructions,
  readOwnPayment,
  readPayment,
  sumOwed,
} from './queries.ts';
export { quotePayment } from './quote.ts';
export type { PaymentFlag, PaymentState, Report } from './report.ts';
export { dismissPayment, resumePayment } from './resume.ts';
export type { BonusTier, PaymentTerms, Pricing } from './rules.ts';
export { type NextStep, reportPaid, type StartedPayment, startPayment } from './start.ts';
export { dismissStray, listStrays, type Stray } from './strays.ts';
export { readStripeEvent } from './stripe.ts';
export { paymentChecks } from './verify.ts';
export { readMethodSecrets } from './webhook-secrets.ts';
