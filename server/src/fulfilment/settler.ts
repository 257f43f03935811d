import type { OrderStatus as UpstreamStatus } from '@panelwright/sdk';
import { sql } from 'kysely';
import {
  type Actor,
  type Batcher,
  type CustomerId,
  createBatcher,
  type OrderId,
  type ProviderId,
  runApart,
} from '../base/index.ts';
import {
  bigints,
  booleans,
  type Ctx,
  inTransaction,
  isConnectionLost,
  lockEach,
  onlyOf,
  type Tx,
  timestamps,
} from '../db/index.ts';
import {
  decideReports,
  type OrderReport,
  type SettleOutcome,
  writeReports,
} from '../orders/index.ts';
import { type DeliveryEvent, writeDeliveryEvents } from './events.ts';
import { isOver, pollSecondsAfterChange, pollSecondsMax, type Reading } from './rules.ts';

/** An order that its provider is asked about now. */
export type Due = {
  customerId: CustomerId;
  orderId: OrderId;
  providerId: ProviderId;
  externalId: string;
  seen: string | null;
  reason: string;
  kind: 'single' | 'drip_feed' | 'subscription';
  quantity: bigint;
  isDelegated: boolean;
  acceptedAt: Date;
  pollSeconds: number;
};

/** What a provider said about an order, if it differs from what it said before. */
export type Change = {
  due: Due;
  key: string;
  reading: Reading;
  remains: number | null;
  /** Of a subscription that the provider keeps, which is more than a report. */
  subscription?: UpstreamStatus;
};

/** Settles changes, one commit for many. */
export type Settler = Batcher<Change, 'settled'>;

const actor: Actor = { kind: 'system', name: 'poller' };

const changesPerBatchMax = 500;
// Two that run beside each other mostly are of the same customers, and wait for each other.
const batchesInFlightMax = 1;
// A change is written a moment later rather than alone.
const batchSpacingMs = 10;
/** Whoever changes an order or a wallet takes milliseconds; nothing else is settled meanwhile. */
const batchLockTimeout = '5s';
const lockTimeout = '500ms';

/**
 * Opens the queue that settles what providers say of orders, that of all of them together: each
 * settlement locks its customers' wallets and the versions of their orders, which those of another
 * provider, and orders that are placed, would wait for.
 */
export function createSettler(ctx: Ctx): Settler {
  return createBatcher({
    itemsMax: changesPerBatchMax,
    inFlightMax: batchesInFlightMax,
    spacingMs: batchSpacingMs,
    // A lane asks for no more orders until what it was told is settled.
    waitingMax: Number.POSITIVE_INFINITY,
    run: (changes) => settleChanges(ctx, changes),
  });
}

/**
 * Of an order that was asked for twice meanwhile, what came last counts: should that be the older
 * answer, the next one differs from it. If the database refuses the batch, or somebody keeps a lock
 * that it needs, each change is tried alone: one that can't be written holds no other.
 */
async function settleChanges(ctx: Ctx, changes: readonly Change[]): Promise<('settled' | Error)[]> {
  const last = [...new Map(changes.map((change) => [change.due.orderId, change])).values()];
  try {
    await settle(ctx, last, batchLockTimeout);
    return changes.map(() => 'settled');
  } catch (error) {
    if (isConnectionLost(error) || last.length === 1) throw error;
    ctx.log.warn({ error, changes: last.length }, 'a batch of changes could not be settled');
  }
  const settled = await runApart(last, (batch) => settle(ctx, batch, lockTimeout));
  const results = new Map(last.map(({ due }, index) => [due.orderId, settled[index] ?? 'settled']));
  for (const [orderId, result] of results) {
    if (result !== 'settled') ctx.log.error({ error: result, orderId }, 'a change is not settled');
  }
  return changes.map(({ due }) => results.get(due.orderId) ?? 'settled');
}

function settle(ctx: Ctx, changes: readonly Change[], timeout: string): Promise<'settled'[]> {
  return inTransaction(ctx.db, async (tx) => {
    await sql`select set_config('lock_timeout', ${timeout}, true)`.execute(tx);
    await settlePart(tx, changes, ctx.clock.now());
    return changes.map(() => 'settled');
  });
}

