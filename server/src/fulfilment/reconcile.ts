import type { AddOutcome } from '@panelwright/sdk';
import { sql } from 'kysely';
import { type Actor, minuteMs } from '../base/index.ts';
import { type Ctx, inTransaction } from '../db/index.ts';
import { awaitCall, type Provider, takesQuestions } from '../providers/index.ts';
import { writeDeliveryEvents } from './events.ts';
import { type Evidence, readBalanceWitness, witnessBalance } from './evidence.ts';
import type { ForwardCtx } from './forward.ts';
import { readOutgoing, toOutgoing } from './outgoing.ts';
import { findByProbing } from './probe.ts';
import { buildRequest } from './request.ts';
import { askedAgain, takesOrders } from './rules.ts';
import { takeUnknown, type UnknownAttempt } from './unknown.ts';

/** Looked into again after these; then it is for staff. A late answer counts at any time. */
const triesAfterMs = [1, 2, 4, 8].map((minutes) => minutes * minuteMs);
const actor: Actor = { kind: 'system', name: 'reconciler' };

/**
 * Looks into attempts of a provider that nobody knows the end of: asks again under the same request
 * id where the provider has such ids, else looks for the order among the ids that follow, with the
 * balance as a second witness. Only what is certain is written as the answer. What stays unclear
 * waits for staff, with what was found out; it is never sent again and never refunded from here.
 * @returns how many were looked into
 */
export async function reconcileDue(ctx: ForwardCtx, provider: Provider): Promise<number> {
  if (!takesQuestions(provider)) return 0;
  const attempts = await takeUnknown(ctx, provider);
  for (const attempt of attempts) {
    const evidence: Evidence = {};
    const outcome = await findOutcome(ctx, provider, { attempt, evidence });
    if (outcome !== undefined) await ctx.recorder.submit({ ...attempt, outcome, actor });
    await writeEvidence(ctx, attempt, evidence);
  }
  return attempts.length;
}

async function findOutcome(
  ctx: ForwardCtx,
  provider: Provider,
  input: { attempt: UnknownAttempt; evidence: Evidence },
): Promise<AddOutcome | undefined> {
  const { attempt, evidence } = input;
  if (attempt.requestId !== '') return askAgain(ctx, provider, attempt);
  const balance = await readBalanceWitness(ctx, provider);
  if (balance !== undefined)
    evidence.balance = await witnessBalance(ctx.db, { provider, attempt, balance });
  if (!provider.idsIncrease) return undefined;
  evidence.probe = await findByProbing(ctx, provider, attempt);
  const { found } = evidence.probe;
  // Two witnesses that contradict each other prove nothing.
  if (found === null || evidence.balance?.verdict === 'not_charged') return undefined;
  return { outcome: 'accepted', order: found, raw: '' };
}

/** The same request id: the provider answers for the first request, and places none if it came. */
async function askAgain(
  ctx: ForwardCtx,
  provider: Provider,
  attempt: UnknownAttempt,
): Promise<AddOutcome | undefined> {
  const row = await readOutgoing(ctx.db, attempt);
  if (row === undefined || provider.requestIdField === null) return undefined;
  await awaitCall(ctx, provider.id);
  if (!takesOrders(provider) || !(await markAskedAgain(ctx, attempt))) return undefined;
  const request = buildRequest(toOutgoing(row, attempt.requestId));
  const outcome = await ctx.upstreams.open(provider).add(request);
  // A refusal may be caused by the very order that the first request made.
  return outcome.outcome === 'accepted' ? outcome : undefined;
}

/** An order that ended, or that staff have decided, is asked for no more. */
async function markAskedAgain(ctx: Ctx, attempt: UnknownAttempt): Promise<boolean> {
  const marked = await sql`
    update attempts a set reason = ${askedAgain}
    from deliveries d join orders o on o.customer_id = d.customer_id and o.id = d.order_id
    where a.customer_id = ${attempt.customerId} and a.order_id = ${attempt.orderId}
      and a.number = ${attempt.number} and a.state = 'unknown' and a.resolved_by is null
      and d.customer_id = a.customer_id and d.order_id = a.order_id
      and d.state = 'unknown' and d.attempts = a.number and o.completed_at is null
    returning a.number`.execute(ctx.db);
  return marked.rows.length > 0;
}

/** Keeps what was found out, and hands over to staff after the last try. */
async function writeEvidence(ctx: Ctx, attempt: UnknownAttempt, evidence: Evidence): Promise<void> {
  const at = ctx.clock.now();
  const waitMs = triesAfterMs[attempt.tries - 1];
  const isLast = waitMs === undefined;
  const dueAt = isLast ? null : new Date(at.getTime() + waitMs);
  const { customerId, orderId, number } = attempt;
  await inTransaction(ctx.db, async (tx) => {
    const waiting = await sql`
      update deliveries set due_at = ${dueAt}::timestamptz,
        state = ${isLast ? 'held' : 'unknown'}, reason = ${isLast ? 'unknown' : ''}
      where customer_id = ${customerId} and order_id = ${orderId} and state = 'unknown'
        and attempts = ${number}
      returning order_id`.execute(tx);
    if (waiting.rows.length === 0) return;
    await sql`
      update attempts set evidence = ${JSON.stringify(evidence)}::text::jsonb
      where customer_id = ${customerId} and order_id = ${orderId}
        and number = ${number}`.execute(tx);
    if (!isLast) return;
    const detail = { reason: 'unknown', attempt: number };
    await writeDeliveryEvents(tx, [{ ...attempt, kind: 'held', detail }], { actor, at });
  });
}
