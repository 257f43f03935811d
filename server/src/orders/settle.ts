import {
  type Actor,
  type Amount,
  AppError,
  amount,
  type CustomerId,
  type OrderId,
  reach,
  zero,
} from '../base/index.ts';
import { isPackage } from '../catalog/index.ts';
import { requireStaff } from '../customers/index.ts';
import { type Ctx, inTransaction, type Tx } from '../db/index.ts';
import { postTransfers, type TransferInput } from '../ledger/index.ts';
import { type Notice, writeNotices } from '../mail/index.ts';
import {
  decideSettlement,
  finalParentStatus,
  isFinal,
  type OrderStatus,
  type Report,
  type Settlement,
} from './rules.ts';
import {
  type LockedOrder,
  lockOrders,
  type OrderEvent,
  raiseVersions,
  readFinishedParents,
  writeEvents,
  writeSettlements,
} from './settle-rows.ts';

export type OrderReport = Report & { orderId: OrderId; note?: string };

export type SettleOutcome = {
  orderId: OrderId;
  /** `held`: it moves money of a customer whose money is stopped, and counts once that is over. */
  outcome: 'changed' | 'same' | 'ignored' | 'held' | 'unknown';
  status: OrderStatus | null;
  /** What this report gave back to the customer; below 0 when staff took money back. */
  refund: Amount;
  reason: string;
};

const reportsMax = 1_000;

/**
 * The only way an order's status, start count, remains or refund changes. Applies reports in one
 * transaction: moves each order along allowed edges, refunds or takes back the difference, writes
 * an event per change, and finishes drip-feed parents whose last run is final. What can't be
 * applied is `ignored` and leaves an event with the reason; what would move stopped money is `held`
 * and writes nothing.
 * @throws AppError `not_allowed` for a customer, `insufficient_funds` when staff take back money
 *   that the customer has spent
 */
export async function settleOrders(
  ctx: Ctx,
  actor: Actor,
  reports: readonly OrderReport[],
): Promise<SettleOutcome[]> {
  requireStaff(actor, 'orders');
  if (reports.length > reportsMax) {
    throw new AppError('invalid_input', `at most ${reportsMax} reports at once`);
  }
  const at = ctx.clock.now();
  return inTransaction(ctx.db, (tx) => applyReports(tx, { actor, at, reports }));
}

/**
 * Applies one report and refuses what `settleOrders` would ignore, for a person who waits.
 * @throws AppError `not_found`, `money_stopped`, or `invalid_input` with what to change; nothing is
 *   written then
 */
export async function settleOrder(
  ctx: Ctx,
  actor: Actor,
  report: OrderReport,
): Promise<SettleOutcome> {
  requireStaff(actor, 'orders');
  const at = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const [outcome] = await applyReports(tx, { actor, at, reports: [report] });
    if (outcome === undefined || outcome.outcome === 'unknown') {
      throw new AppError('not_found', `no order ${report.orderId}`);
    }
    if (outcome.outcome === 'held') throw new AppError('money_stopped', outcome.reason);
    if (outcome.outcome === 'ignored') throw new AppError('invalid_input', outcome.reason);
    return outcome;
  });
}

type Reports = { actor: Actor; at: Date; reports: readonly OrderReport[] };

/** The block behind both: locks, decides, writes. Opens no transaction of its own. */
export async function applyReports(tx: Tx, input: Reports): Promise<SettleOutcome[]> {
  const { work, outcomes } = await decideReports(tx, input);
  await writeReports(tx, work);
  return outcomes;
}

/** Locks the orders and decides; `writeReports` has to follow, after all else that is to write. */
export async function decideReports(
  tx: Tx,
  input: Reports,
): Promise<{ work: SettleWork; outcomes: SettleOutcome[] }> {
  const orders = await lockOrders(
    tx,
    input.reports.map((report) => report.orderId),
  );
  await reach('settle.after_lock');
  const work = startWork(input.actor, input.at, orders);
  const outcomes = input.reports.map((report) => applyReport(work, report));
  return { work, outcomes };
}

/** Writes what was decided, and ends the parents whose last run it was. */
export async function writeReports(tx: Tx, work: SettleWork): Promise<void> {
  await writeWork(tx, work);
  await finishParents(tx, work);
  await reach('settle.before_commit');
}

/** The orders of one call as they change in memory, and what has to be written for it. */
export type SettleWork = {
  actor: Actor;
  at: Date;
  by: 'staff' | 'other';
  orders: Map<OrderId, LockedOrder>;
  changed: Set<OrderId>;
  events: OrderEvent[];
  transfers: (TransferInput & { customerId: CustomerId })[];
};

/** Opens the bookkeeping of one settlement over locked orders. */
export function startWork(actor: Actor, at: Date, orders: Map<OrderId, LockedOrder>): SettleWork {
  const by = actor.kind === 'staff' ? 'staff' : 'other';
  return { actor, at, by, orders, changed: new Set(), events: [], transfers: [] };
}

