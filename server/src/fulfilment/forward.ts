import type { AddOutcome } from '@panelwright/sdk';
import { type Actor, assert, minuteMs, reach, waitBy } from '../base/index.ts';
import {
  mayStillSend,
  type Provider,
  type ProvidersCtx,
  troubleOf,
  untilSlot,
} from '../providers/index.ts';
import { claimDue, type Intent } from './claim.ts';
import type { Recorder } from './record.ts';
import { buildRequest } from './request.ts';
import { saysOutOfFunds, takesOrders } from './rules.ts';

/** What sending orders needs besides the base context. */
export type ForwardCtx = ProvidersCtx & { recorder: Recorder };

/** Orders of one provider that are on their way at a time: a provider that hangs holds no more. */
export const inFlightMax = 64;

const actor: Actor = { kind: 'system', name: 'forwarder' };
const recordRetryMs = 1_000;
/** A worker that stops waits for the database no longer. */
const patienceMs = minuteMs;
/** While the database is away all that waits for it is told once a minute. */
const attemptsPerNotice = 60;

/** Lets work that has not begun be given back: when the provider must stop. */
export type Brake = { isSet: boolean };

/**
 * Sends a batch of due orders to a provider, each at its slot of the rate limit, and writes what
 * came of them. Resolves when all are written.
 * @returns how many due orders were taken
 */
export async function forwardDue(
  ctx: ForwardCtx,
  provider: Provider,
  options: { limit: number; brake: Brake },
): Promise<number> {
  if (!takesOrders(provider)) return 0;
  const { intents, taken } = await claimDue(ctx, provider, options.limit);
  await Promise.all(intents.map((intent) => sendIntent(ctx, intent, { ...options, provider })));
  return taken;
}

/** Sends one order that was written down, once, and writes the answer. */
export async function sendIntent(
  ctx: ForwardCtx,
  intent: Intent,
  options: { provider: Provider; brake: Brake },
): Promise<void> {
  const { brake, provider } = options;
  await reach('forward.after_intent');
  await untilSlot(ctx.clock, intent.sendAt, ctx.leaving);
  const isStopped = brake.isSet || ctx.leaving?.aborted;
  const maySend = !isStopped && mayStillSend(ctx.clock, provider, intent.leaseUntil);
  const outcome = maySend
    ? await callAdd(ctx, provider, intent)
    : ({ outcome: 'notSent', reason: 'aborted', retryAfterMs: null } satisfies AddOutcome);
  await reach('forward.after_send');
  const isRefused = saysOutOfFunds(outcome) || troubleOf(outcome)?.kind === 'key_refused';
  if (isRefused) brake.isSet = true;
  await recordSurely(ctx, intent, outcome);
}

/** A key that does not open is found out before anything is sent. */
async function callAdd(ctx: ForwardCtx, provider: Provider, intent: Intent): Promise<AddOutcome> {
  let upstream: ReturnType<ForwardCtx['upstreams']['open']>;
  try {
    upstream = ctx.upstreams.open(provider);
  } catch (error) {
    ctx.log.error({ error, provider: provider.id }, 'a provider has no key that opens');
    return { outcome: 'notSent', reason: 'unreachable', retryAfterMs: null };
  }
  return upstream.add(buildRequest(intent.outgoing));
}

/**
 * Writes an answer, again and again while the database is away: the attempt is never repeated. If
 * it is away until the worker has stopped the attempt becomes unknown, and reconciliation has to
 * find out; the provider's id of an accepted order is in the log for that.
 */
async function recordSurely(ctx: ForwardCtx, intent: Intent, outcome: AddOutcome): Promise<void> {
  const { customerId, orderId, number } = intent;
  const externalId = outcome.outcome === 'accepted' ? outcome.order : null;
  let stoppedAt: number | undefined;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const recorded = await ctx.recorder.submit({ customerId, orderId, number, outcome, actor });
      if (recorded === 'late') {
        ctx.log.warn({ orderId, attempt: number }, 'an answer came after the attempt was decided');
      }
      return;
    } catch (error) {
      const told = { error, orderId, outcome: outcome.outcome, externalId };
      if (attempt % attemptsPerNotice === 0) ctx.log.error(told, 'an answer could not be written');
      const now = ctx.clock.now().getTime();
      if (ctx.leaving?.aborted !== false) stoppedAt ??= now;
      if (stoppedAt !== undefined && now - stoppedAt >= patienceMs) {
        ctx.log.error(told, 'an answer was not written before the worker stopped');
        return;
      }
      await waitBy(ctx.clock, recordRetryMs);
    }
  }
}

/** How many orders to take at once: what the rate limit lets through in a second, and room for. */
export function batchLimit(provider: Provider, room: number): number {
  assert(room > 0, 'there is room for an order');
  const perSecond = Math.max(1, Math.floor(provider.callsPerMinuteMax / 60));
  return Math.min(room, perSecond);
}
