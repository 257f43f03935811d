/**
 * What the days came to, and what waits for staff.
 * Invariants: a day's figures follow from orders, transfers and events alone, so they can be summed
 * up again at any time; those of a closed day equal them; reading them touches no order that is
 * done.
 */
export { type CustomerActivity, readCustomerActivity } from './activity.ts';
export {
  type Dashboard,
  type DayFigures,
  type ProviderFigures,
  readDashboard,
  readDaysOf,
  readTopServices,
  type ServiceFigures,
  type Sums,
} from './dashboard.ts';
export { type FirstSteps, readFirstSteps } from './first-steps.ts';
export {
  type ProviderDay,
  readProviderDays,
  readSpending,
  type Spending,
} from './provider-days.ts';
export { type RouteQuality, readRouteQuality } from './quality.ts';
export { type Queues, readQueues } from './queues.ts';
export { recomputeFigures } from './recompute.ts';
export { rollUpDue } from './roll-up.ts';
export { listStuckOrders, type StuckCursor, type StuckOrder } from './stuck.ts';
export type { Times } from './times.ts';
export { figureChecks } from './verify.ts';
