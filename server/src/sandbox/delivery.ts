import { type Amount, amount, zero } from '../base/index.ts';
import type { Pace, Plan } from './plans.ts';
import { type Order, planOf, type Refill, type State } from './state.ts';

/** What is left of an order, and since when it changes no more. */
export type Progress = {
  status: string;
  startCount: number | undefined;
  remains: number;
  finalAtMs: number | undefined;
};

/** Where an order stands at a moment. Follows from the journal and the time alone. */
export function progressOf(state: State, order: Order, nowMs: number): Progress {
  if (order.dripFeed !== undefined) return dripFeedProgress(state, order, nowMs);
  if (order.subscription !== undefined) return subscriptionProgress(state, order, nowMs);
  return plainProgress(order, planOf(state, order), nowMs);
}

/** The pieces an order is for, with all its runs. */
export function totalOf(order: Order): number {
  return order.quantity * (order.dripFeed?.runs ?? 1);
}

/** What an order costs as it stands: its charge, or what is kept of it once it has ended. */
export function chargeAt(state: State, order: Order, nowMs: number): Amount {
  const { status, remains } = progressOf(state, order, nowMs);
  if (status === 'Canceled') return zero;
  if (status !== 'Partial') return order.charge;
  const total = BigInt(totalOf(order));
  return amount(order.charge - (order.charge * BigInt(remains)) / total);
}

/** The balance at a moment: what was paid in, less what orders cost as they stand. */
export function balanceAt(state: State, nowMs: number): Amount {
  let balance = state.paidIn - state.spent;
  for (const order of state.refundable) {
    const parent = order.parentId === undefined ? undefined : state.orders.get(order.parentId);
    if (parent?.dripFeed !== undefined) continue;
    balance += order.charge - chargeAt(state, order, nowMs);
  }
  return amount(balance);
}

/** Where a refill stands at a moment. */
export function refillStatusAt(state: State, refill: Refill, nowMs: number): string {
  const order = state.orders.get(refill.orderId);
  if (order === undefined) return 'Error';
  const { refillMs, refill: end = 'Completed' } = planOf(state, order);
  const passedMs = nowMs - refill.atMs;
  if (end === 'Pending' || passedMs < refillMs / 2) return 'Pending';
  return passedMs < refillMs ? 'In progress' : end;
}

/** When a cancel request takes effect; never for one that was not made or is ignored. */
export function stopsAtMs(state: State, order: Order): number {
  return stopOf(order, planOf(state, order));
}

function stopOf(order: Order, plan: Plan & Pace): number {
  if (order.cancelAtMs === undefined || plan.cancel === 'ignored') return Number.POSITIVE_INFINITY;
  return order.cancelAtMs + plan.cancelMs;
}

function plainProgress(order: Order, plan: Plan & Pace, nowMs: number): Progress {
  const startsAtMs = order.atMs + plan.pendingMs;
  const { end = 'Completed' } = plan;
  const stopAtMs = stopOf(order, plan);
  const endsAtMs = endOf(end, startsAtMs, plan);
  if (stopAtMs <= nowMs && stopAtMs < endsAtMs) {
    const remains = remainsAt(order, plan, stopAtMs);
    const hasStarted = stopAtMs >= startsAtMs && !isHeldBack(end);
    return {
      status: remains === order.quantity ? 'Canceled' : 'Partial',
      startCount: hasStarted ? startCountOf(order, plan) : undefined,
      remains,
      finalAtMs: stopAtMs,
    };
  }
  const remains = remainsAt(order, plan, nowMs);
  if (nowMs >= endsAtMs) {
    const startCount = end === 'Canceled' ? undefined : startCountOf(order, plan);
    return { status: end, startCount, remains, finalAtMs: endsAtMs };
  }
  const hasStarted = nowMs >= startsAtMs && !isHeldBack(end);
  const waiting = end === 'Processing' && nowMs >= startsAtMs ? 'Processing' : 'Pending';
  return {
    status: hasStarted ? 'In progress' : waiting,
    startCount: hasStarted ? startCountOf(order, plan) : undefined,
    remains,
    finalAtMs: undefined,
  };
}

