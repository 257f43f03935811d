import {
  type Amount,
  amount,
  type Clock,
  formatAmount,
  minuteMs,
  parseAmount,
  zero,
} from '../base/index.ts';
import type { Journal, JournalEntry, PlanTarget } from './journal.ts';
import type { Pace, Plan } from './plans.ts';
import type { SandboxService } from './service-types.ts';

export type Order = {
  id: number;
  atMs: number;
  service: SandboxService;
  link: string;
  /** Of one run; 0 for a subscription. */
  quantity: number;
  /** For all runs. */
  charge: Amount;
  parentId: number | undefined;
  childIds: number[];
  dripFeed: { runs: number; intervalMs: number } | undefined;
  subscription: Subscription | undefined;
  cancelAtMs: number | undefined;
  refillIds: number[];
};

export type Subscription = {
  min: number;
  max: number;
  delayMs: number;
  /** New ones and existing ones. Undefined: without an end. */
  posts: number | undefined;
  expiry: string | undefined;
  expiresAtMs: number | undefined;
  announced: { link: string; dueAtMs: number }[];
  /** Set while a post waits for balance. */
  isPaused: boolean;
};

export type Refill = { id: number; orderId: number; atMs: number };

/** All that the sandbox knows: what its journal says, and nothing else. */
export type State = {
  clock: Clock;
  journal: Journal;
  pace: Pace;
  orders: Map<number, Order>;
  refills: Map<number, Refill>;
  /** Orders by the caller's request id. */
  requests: Map<string, { orderId: number; fingerprint: string }>;
  ordersOfLink: Map<string, Order[]>;
  /** Drip-feeds and subscriptions that may still make orders. */
  openParents: Set<Order>;
  plans: Map<string, Plan>;
  /** What was paid in, and what orders have cost; refunds are computed. */
  paidIn: Amount;
  spent: Amount;
  /** Orders that may give money back. */
  refundable: Set<Order>;
  nextOrderId: number;
  nextRefillId: number;
  requestIdField: string | undefined;
};

export type StateOptions = {
  clock: Clock;
  journal: Journal;
  pace: Pace;
  firstOrderId: number;
  requestIdField: string | undefined;
};

/** The state that a journal's entries lead to. */
export function loadState(options: StateOptions): State {
  const { firstOrderId, ...given } = options;
  const state: State = {
    ...given,
    orders: new Map(),
    refills: new Map(),
    requests: new Map(),
    ordersOfLink: new Map(),
    openParents: new Set(),
    plans: new Map(),
    paidIn: zero,
    spent: zero,
    refundable: new Set(),
    nextOrderId: firstOrderId,
    nextRefillId: 1,
  };
  for (const entry of options.journal.entries()) apply(state, entry);
  return state;
}

/** The only way to change the state: it is in the journal before anybody hears of it. */
export function record(state: State, entry: JournalEntry): void {
  state.journal.append(entry);
  apply(state, entry);
}

/** What a journal entry of now has. */
export function stamp(state: State): string {
  return state.clock.now().toISOString();
}

/** Orders for one link of one service. */
export function linkKey(serviceId: number, link: string): string {
  return `${serviceId}:${link}`;
}

/** What tells two calls with one request id apart: all their parameters, in any order. */
export function fingerprintOf(params: Readonly<Record<string, string>>): string {
  const entries = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(entries);
}

/** The plan of an order: its own before its link's before its service's. */
export function planOf(state: State, order: Order): Plan & Pace {
  return {
    ...state.pace,
    ...state.plans.get(planKey({ service: order.service.service })),
    ...state.plans.get(planKey({ link: order.link })),
    ...state.plans.get(planKey({ order: order.id })),
  };
}

function apply(state: State, entry: JournalEntry): void {
  const atMs = Date.parse(entry.at);
  switch (entry.kind) {
    case 'add':
      applyAdd(state, entry, atMs);
      break;
    case 'child':
      applyChild(state, entry, atMs);
      break;
    case 'announce': {
      const { subscription } = orderOf(state, entry.order);
      if (subscription === undefined) break;
      const dueAtMs = atMs + subscription.delayMs;
      subscription.announced.push({ link: entry.link, dueAtMs });
      break;
    }
    case 'cancel': {
      const order = orderOf(state, entry.order);
      order.cancelAtMs = atMs;
      addRefundable(state, order);
      break;
    }
    case 'refill': {
      orderOf(state, entry.order).refillIds.push(entry.refill);
      state.refills.set(entry.refill, { id: entry.refill, orderId: entry.order, atMs });
      state.nextRefillId = entry.refill + 1;
      break;
    }
    case 'deposit': {
      const isNegative = entry.amount.startsWith('-');
      const units = parseAmount(entry.amount.replace('-', ''), 'deposit');
      state.paidIn = amount(state.paidIn + (isNegative ? -units : units));
      break;
    }
    case 'plan':
      applyPlan(state, entry.target, entry.plan);
      break;
  }
}

