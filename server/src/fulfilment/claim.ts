import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import {
  type Actor,
  type CustomerId,
  int8Max,
  type OrderId,
  type ProviderId,
  reach,
  waitBy,
} from '../base/index.ts';
import {
  bigints,
  type Ctx,
  claimDueRows,
  inTransaction,
  isConnectionLost,
  onlyOf,
  onShardsOf,
  type Tx,
  timestamps,
} from '../db/index.ts';
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

/** A worker's context; its signal ends what it waits for. */
type WorkerCtx = Ctx & { leaving?: AbortSignal };
type Claimed = { intents: Intent[]; taken: number };

const giveBackTriesMax = 30;
const giveBackRetryMs = 1_000;

/**
 * Takes due orders of a provider and writes down that each is being sent, in one transaction,
 * before anything is sent. Two workers never take the same; a worker that dies after this leaves
 * attempts that become unknown, never orders that are sent again. Orders that are final by now
 * are closed, and those that would be delivered at a loss are held. While the provider is held
 * back, which the caller may not have seen yet, nothing else is done. If the connection breaks in
 * the commit, what may have been taken is given back by the claim's own name: none of it was sent.
 */
export async function claimDue(
  ctx: WorkerCtx,
  provider: Provider,
  limit: number,
): Promise<Claimed> {
  const claim = randomBytes(12).toString('base64url');
  const now = ctx.clock.now();
  try {
    return await inTransaction(ctx.db, (tx) => takeDue(tx, { provider, limit, now, claim }));
  } catch (error) {
    if (isConnectionLost(error)) await giveBackSurely(ctx, { providerId: provider.id, claim });
    throw error;
  }
}

type Claim = { provider: Provider; limit: number; now: Date; claim: string };

async function takeDue(tx: Tx, { provider, limit, now, claim }: Claim): Promise<Claimed> {
  const rows = await readDue(tx, { provider, now, limit });
  const over = rows.filter((row) => row.isOver);
  const costly = rows.filter((row) => !row.isOver && isLoss(row, provider.exchangeRate));
  const sendable = rows.filter((row) => !over.includes(row) && !costly.includes(row));
  await closeOver(tx, over);
  await holdAll(tx, costly, { reason: 'margin', now });
  if (sendable.length === 0) return { intents: [], taken: rows.length };
  const count = sendable.length;
  const slots = await takeCallSlots(tx, { providerId: provider.id, count, now });
  if (slots.length === 0) return { intents: [], taken: rows.length - count };
  const intents = sendable.map((row, at) => toIntent(row, provider, slots[at] ?? now));
  await writeIntents(tx, { intents, rows: sendable, now, claim });
  await reach('forward.before_commit');
  return { intents, taken: rows.length };
}

/** Again and again while the database is away; what stays taken becomes unknown by its lease. */
async function giveBackSurely(
  ctx: WorkerCtx,
  lost: { providerId: ProviderId; claim: string },
): Promise<void> {
  const { providerId } = lost;
  for (let tries = 1; tries <= giveBackTriesMax; tries += 1) {
    try {
      const orders = await giveBack(ctx, lost);
      ctx.log.warn({ provider: providerId, orders }, 'a claim lost its answer and is given back');
      return;
    } catch (error) {
      ctx.log.error({ error, provider: providerId }, 'a claim could not be given back');
      if (ctx.leaving?.aborted) return;
      await waitBy(ctx.clock, giveBackRetryMs, ctx.leaving);
    }
  }
}

async function giveBack(
  ctx: Ctx,
  { providerId, claim }: { providerId: ProviderId; claim: string },
): Promise<number> {
  const at = ctx.clock.now();
  // A claim that is still being committed holds the provider's row: after it there is no more. It
  // is written as it is, since a cluster takes "for update" for a lock of the whole table.
  await sql`update providers set name = name where id = ${providerId}`.execute(ctx.db);
  const mine = sql`from attempts a
    join deliveries d on d.customer_id = a.customer_id and d.order_id = a.order_id
      and d.attempts = a.number and d.state = 'sending'
    where a.state = 'sending' and a.claim = ${claim}`;
  const given = await claimDueRows(
    ctx.db,
    { due: mine, customerId: 'd.customer_id' },
    async (only) => {
      const { rows } = await sql`
        with mine as (
          select d.customer_id, d.order_id, a.number ${mine}${onlyOf('d.customer_id', only)}
          order by d.customer_id, d.order_id
          for update of d
        ), unsent as (
          update attempts a set state = 'not_sent', reason = 'aborted',
            ended_at = ${at}::timestamptz
          from mine where a.customer_id = mine.customer_id and a.order_id = mine.order_id
            and a.number = mine.number${onlyOf('a.customer_id', only)}
        )
        update deliveries d set state = 'due', due_at = ${at}::timestamptz
        from mine where d.customer_id = mine.customer_id and d.order_id = mine.order_id
          ${onlyOf('d.customer_id', only)}
        returning d.order_id`.execute(ctx.db);
      return rows;
    },
  );
  return given.length;
}

function isLoss(row: OutgoingRow, exchangeRate: bigint): boolean {
  const cost = costOf(row);
  if (cost === null || row.guardsMargin === false || row.ignoresMargin) return false;
  return cost * exchangeRate > row.charge * exchangeUnits;
}

/** What is beyond an `int8` is kept as unknown: it would hold back all that is sent with it. */
function keptCost(row: OutgoingRow): bigint | null {
  const cost = costOf(row);
  return cost === null || cost > int8Max ? null : cost;
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
  input: { intents: readonly Intent[]; rows: readonly OutgoingRow[]; now: Date; claim: string },
): Promise<void> {
  const { intents } = input;
  const column = <T>(read: (intent: Intent) => T): T[] => intents.map(read);
  const customerIds = column((i) => i.customerId);
  await sql`
    with new as (
      select * from unnest(
        ${customerIds}::int[], ${bigints(column((i) => i.orderId))},
        ${column((i) => i.number)}::int[], ${column((i) => i.providerId)}::int[],
        ${column((i) => i.outgoing.externalServiceId)}::text[],
        ${column((i) => i.outgoing.requestId)}::text[], ${timestamps(column((i) => i.leaseUntil))},
        ${bigints(input.rows.map(keptCost))}
      ) as n (customer_id, order_id, number, provider_id, external_service_id, request_id,
        lease_until, cost)
    ), sent as (
      update providers set last_sent_at = ${input.now}::timestamptz
      where id in (select provider_id from new)
    ), sending as (
      update deliveries d set state = 'sending', attempts = n.number, due_at = n.lease_until
      from new n where d.customer_id = n.customer_id and d.order_id = n.order_id
        ${onShardsOf(tx, 'd.customer_id', customerIds)}
    )
    insert into attempts (customer_id, order_id, number, provider_id, external_service_id,
      request_id, lease_until, cost, balance_before, balance_before_at, state, started_at, claim)
    select n.*, p.balance, p.balance_at, 'sending', ${input.now}::timestamptz, ${input.claim}::text
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
  const customerIds = rows.map((row) => row.customerId);
  await sql`
    update deliveries d set state = ${to.state}, due_at = null, reason = ${to.reason}
    from unnest(${customerIds}::int[],
      ${bigints(rows.map((row) => row.orderId))}) as n (customer_id, order_id)
    where d.customer_id = n.customer_id and d.order_id = n.order_id
      ${onShardsOf(tx, 'd.customer_id', customerIds)}`.execute(tx);
}
