import type { AddOutcome } from '@panelwright/sdk';
import { sql } from 'kysely';
import { type Actor, minuteMs } from '../base/index.ts';
import { type Ctx, inTransaction, restoredReason } from '../db/index.ts';
import { isHeldBack, type Provider, takesQuestions } from '../providers/index.ts';
import { askAgain } from './ask-again.ts';
import { writeDeliveryEvents } from './events.ts';
import { type Evidence, isProven, readBalanceWitness, witnessBalance } from './evidence.ts';
import type { ForwardCtx } from './forward.ts';
import { findByProbing } from './probe.ts';
import { giveBackUnknown, takeUnknown, type UnknownAttempt } from './unknown.ts';

/** Looked into again after these; then it is for staff. A late answer counts at any time. */
const triesAfterMs = [1, 2, 4, 8].map((minutes) => minutes * minuteMs);
const actor: Actor = { kind: 'system', name: 'reconciler' };

/**
 * Looks into attempts of a provider that nobody knows the end of: asks again under the same request
 * id where the provider has such ids, else looks for the order among the ids that follow, with the
 * balance as a second witness. Only what is certain is written as the answer. What stays unclear
 * waits for staff, with what was found out; it is never sent again and never refunded from here.
 * One attempt that fails holds up no other, and a worker that stops gives back what is left.
 * @returns how many were taken
 */
export async function reconcileDue(ctx: ForwardCtx, provider: Provider): Promise<number> {
  if (isHeldBack(provider, ctx.clock.now()) || !takesQuestions(provider)) return 0;
  const attempts = await takeUnknown(ctx, provider);
  let done = 0;
  for (const attempt of attempts) {
    if (ctx.leaving?.aborted) break;
    try {
      await lookInto(ctx, provider, attempt);
    } catch (error) {
      if (isLeaving(ctx, error)) break;
      const { orderId } = attempt;
      ctx.log.error({ error, provider: provider.id, orderId }, 'what was found out is not kept');
    }
    done += 1;
  }
  await giveBackUnknown(ctx, attempts.slice(done));
  return attempts.length;
}

/** A look that fails counts as one that found nothing: after the last one it is for staff. */
async function lookInto(
  ctx: ForwardCtx,
  provider: Provider,
  attempt: UnknownAttempt,
): Promise<void> {
  const evidence: Evidence = {};
  try {
    const outcome = await findOutcome(ctx, provider, { attempt, evidence });
    if (outcome !== undefined) await ctx.recorder.submit({ ...attempt, outcome, actor });
  } catch (error) {
    if (isLeaving(ctx, error)) throw error;
    const { orderId } = attempt;
    ctx.log.error({ error, provider: provider.id, orderId }, 'an attempt was not looked into');
  }
  await writeEvidence(ctx, attempt, evidence);
}

function isLeaving({ leaving }: ForwardCtx, error: unknown): boolean {
  return leaving?.aborted === true && error === leaving.reason;
}

async function findOutcome(
  ctx: ForwardCtx,
  provider: Provider,
  input: { attempt: UnknownAttempt; evidence: Evidence },
): Promise<AddOutcome | undefined> {
  const { attempt, evidence } = input;
  if (attempt.reason === restoredReason) {
    // Its request may have been decided otherwise since: asked again, it could be placed twice. And
    // what is found may be an order that was placed after the backup, so it only helps staff.
    if (provider.idsIncrease) evidence.probe = await findByProbing(ctx, provider, attempt);
    return undefined;
  }
  if (attempt.requestId !== '') {
    const outcome = await askAgain(ctx, provider, attempt);
    if (outcome !== undefined) evidence.asked = outcome.outcome;
    // A refusal may be caused by the very order that the first request made.
    return outcome?.outcome === 'accepted' ? outcome : undefined;
  }
  const balance = await readBalanceWitness(ctx, provider);
  if (balance !== undefined)
    evidence.balance = await witnessBalance(ctx.db, { provider, attempt, balance });
  if (!provider.idsIncrease) return undefined;
  evidence.probe = await findByProbing(ctx, provider, attempt);
  const { found } = evidence.probe;
  if (found === null || !isProven(evidence)) return undefined;
  return { outcome: 'accepted', order: found, raw: '' };
}

/**
 * Keeps what was found out, and hands over to staff after the last try; nothing is written where
 * staff or another worker has gone on with the attempt meanwhile.
 */
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
        and attempts = ${number} and failures = ${attempt.tries}
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