/** Whether a plan keeps an order from ever being started. */
function isHeldBack(end: NonNullable<Plan['end']>): boolean {
  return end === 'Pending' || end === 'Processing';
}

function endOf(end: NonNullable<Plan['end']>, startsAtMs: number, plan: Pace): number {
  if (end === 'Completed' || end === 'Partial') return startsAtMs + plan.deliverMs;
  return end === 'Canceled' ? startsAtMs : Number.POSITIVE_INFINITY;
}

function remainsAt(order: Order, plan: Plan & Pace, nowMs: number): number {
  const { end = 'Completed' } = plan;
  if (isHeldBack(end) || end === 'Canceled') return order.quantity;
  const planned = plan.remains ?? Math.ceil(order.quantity / 2);
  const left = end === 'Completed' ? 0 : Math.min(planned, order.quantity);
  const passedMs = nowMs - order.atMs - plan.pendingMs;
  if (passedMs < 0) return order.quantity;
  const share = plan.deliverMs <= 0 ? 1 : Math.min(1, passedMs / plan.deliverMs);
  return order.quantity - Math.floor((order.quantity - left) * share);
}

function startCountOf(order: Order, plan: Plan): number {
  return plan.startCount ?? 100 + ((order.id * 7919) % 9000);
}

function dripFeedProgress(state: State, order: Order, nowMs: number): Progress {
  const total = totalOf(order);
  const runs = order.dripFeed?.runs ?? 0;
  const children = childrenOf(state, order).map((child) => ({
    quantity: child.quantity,
    ...progressOf(state, child, nowMs),
  }));
  const delivered = children.reduce((sum, child) => sum + child.quantity - child.remains, 0);
  const stopMs = stopsAtMs(state, order);
  const isOver = children.length >= runs || stopMs <= nowMs;
  const endings = children.map((child) => child.finalAtMs ?? Number.POSITIVE_INFINITY);
  if (stopMs <= nowMs) endings.push(stopMs);
  const finalAtMs = isOver ? Math.max(...endings) : Number.POSITIVE_INFINITY;
  const first = children[0]?.startCount;
  if (finalAtMs > nowMs) {
    const remains = total - delivered;
    return { status: 'Active', startCount: first, remains, finalAtMs: undefined };
  }
  const whole = delivered === total ? 'Completed' : 'Partial';
  const status = delivered === 0 ? 'Canceled' : whole;
  return { status, startCount: first, remains: total - delivered, finalAtMs };
}

function subscriptionProgress(state: State, order: Order, nowMs: number): Progress {
  const ends = subscriptionEnd(state, order);
  if (ends.atMs <= nowMs) {
    return { status: ends.status, startCount: undefined, remains: 0, finalAtMs: ends.atMs };
  }
  const status = order.subscription?.isPaused ? 'Paused' : 'Active';
  return { status, startCount: undefined, remains: 0, finalAtMs: undefined };
}

/** How a subscription ends as far as it is known: by its posts, its last day, or a request. */
export function subscriptionEnd(state: State, order: Order): { status: string; atMs: number } {
  const never = Number.POSITIVE_INFINITY;
  const { posts, expiresAtMs = never } = order.subscription ?? {};
  const last = posts === undefined ? undefined : childrenOf(state, order)[posts - 1];
  const [first] = [
    { status: 'Completed', atMs: last?.atMs ?? never },
    { status: 'Canceled', atMs: stopsAtMs(state, order) },
    { status: 'Expired', atMs: expiresAtMs },
  ].sort((a, b) => a.atMs - b.atMs);
  return first ?? { status: 'Active', atMs: never };
}

function childrenOf(state: State, order: Order): Order[] {
  return order.childIds.flatMap((id) => state.orders.get(id) ?? []);
}
