import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Actor, CustomerId, OrderId, ProviderId } from '../base/index.ts';
import { bigints, type Ctx, inTransaction, type Tx, timestamps } from '../db/index.ts';
import { leaseUntil, type Provider, takeCallSlots } from '../providers/index.ts';
import { type DeliveryEvent, writeDeliveryEvents } from './events.ts';
import { costOf, type OutgoingRow, readDue, toOutgoing } from './outgoing.ts';
import type { Outgoing } from './request.ts';
import type { HeldReason } from './rules.ts';

/** Which order, and which time it is sent. */
export type AttemptKey = { customerId: CustomerId; orderId: OrderId; number: number };

/** An attempt that is written down and not sent yet. */
export type Intent = AttemptKey & {
  providerId: ProviderId;
  /** The slot of the provider's rate limit that is its own. */
  sendAt: Date;
  /** After this another worker takes the attempt for unknown, so it must not be sent any more. */
  leaseUntil: Date;
  outgoing: Outgoing;
};

const exchangeUnits = 100_000_000n;
const actor: Actor = { kind: 'system', name: 'forwarder' };

/**
 * Takes due orders of a provider and writes down that each is being sent, in one transaction,
 * before anything is sent. Two workers never take the same; a worker that dies after this leaves
 * attempts that become unknown, never orders that are sent again. Orders that are final by now
 * are closed, and those that would be delivered at a loss are held.
 */
export async function claimDue(
  ctx: Ctx,
  provider: Provider,
  limit: number,
): Promise<{ intents: Intent[]; taken: number }> {
  const now = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const rows = await readDue(tx, { provider, now, limit });
    const over = rows.filter((row) => row.isOver);
    const costly = rows.filter((row) => !row.isOver && isLoss(row, provider.exchangeRate));
    const sendable = rows.filter((row) => !over.includes(row) && !costly.includes(row));
    await closeOver(tx, over);
    await holdAll(tx, costly, { reason: 'margin', now });
    if (sendable.length === 0) return { intents: [], taken: rows.length };
    const count = sendable.length;
    const slots = await takeCallSlots(tx, { providerId: provider.id, count, now });
    const intents = sendable.map((row, at) => toIntent(row, provider, slots[at] ?? now));
    await writeIntents(tx, { intents, rows: sendable, now });
    return { intents, taken: rows.length };
  });
}

function isLoss(row: OutgoingRow, exchangeRate: bigint): boolean {
  const cost = costOf(row);
  if (cost === null || row.guardsMargin === false || row.ignoresMargin) return false;
  return cost * exchangeRate > row.charge * exchangeUnits;
}

function toIntent(row: OutgoingRow, provider: Provider, sendAt: Date): Intent {
  const { customerId, orderId } = row;
  const number = row.attempts + 1;
  // Random too: a panel set up anew counts its orders from 1 again.
  const requestId =
    provider.requestIdField === null
      ? ''
      : `pw-${orderId}-${number}-${randomBytes(4).toString('hex')}`;
  return {
    customerId,
    orderId,
    number,
    providerId: provider.id,
    sendAt,
    leaseUntil: leaseUntil(provider, sendAt),
    outgoing: toOutgoing(row, requestId),
  };
}

async function writeIntents(
  tx: Tx,
  input: { intents: readonly Intent[]; rows: readonly OutgoingRow[]; now: Date },
): Promise<void> {
  const { intents } = input;
  const column = <T>(read: (intent: Intent) => T): T[] => intents.map(read);
  await sql`
    with new as (
      select * from unnest(
        ${column((i) => i.customerId)}::int[], ${bigints(column((i) => i.orderId))},
        ${column((i) => i.number)}::int[], ${column((i) => i.providerId)}::int[],
        ${column((i) => i.outgoing.externalServiceId)}::text[],
        ${column((i) => i.outgoing.requestId)}::text[], ${timestamps(column((i) => i.leaseUntil))},
        ${bigints(input.rows.map(costOf))}
      ) as n (customer_id, order_id, number, provider_id, external_service_id, request_id,
        lease_until, cost)
    ), sent as (
      update providers set last_sent_at = ${input.now}::timestamptz
      where id in (select provider_id from new)
    ), sending as (
      update deliveries d set state = 'sending', attempts = n.number, due_at = n.lease_until
      from new n where d.customer_id = n.customer_id and d.order_id = n.order_id
    )
    insert into attempts (customer_id, order_id, number, provider_id, external_service_id,
      request_id, lease_until, cost, balance_before, balance_before_at, state, started_at)
    select n.*, p.balance, p.balance_at, 'sending', ${input.now}::timestamptz
    from new n join providers p on p.id = n.provider_id`.execute(tx);
}

/** Nothing is sent any more for an order that became final while it waited. */
function closeOver(tx: Tx, rows: readonly OutgoingRow[]): Promise<void> {
  return stopSending(tx, rows, { state: 'done', reason: '' });
}

async function holdAll(
  tx: Tx,
  rows: readonly OutgoingRow[],
  input: { reason: HeldReason; now: Date },
): Promise<void> {
  const { reason } = input;
  await stopSending(tx, rows, { state: 'held', reason });
  const events = rows.map((row): DeliveryEvent => {
    const detail = { reason, cost: String(costOf(row)), charge: String(row.charge) };
    return { ...row, kind: 'held', detail };
  });
  await writeDeliveryEvents(tx, events, { actor, at: input.now });
}

async function stopSending(
  tx: Tx,
  rows: readonly OutgoingRow[],
  to: { state: 'done' | 'held'; reason: HeldReason | '' },
): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update deliveries d set state = ${to.state}, due_at = null, reason = ${to.reason}
    from unnest(${rows.map((row) => row.customerId)}::int[],
      ${bigints(rows.map((row) => row.orderId))}) as n (customer_id, order_id)
    where d.customer_id = n.customer_id and d.order_id = n.order_id`.execute(tx);
}
