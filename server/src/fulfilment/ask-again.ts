import type { AddOutcome } from '@panelwright/sdk';
import { sql } from 'kysely';
import { type Ctx, inTransaction, mayDispatch, type Tx } from '../db/index.ts';
import { lockOrders } from '../orders/index.ts';
import { awaitCall, leaseUntil, mayStillSend, type Provider } from '../providers/index.ts';
import type { AttemptKey } from './claim.ts';
import type { ForwardCtx } from './forward.ts';
import { readOutgoing, toOutgoing } from './outgoing.ts';
import { buildRequest } from './request.ts';
import { askedAgain, takesOrders } from './rules.ts';
import type { UnknownAttempt } from './unknown.ts';

/**
 * Sends an unknown attempt once more under its own request id: the provider answers for the first
 * request, and places the order if that never came. So this is an order, too: it goes out under a
 * lease, during which staff can't decide otherwise. The lease of what was accepted is left to the
 * answer, which ends the attempt.
 * @returns undefined when nothing was asked, as the order ended or others have the word
 */
export async function askAgain(
  ctx: ForwardCtx,
  provider: Provider,
  attempt: UnknownAttempt,
): Promise<AddOutcome | undefined> {
  const row = await readOutgoing(ctx.db, attempt);
  if (row === undefined || provider.requestIdField === null || !takesOrders(provider)) return;
  const request = buildRequest(toOutgoing(row, attempt.requestId));
  const upstream = ctx.upstreams.open(provider);
  await awaitCall(ctx, provider.id);
  const until = await takeLease(ctx, provider, attempt);
  if (until === undefined || !mayStillSend(ctx.clock, provider, until)) return;
  const outcome = await upstream.add(request);
  if (outcome.outcome !== 'accepted') await endLease(ctx, attempt, until);
  return outcome;
}

/**
 * Marks the attempt as asked again, under the locks that staff decide under, unless the order has
 * ended, staff have decided, another worker is asking, or the provider was stopped.
 */
async function takeLease(
  ctx: Ctx,
  provider: Provider,
  attempt: UnknownAttempt,
): Promise<Date | undefined> {
  const { customerId, orderId, number } = attempt;
  return inTransaction(ctx.db, async (tx) => {
    const order = (await lockOrders(tx, [orderId], customerId)).get(orderId);
    if (order === undefined || order.completedAt !== null) return undefined;
    const now = ctx.clock.now();
    const until = leaseUntil(provider, now);
    const taken = await sql`
      with waiting as (
        select customer_id, order_id, attempts from deliveries
        where customer_id = ${customerId} and order_id = ${orderId} and state = 'unknown'
          and attempts = ${number} and ${mayDispatch}
        for update
      )
      update attempts a set reason = ${askedAgain}, asked_until = ${until}::timestamptz
      from waiting w, providers p
      where a.customer_id = w.customer_id and a.order_id = w.order_id and a.number = w.attempts
        and a.state = 'unknown' and a.resolved_by is null
        and (a.asked_until is null or a.asked_until <= ${now}::timestamptz)
        and p.id = a.provider_id and p.state = 'on' and p.key_sealed is not null
      returning a.number`.execute(tx);
    return taken.rows.length > 0 ? until : undefined;
  });
}

async function endLease(ctx: Ctx, attempt: UnknownAttempt, until: Date): Promise<void> {
  await sql`
    update attempts set asked_until = null
    where customer_id = ${attempt.customerId} and order_id = ${attempt.orderId}
      and number = ${attempt.number} and asked_until = ${until}::timestamptz`.execute(ctx.db);
}

/** Whether a provider is being asked again for an attempt; read under its delivery's lock. */
export async function isBeingAsked(tx: Tx, attempt: AttemptKey, at: Date): Promise<boolean> {
  const found = await sql`
    select from attempts
    where customer_id = ${attempt.customerId} and order_id = ${attempt.orderId}
      and number = ${attempt.number} and state = 'unknown'
      and asked_until > ${at}::timestamptz`.execute(tx);
  return found.rows.length > 0;
}