type EntryOf<Kind extends JournalEntry['kind']> = Extract<JournalEntry, { kind: Kind }>;

function applyAdd(state: State, entry: EntryOf<'add'>, atMs: number): void {
  const { order: id, service, quantity, params } = entry;
  const runs = Number(params.runs ?? 0);
  const order: Order = {
    ...newOrder({ id, atMs, service, link: params.link ?? '', quantity, charge: entry.charge }),
    dripFeed: runs >= 2 ? { runs, intervalMs: Number(params.interval ?? 0) * minuteMs } : undefined,
    subscription: service.type === 'Subscriptions' ? readSubscription(params) : undefined,
  };
  keep(state, order);
  state.spent = amount(state.spent + order.charge);
  const requestId = state.requestIdField && params[state.requestIdField];
  if (requestId) {
    state.requests.set(requestId, { orderId: id, fingerprint: fingerprintOf(params) });
  }
  if (order.dripFeed ?? order.subscription) state.openParents.add(order);
}

function applyChild(state: State, entry: EntryOf<'child'>, atMs: number): void {
  const parent = orderOf(state, entry.parent);
  const { order: id, link, quantity, charge } = entry;
  const order = newOrder({ id, atMs, service: parent.service, link, quantity, charge });
  order.parentId = parent.id;
  parent.childIds.push(id);
  keep(state, order);
  // A run was paid with its drip-feed, which is also what gives money back.
  if (parent.subscription !== undefined) state.spent = amount(state.spent + order.charge);
}

function applyPlan(state: State, target: PlanTarget, plan: Plan): void {
  state.plans.set(planKey(target), { ...state.plans.get(planKey(target)), ...plan });
  if (plan.end !== 'Partial' && plan.end !== 'Canceled') return;
  for (const order of state.orders.values()) {
    const isMeant =
      ('order' in target && target.order === order.id) ||
      ('service' in target && target.service === order.service.service) ||
      ('link' in target && target.link === order.link);
    if (isMeant) addRefundable(state, order);
  }
}

function keep(state: State, order: Order): void {
  state.orders.set(order.id, order);
  state.nextOrderId = Math.max(state.nextOrderId, order.id + 1);
  const key = linkKey(order.service.service, order.link);
  const others = state.ordersOfLink.get(key);
  if (others === undefined) state.ordersOfLink.set(key, [order]);
  else others.push(order);
  const { end } = planOf(state, order);
  if (end === 'Partial' || end === 'Canceled') addRefundable(state, order);
}

function addRefundable(state: State, order: Order): void {
  state.refundable.add(order);
  const parent = order.parentId === undefined ? undefined : state.orders.get(order.parentId);
  if (parent !== undefined) state.refundable.add(parent);
}

type NewOrder = Pick<Order, 'id' | 'atMs' | 'service' | 'link' | 'quantity'> & { charge: string };

function newOrder(input: NewOrder): Order {
  return {
    ...input,
    charge: parseAmount(input.charge, 'charge'),
    parentId: undefined,
    childIds: [],
    dripFeed: undefined,
    subscription: undefined,
    cancelAtMs: undefined,
    refillIds: [],
  };
}

function readSubscription(params: Readonly<Record<string, string>>): Subscription {
  const { expiry } = params;
  const [day = 0, month = 0, year = 0] = (expiry ?? '').split('/').map(Number);
  return {
    min: Number(params.min),
    max: Number(params.max),
    delayMs: Number(params.delay) * minuteMs,
    posts:
      params.posts === undefined ? undefined : Number(params.posts) + Number(params.old_posts ?? 0),
    expiry,
    expiresAtMs: expiry === undefined ? undefined : Date.UTC(year, month - 1, day + 1),
    announced: [],
    isPaused: false,
  };
}

function orderOf(state: State, id: number): Order {
  const order = state.orders.get(id);
  if (order === undefined) throw new Error(`the journal tells of order ${id} before it exists`);
  return order;
}

function planKey(target: PlanTarget): string {
  if ('order' in target) return `order ${target.order}`;
  return 'service' in target ? `service ${target.service}` : `link ${target.link}`;
}

/** An amount as the journal keeps it. */
export function journalAmount(value: Amount): string {
  return formatAmount(value);
}
