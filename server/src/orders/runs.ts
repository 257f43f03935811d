import { type RawBuilder, sql } from 'kysely';
import {
  type CustomerId,
  chargeFor,
  type OrderId,
  rate,
  reach,
  type ServiceId,
} from '../base/index.ts';
import type { Route, ServiceType } from '../catalog/index.ts';
import {
  bigints,
  claimDueRows,
  inTransaction,
  type Json,
  mayDispatch,
  onlyOf,
  onShardsOf,
  type Tx,
  timestamps,
} from '../db/index.ts';
import { doubtNewOrders, isOfTheLostTime } from './doubt.ts';
import { allocateOrderIds, insertOrders, type NewOrder, nextRunAt } from './insert.ts';
import type { OrdersCtx } from './place.ts';

type DueRun = {
  customerId: CustomerId;
  orderId: OrderId;
  serviceId: ServiceId;
  type: ServiceType;
  link: string;
  details: Json;
  /** The parent's charge per piece, which its children share. */
  unitCharge: bigint;
  quantityPerRun: bigint;
  runs: number;
  runsDone: number;
  intervalMinutes: number;
  dueAt: Date;
  /** Whether the panel that this one was restored from may have made it. */
  isDoubted: boolean;
};

const runsPerBatchMax = 100;

/**
 * Creates the child orders of drip-feed runs that are due, one per parent, and says when the next
 * is. A parent is claimed by lock and its run number is unique, so two workers never create a run
 * twice.
 * A run of the time between a backup and its confirmed restore may be at its provider: its delivery
 * is unknown from the start, and none of that time is left out.
 * @returns how many were created; a full batch means more may be due
 */
export async function createDueRuns(ctx: OrdersCtx): Promise<number> {
  const now = ctx.clock.now();
  const { services } = ctx.catalog.current();
  return inTransaction(ctx.db, async (tx) => {
    const due = await claimDueRuns(tx, now);
    if (due.length === 0) return 0;
    await reach('runs.after_claim');
    const ids = await allocateOrderIds(tx, due.length);
    const children = due.flatMap((run, index): NewOrder[] => {
      const id = ids[index];
      const route = services.get(run.serviceId)?.routes[0] ?? null;
      return id === undefined ? [] : [toChild(run, id, route)];
    });
    await insertOrders(tx, children, now);
    const doubted = due.flatMap(({ isDoubted, customerId, dueAt }, index) => {
      const id = ids[index];
      return isDoubted && id !== undefined ? [{ customerId, id, dueAt }] : [];
    });
    await doubtNewOrders(tx, doubted, now);
    await reach('runs.after_orders');
    await scheduleNext(tx, due, now);
    await reach('runs.before_commit');
    return children.length;
  });
}

function claimDueRuns(tx: Tx, now: Date): Promise<DueRun[]> {
  const due = sql`from drip_feeds d
    join orders o on o.customer_id = d.customer_id and o.id = d.order_id
    where d.next_run_at <= ${now}::timestamptz and o.status = 'Active' and ${mayDispatch}`;
  const query = { due, customerId: 'd.customer_id', limit: runsPerBatchMax };
  return claimDueRows(tx, query, (only, limit) => claimRuns(tx, { due, only, limit }));
}

async function claimRuns(
  tx: Tx,
  { due, only, limit }: { due: RawBuilder<unknown>; only: CustomerId | undefined; limit: number },
): Promise<DueRun[]> {
  const found = await sql<DueRun>`
    select d.customer_id as "customerId", d.order_id as "orderId", o.service_id as "serviceId",
      o.type, o.link, o.details, o.charge / o.quantity as "unitCharge",
      d.quantity_per_run as "quantityPerRun", d.runs, d.runs_done as "runsDone",
      d.interval_minutes as "intervalMinutes", d.next_run_at as "dueAt",
      ${isOfTheLostTime({ dueAt: sql`d.next_run_at`, madeAt: sql`o.created_at` })} as "isDoubted"
    ${due}${onlyOf('d.customer_id', only)}
    order by d.next_run_at limit ${limit}
    for update skip locked`.execute(tx);
  return found.rows;
}

function toChild(run: DueRun, id: OrderId, route: Route | null): NewOrder {
  return {
    id,
    parentId: run.orderId,
    run: run.runsDone + 1,
    draft: {
      customerId: run.customerId,
      serviceId: run.serviceId,
      type: run.type,
      kind: 'single',
      link: run.link,
      quantity: run.quantityPerRun,
      // A share of what the parent paid: the child has no charge transfer of its own.
      charge: chargeFor(rate(run.unitCharge), run.quantityPerRun),
      details: run.details,
      dripFeed: null,
      subscription: null,
      denyDuplicates: false,
      route,
      request: null,
    },
  };
}

async function scheduleNext(tx: Tx, due: readonly DueRun[], now: Date): Promise<void> {
  const nextAt = (run: DueRun) =>
    run.runsDone + 1 < run.runs
      ? nextRunAt({ ...run, due: run.dueAt, now: run.isDoubted ? run.dueAt : now })
      : null;
  const customerIds = due.map((run) => run.customerId);
  await sql`
    update drip_feeds d set runs_done = d.runs_done + 1, next_run_at = n.next_run_at
    from unnest(${customerIds}::int[],
      ${bigints(due.map((run) => run.orderId))}, ${timestamps(due.map(nextAt))}
    ) as n (customer_id, order_id, next_run_at)
    where d.customer_id = n.customer_id and d.order_id = n.order_id
      ${onShardsOf(tx, 'd.customer_id', customerIds)}`.execute(tx);
}