/** Applies what changed; what can't be applied is kept for staff, once per reply. */
async function settlePart(tx: Tx, changes: readonly Change[], at: Date): Promise<void> {
  const reports: OrderReport[] = [];
  const events: DeliveryEvent[] = [];
  for (const { due, reading, subscription } of changes) {
    if (reading.kind === 'flag') {
      const { problem } = reading;
      const isNew = due.reason !== flagReason(problem);
      if (isNew) events.push({ ...due, kind: 'flagged', detail: { problem } });
    } else if (subscription === undefined) {
      reports.push({ orderId: due.orderId, ...reading.report });
    }
  }
  const { work, outcomes } = await decideReports(tx, { actor, at, reports });
  // Before the money: for its locks others wait.
  await writeChanges(tx, { changes, outcomes, at });
  await writeDeliveryEvents(tx, events, { actor, at });
  await writeReports(tx, work);
}

async function writeChanges(
  tx: Tx,
  input: { changes: readonly Change[]; outcomes: readonly SettleOutcome[]; at: Date },
): Promise<void> {
  const changes = input.changes.map((change) => ({ ...change, customerId: change.due.customerId }));
  await lockEach(tx, changes, (some, only) => writeSome(tx, { ...input, changes: some }, only));
}

async function writeSome(
  tx: Tx,
  input: { changes: readonly Change[]; outcomes: readonly SettleOutcome[]; at: Date },
  only: CustomerId | undefined,
): Promise<[]> {
  const { changes, at } = input;
  const outcomes = new Map(input.outcomes.map((outcome) => [outcome.orderId, outcome]));
  const isHeld = ({ due }: Change) => outcomes.get(due.orderId)?.outcome === 'held';
  const column = <T>(read: (change: Change) => T): T[] => changes.map(read);
  const over = ({ due }: Change) => isOver(outcomes.get(due.orderId)?.status ?? null);
  const seconds = column((change) => nextPollSeconds(change, at));
  const dueAt = changes.map((change, index) =>
    over(change) ? null : new Date(at.getTime() + (seconds[index] ?? pollSecondsMax) * 1_000),
  );
  // The state is asked for again: staff or another worker may have decided meanwhile.
  await sql`
    with n as (
      select * from unnest(${column(({ due }) => due.customerId)}::int[],
      ${bigints(column(({ due }) => due.orderId))}, ${column((change) =>
        // Without its key it counts as changed the next time too, and is tried again.
        isHeld(change) ? '' : change.key,
      )}::text[],
      ${seconds}::int[], ${timestamps(dueAt)}, ${booleans(column(over))},
      ${column((change) => problemOf(change, outcomes))}::text[]
      ) as n (customer_id, order_id, seen, seconds, due_at, is_over, reason)
    ), followed as (
      select d.customer_id, d.order_id from n join deliveries d using (customer_id, order_id)
      where d.state = 'following'${onlyOf('d.customer_id', only)}
      order by d.customer_id, d.order_id for update of d
    )
    update deliveries d set seen = n.seen, poll_seconds = n.seconds, due_at = n.due_at,
      reason = n.reason,
      state = case when n.is_over then 'done' else 'following' end
    from n join followed f using (customer_id, order_id)
    where d.customer_id = f.customer_id and d.order_id = f.order_id
      ${onlyOf('d.customer_id', only)}`.execute(tx);
  return [];
}

function nextPollSeconds({ due, remains }: Change, at: Date): number {
  if (remains === null || remains < 0) return due.pollSeconds;
  const ageSeconds = Math.max(0, (at.getTime() - due.acceptedAt.getTime()) / 1_000);
  const order = { quantity: due.quantity, remains: BigInt(remains), ageSeconds };
  return pollSecondsAfterChange({ ...order, before: due.pollSeconds });
}

/** Why staff should look at the order: a report that could not be applied, or that was ignored. */
function problemOf(
  { due, reading }: Change,
  outcomes: ReadonlyMap<OrderId, SettleOutcome>,
): string {
  if (reading.kind === 'flag') return flagReason(reading.problem);
  const outcome = outcomes.get(due.orderId);
  const isLeft = outcome?.outcome === 'ignored' || outcome?.outcome === 'held';
  return isLeft ? flagReason(outcome.reason) : '';
}

function flagReason(problem: string): string {
  return `flagged: ${problem}`;
}