function applyReport(work: SettleWork, report: OrderReport): SettleOutcome {
  const order = work.orders.get(report.orderId);
  const { orderId, note } = report;
  if (order === undefined) {
    return { orderId, outcome: 'unknown', status: null, refund: zero, reason: 'no such order' };
  }
  if (order.kind !== 'single') {
    return ignore(work, order, 'a parent is settled by its runs; cancel it to stop them');
  }
  const decision = decideSettlement(
    { ...order, isPackage: isPackage(order.type) },
    report,
    work.by,
  );
  if (decision.kind === 'ignore') return ignore(work, order, decision.reason);
  if (decision.kind === 'same') {
    return { orderId, outcome: 'same', status: order.status, refund: zero, reason: '' };
  }
  const refund = amount(decision.next.refunded - order.refunded);
  if (refund !== 0n && order.isStopped) {
    const reason = `the money of customer ${order.customerId} is stopped`;
    return { orderId, outcome: 'held', status: order.status, refund: zero, reason };
  }
  changeOrder(work, order, { next: decision.next, note });
  if (refund !== 0n) work.transfers.push({ ...refundTransfer(order, refund) });
  if (order.parentId !== null) passToParent(work, order, decision.next);
  return { orderId, outcome: 'changed', status: decision.next.status, refund, reason: '' };
}

function ignore(work: SettleWork, order: LockedOrder, reason: string): SettleOutcome {
  work.events.push({
    order,
    kind: 'ignored',
    next: { ...order },
    refund: zero,
    note: reason,
  });
  return { orderId: order.id, outcome: 'ignored', status: order.status, refund: zero, reason };
}

/** Takes an order to its next state in memory and notes its event; the caller adds the money. */
export function changeOrder(
  work: SettleWork,
  order: LockedOrder,
  change: { next: Settlement; kind?: OrderEvent['kind']; note?: string | undefined },
): void {
  work.changed.add(order.id);
  work.orders.set(order.id, { ...order, ...change.next, revision: order.revision + 1 });
  work.events.push({
    order,
    kind: change.kind ?? 'settled',
    next: change.next,
    refund: amount(change.next.refunded - order.refunded),
    note: change.note ?? '',
  });
}

/** The transfer of a refund (above 0) or of money that staff take back (below 0). */
export function refundTransfer(
  order: LockedOrder,
  refund: Amount,
): TransferInput & { customerId: CustomerId } {
  const isRefund = refund > 0n;
  return {
    customerId: order.customerId,
    debit: isRefund ? 'sales' : 'wallet',
    credit: isRefund ? 'wallet' : 'sales',
    amount: isRefund ? refund : amount(-refund),
    // The revision makes a cause unique: a repeated settlement is another revision or no change.
    reference: `order:${order.id}:${isRefund ? 'refund' : 'recharge'}:${order.revision + 1}`,
    orderId: order.id,
  };
}

/** A drip-feed parent's remains and refund include those of its children. */
function passToParent(work: SettleWork, child: LockedOrder, next: Settlement): void {
  const parent = child.parentId === null ? undefined : work.orders.get(child.parentId);
  if (parent === undefined || parent.kind !== 'drip_feed') return;
  const after: Settlement = {
    status: parent.status,
    startCount: parent.startCount,
    remains: parent.remains + next.remains - child.remains,
    refunded: amount(parent.refunded + next.refunded - child.refunded),
  };
  // Staff who change a run of a finished parent change how the parent ended, and with a run they
  // reopen it runs again; nobody else does either.
  if (isFinal(parent.status) && work.by === 'staff') {
    after.status = isFinal(next.status) ? finalParentStatus({ ...parent, ...after }) : 'Active';
  }
  const isChanged =
    after.status !== parent.status ||
    after.remains !== parent.remains ||
    after.refunded !== parent.refunded;
  if (!isChanged) return;
  changeOrder(work, parent, { next: after, note: `run ${child.run}` });
}

/**
 * Writes what has gathered, and starts gathering anew. Others wait for what is locked here until
 * the end of the transaction: for versions who settles another order of the customer, for wallets
 * also who orders. So these come last, in this order everywhere.
 */
export async function writeWork(tx: Tx, work: SettleWork): Promise<void> {
  const changed = [...work.changed].flatMap((id) => work.orders.get(id) ?? []);
  await writeSettlements(tx, changed, work.at);
  await writeEvents(tx, work.events, work);
  await writeNotices(tx, work.events.flatMap(noticeOf), work.at);
  await raiseVersions(
    tx,
    changed.map(({ customerId }) => customerId),
  );
  await postTransfers(tx, work.transfers, work.at);
  work.changed.clear();
  work.events = [];
  work.transfers = [];
}

const noticeKinds: Partial<Record<OrderStatus, 'order_partial' | 'order_canceled'>> = {
  Partial: 'order_partial',
  Canceled: 'order_canceled',
};

/** What its customer may want to be told; of a drip-feed how all of it ended, not each run. */
function noticeOf({ order, next }: OrderEvent): Notice[] {
  const { customerId, id: orderId } = order;
  const kind = next.status === order.status ? undefined : noticeKinds[next.status];
  if (kind === undefined || order.parentId !== null) return [];
  return [{ customerId, kind, orderId, remains: next.remains, refund: next.refunded }];
}

/** Ends the drip-feed parents that have no run left and none running. */
export async function finishParents(tx: Tx, work: SettleWork): Promise<void> {
  const parents = [...work.orders.values()].filter(
    (order) => order.kind === 'drip_feed' && !isFinal(order.status),
  );
  const finished = await readFinishedParents(tx, parents);
  if (finished.length === 0) return;
  for (const parent of finished) {
    const next: Settlement = { ...parent, status: finalParentStatus(parent) };
    changeOrder(work, parent, { next, note: 'all runs are final' });
  }
  await writeWork(tx, work);
}
