import { idsPerRequestMax } from '@panelwright/sdk';
import { sql } from 'kysely';
import { type CustomerId, type OrderId, reach } from '../base/index.ts';
import {
  bigints,
  type Ctx,
  claimDueRows,
  inTransaction,
  mayDispatch,
  onlyOf,
  onShardsOf,
  type Tx,
} from '../db/index.ts';
import {
  leaseUntil,
  type Provider,
  type ProvidersCtx,
  sendLeased,
  takeCallSlots,
  takesQuestions,
} from '../providers/index.ts';
import { recordAnswers } from './record.ts';

/** A cancellation that is written down as being asked for, and is not yet. */
export type Claimed = {
  customerId: CustomerId;
  orderId: OrderId;
  /** The order's number at the provider. */
  externalOrderId: string;
  failures: number;
};

/** Cancellations of one list, and how long they are this worker's alone. */
type Claim = { cancels: Claimed[]; sendAt: Date; leaseUntil: Date };

/**
 * Asks a provider to cancel the orders that are due and that it has, as one list of at most 100,
 * and writes what it answers. Nothing is refunded by an answer, only by the order's status.
 * @returns how many were taken
 */
export async function forwardCancels(
  ctx: ProvidersCtx,
  provider: Provider,
  limit: number,
): Promise<number> {
  if (!takesQuestions(provider)) return 0;
  // What can't be opened must not be claimed.
  const upstream = ctx.upstreams.open(provider);
  const claim = await claimDue(ctx, provider, Math.min(limit, idsPerRequestMax));
  if (claim === undefined) return 0;
  const { cancels } = claim;
  await reach('cancel.after_intent');
  const ids = cancels.map((cancel) => cancel.externalOrderId);
  const outcomeOf = await sendLeased(ctx, provider, { ...claim, ids, send: upstream.cancel });
  await reach('cancel.after_send');
  const outcomes = cancels.map((cancel) => ({
    cancel,
    outcome: outcomeOf(cancel.externalOrderId),
  }));
  await recordAnswers(ctx, outcomes, { providerId: provider.id, leaseUntil: claim.leaseUntil });
  return cancels.length;
}

async function claimDue(ctx: Ctx, provider: Provider, limit: number): Promise<Claim | undefined> {
  const now = ctx.clock.now();
  return inTransaction(ctx.db, async (tx) => {
    const cancels = await lockDue(tx, { provider, now, limit });
    if (cancels.length === 0) return undefined;
    const [sendAt] = await takeCallSlots(tx, { providerId: provider.id, count: 1, now });
    if (sendAt === undefined) return undefined;
    const until = leaseUntil(provider, sendAt);
    const customerIds = cancels.map((cancel) => cancel.customerId);
    await sql`
      update cancels c set delivery = 'sending', due_at = ${until}::timestamptz
      from unnest(${customerIds}::int[],
        ${bigints(cancels.map((cancel) => cancel.orderId))}) as n (customer_id, order_id)
      where c.customer_id = n.customer_id and c.order_id = n.order_id
        ${onShardsOf(tx, 'c.customer_id', customerIds)}`.execute(tx);
    return { cancels, sendAt, leaseUntil: until };
  });
}

function lockDue(
  tx: Tx,
  { provider, now, limit }: { provider: Provider; now: Date; limit: number },
): Promise<Claimed[]> {
  const due = sql`from cancels c
    join orders o on o.customer_id = c.customer_id and o.id = c.order_id
    join deliveries d on d.customer_id = c.customer_id and d.order_id = c.order_id
    where c.provider_id = ${provider.id} and c.delivery = 'due'
      and c.due_at <= ${now}::timestamptz and ${mayDispatch}
      and d.provider_id = c.provider_id and d.external_id is not null
      and o.completed_at is null and d.state = 'following'`;
  return claimDueRows(tx, { due, customerId: 'c.customer_id', limit }, async (only, count) => {
    const found = await sql<Claimed>`
      select c.customer_id as "customerId", c.order_id as "orderId",
        d.external_id as "externalOrderId", c.failures ${due}${onlyOf('c.customer_id', only)}
      order by c.due_at, c.order_id limit ${count}
      for update of c skip locked`.execute(tx);
    return found.rows;
  });
}

const expiredPerRoundMax = 500;

/**
 * Makes cancellations due again whose worker has written no answer within its lease: a second
 * request for an order changes nothing at the provider.
 * @returns how many there were
 */
export async function expireCancels(ctx: Ctx): Promise<number> {
  const now = ctx.clock.now();
  const due = sql`from cancels where delivery = 'sending' and due_at < ${now}::timestamptz`;
  const query = { due, customerId: 'customer_id', limit: expiredPerRoundMax };
  const expired = await claimDueRows(ctx.db, query, async (only, limit) => {
    const { rows } = await sql`
      with late as (
        select customer_id, order_id ${due}${onlyOf('customer_id', only)}
        limit ${limit} for update skip locked
      )
      update cancels c set delivery = 'due', due_at = ${now}::timestamptz,
        note = 'unknown: no_answer'
      from late where c.customer_id = late.customer_id and c.order_id = late.order_id
        ${onlyOf('c.customer_id', only)}
      returning c.order_id`.execute(ctx.db);
    return rows;
  });
  return expired.length;
}
