import {
  type Amount,
  AppError,
  assert,
  assertNever,
  type CustomerId,
  type OrderId,
  zero,
} from '../base/index.ts';
import type { Schema } from '../db/index.ts';
import { planTransfer, type Transfer, type Wallet } from '../ledger/index.ts';
import type { OrderDraft } from './draft.ts';

export type OrderStatus = Schema['orders']['status'];

export const runningStatuses: ReadonlySet<OrderStatus> = new Set<OrderStatus>([
  'Pending',
  'In progress',
  'Processing',
  'Active',
  'Paused',
]);

/** A final order changes no more, but by an audited decision of staff. */
export function isFinal(status: OrderStatus): boolean {
  return !runningStatuses.has(status);
}

/** A draft on its way into the database, under the id it will have however often it is tried. */
export type PlacementEntry = { id: OrderId; draft: OrderDraft };

/** What the database knows that decides a batch, read under the wallets' locks. */
export type PlacementFacts = {
  wallets: ReadonlyMap<CustomerId, Wallet>;
  /** Orders that already have a `request_id` of this batch, by `requestKey`. */
  requests: ReadonlyMap<string, { id: OrderId; hash: Uint8Array }>;
  /** Links with a running order, by `linkKey`. */
  activeLinks: ReadonlySet<string>;
  /** Entries of this batch that an earlier try already stored. */
  stored: ReadonlySet<OrderId>;
};

export type PlacementPlan = {
  /** Per entry the order's id, or why it is refused. */
  outcomes: (OrderId | AppError)[];
  accepted: PlacementEntry[];
  transfers: Transfer[];
  wallets: Wallet[];
};

/** What tells a `request_id` of one customer from the same of another. */
export function requestKey(customerId: CustomerId, requestId: string): string {
  return `${customerId}:${requestId}`;
}

/** What a second running order is refused by. */
export function linkKey(draft: Pick<OrderDraft, 'customerId' | 'serviceId' | 'link'>): string {
  return `${draft.customerId}:${draft.serviceId}:${draft.link}`;
}

function refusalOf(
  draft: OrderDraft,
  wallet: Wallet,
  links: ReadonlySet<string>,
): AppError | undefined {
  if (wallet.isStopped) {
    return new AppError('money_stopped', 'the money of the customer is stopped');
  }
  if (draft.denyDuplicates && links.has(linkKey(draft))) {
    return new AppError('active_order_with_link', 'an order runs on this link');
  }
  return undefined;
}

/**
 * Decides a batch of orders one after the other, as if each had come alone: a repeated `request_id`
 * answers the order it made, a second running order on a link and an uncovered charge are refused.
 * Pure; what is accepted is written by the caller in one transaction.
 */
export function planPlacement(
  entries: readonly PlacementEntry[],
  facts: PlacementFacts,
): PlacementPlan {
  const wallets = new Map(facts.wallets);
  const requests = new Map(facts.requests);
  const links = new Set(facts.activeLinks);
  const changed = new Set<CustomerId>();
  const plan: PlacementPlan = { outcomes: [], accepted: [], transfers: [], wallets: [] };

  for (const entry of entries) {
    const { id, draft } = entry;
    if (facts.stored.has(id)) {
      plan.outcomes.push(id);
      continue;
    }
    const wallet = wallets.get(draft.customerId);
    assert(wallet !== undefined, 'every customer has a wallet');
    const key = draft.request === null ? '' : requestKey(draft.customerId, draft.request.id);
    const known = draft.request === null ? undefined : requests.get(key);
    if (known !== undefined) {
      plan.outcomes.push(replayOutcome(known, draft));
      continue;
    }
    const refusal = refusalOf(draft, wallet, links);
    if (refusal !== undefined) {
      plan.outcomes.push(refusal);
      continue;
    }
    if (draft.charge > 0n) {
      const planned = planTransfer(wallet, {
        debit: 'wallet',
        credit: 'sales',
        amount: draft.charge,
        reference: `order:${id}:charge`,
        orderId: id,
      });
      if (planned === undefined) {
        plan.outcomes.push(new AppError('insufficient_funds', 'the balance is too low'));
        continue;
      }
      wallets.set(draft.customerId, planned.wallet);
      changed.add(draft.customerId);
      plan.transfers.push(planned.transfer);
    }
    if (draft.request !== null) requests.set(key, { id, hash: draft.request.hash });
    links.add(linkKey(draft));
    plan.accepted.push(entry);
    plan.outcomes.push(id);
  }
  plan.wallets = [...wallets.values()].filter((wallet) => changed.has(wallet.customerId));
  return plan;
}

/** What a `request_id` that was used before answers. */
export function replayOutcome(
  known: { id: OrderId; hash: Uint8Array },
  draft: Pick<OrderDraft, 'request'>,
): OrderId | AppError {
  if (draft.request !== null && Buffer.compare(known.hash, draft.request.hash) === 0) {
    return known.id;
  }
  return new AppError('request_id_reused', 'request_id was used with other parameters');
}

/** An order as a settlement sees it. Amounts in 10⁻⁸. */
export type SettledOrder = {
  status: OrderStatus;
  quantity: bigint;
  charge: Amount;
  refunded: Amount;
  startCount: bigint | null;
  remains: bigint;
  isPackage: boolean;
};

/** What staff, a provider or the system says about an order. */
export type Report = {
  status?: OrderStatus;
  startCount?: bigint;
  remains?: bigint;
};

export type Settlement = {
  status: OrderStatus;
  startCount: bigint | null;
  remains: bigint;
  /** All that the customer has got back of this order after the settlement. */
  refunded: Amount;
};

export type SettlementDecision =
  | { kind: 'change'; next: Settlement }
  | { kind: 'same' }
  | { kind: 'ignore'; reason: string };

/**
 * Decides what a report does to an order. Money follows from status and remains alone, so reports
 * in any order and number end in the same refund. Only staff may leave a final state or take money
 * back; anyone else may only refund more of a partial order. Pure.
 */
export function decideSettlement(
  order: SettledOrder,
  report: Report,
  by: 'staff' | 'other',
): SettlementDecision {
  const status = report.status ?? order.status;
  const problem = findProblem(order, status, report);
  if (problem !== undefined) return { kind: 'ignore', reason: problem };
  const remains = remainsAfter(order, status, report);
  const next: Settlement = {
    status,
    startCount: report.startCount ?? order.startCount,
    remains,
    refunded: refundFor(order, status, remains),
  };
  if (isSame(order, next)) return { kind: 'same' };
  if (isFinal(order.status) && by !== 'staff') {
    const refundsMore =
      order.status === 'Partial' && status === 'Partial' && remains > order.remains;
    if (!refundsMore) return { kind: 'ignore', reason: `the order is final: ${order.status}` };
  }
  return { kind: 'change', next };
}

function findProblem(order: SettledOrder, status: OrderStatus, report: Report): string | undefined {
  if (status === 'Active' || status === 'Paused' || status === 'Expired') {
    return `${status} is no status of a plain order`;
  }
  if (report.startCount !== undefined && report.startCount < 0n) return 'start count is negative';
  // What is delivered whole or not at all needs no count, so a wrong one doesn't matter.
  const needsRemains = status !== 'Completed' && status !== 'Canceled';
  if (needsRemains && report.remains !== undefined && report.remains > order.quantity) {
    return `remains ${report.remains} is more than the quantity ${order.quantity}`;
  }
  if (status === 'Partial' && order.isPackage) {
    return 'a package delivers whole or not at all: use Completed or Canceled';
  }
  const staysPartial = order.status === 'Partial' && report.status === undefined;
  if (status === 'Partial' && report.remains === undefined && !staysPartial) {
    return 'Partial needs remains';
  }
  return undefined;
}

function remainsAfter(order: SettledOrder, status: OrderStatus, report: Report): bigint {
  if (status === 'Completed') return 0n;
  if (status === 'Canceled') return order.quantity;
  const reopened = isFinal(order.status) && !isFinal(status) ? order.quantity : order.remains;
  const remains = report.remains ?? reopened;
  // An over-delivery upstream counts below 0; the customer sees 0.
  return remains < 0n ? 0n : remains;
}

function refundFor(order: SettledOrder, status: OrderStatus, remains: bigint): Amount {
  switch (status) {
    case 'Partial':
    case 'Canceled':
      return refundOf(order, remains);
    case 'Completed':
    case 'Pending':
    case 'In progress':
    case 'Processing':
    case 'Active':
    case 'Paused':
    case 'Expired':
      return zero;
    default:
      return assertNever(status);
  }
}

/** charge·undelivered/quantity, exact: a charge is a whole number of units per piece. */
export function refundOf(order: { charge: Amount; quantity: bigint }, undelivered: bigint): Amount {
  assert(order.charge % order.quantity === 0n, 'a charge divides by its quantity');
  return ((order.charge / order.quantity) * undelivered) as Amount;
}

function isSame(order: SettledOrder, next: Settlement): boolean {
  return (
    order.status === next.status &&
    order.startCount === next.startCount &&
    order.remains === next.remains &&
    order.refunded === next.refunded
  );
}

/**
 * How a drip-feed parent ends once no run is left and none is running: by what was delivered of the
 * whole, so that a downstream panel books the refund it sees.
 */
export function finalParentStatus(parent: { quantity: bigint; remains: bigint }): OrderStatus {
  if (parent.remains === 0n) return 'Completed';
  return parent.remains === parent.quantity ? 'Canceled' : 'Partial';
}
