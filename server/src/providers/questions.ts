import type { ReadFailure, WriteOutcome } from '@panelwright/sdk';
import { type Actor, type ProviderId, secondMs } from '../base/index.ts';
import type { Tx } from '../db/index.ts';
import type { Provider } from './provider.ts';
import { delayCalls } from './slots.ts';
import { pauseProvider } from './state.ts';

/** What an answer says about its provider as a whole, beyond what was asked. */
export type Trouble = { kind: 'key_refused' } | { kind: 'slow_down'; retryAfterMs: number | null };

const slowDownMs = 5 * secondMs;

/**
 * Whether a provider may be asked about the orders it has: how they do, to refill or to cancel
 * them. Also while it drains or has no funds, as none of that costs anything.
 */
export function takesQuestions(provider: Provider): boolean {
  const isStopped = provider.state === 'paused' && provider.pausedBy !== 'funds';
  return !isStopped && provider.keySealed !== null;
}

/** What the answer to a refill, a cancellation or a question says about the provider. Pure. */
export function troubleOf(answer: WriteOutcome<object> | ReadFailure): Trouble | null {
  if ('kind' in answer) {
    if (answer.kind === 'rate_limited') {
      return { kind: 'slow_down', retryAfterMs: answer.retryAfterMs };
    }
    return answer.kind === 'refused' ? troubleOfCode(answer.refusal.code) : null;
  }
  if (answer.outcome === 'notSent' && answer.reason === 'rate_limited') {
    return { kind: 'slow_down', retryAfterMs: answer.retryAfterMs };
  }
  return answer.outcome === 'rejected' ? troubleOfCode(answer.refusal.code) : null;
}

function troubleOfCode(code: string): Trouble | null {
  if (code === 'invalid_key' || code === 'suspended') return { kind: 'key_refused' };
  return code === 'rate_limited' ? { kind: 'slow_down', retryAfterMs: null } : null;
}

/** Pauses a provider that refuses its key, slows down one that asks for it; a block. */
export async function heedTrouble(
  tx: Tx,
  trouble: Trouble,
  input: { providerId: ProviderId; at: Date; actor: Actor },
): Promise<void> {
  const { providerId, at, actor } = input;
  if (trouble.kind === 'key_refused') {
    await pauseProvider(tx, { providerId, by: 'key', at, actor });
    return;
  }
  const until = new Date(at.getTime() + (trouble.retryAfterMs ?? slowDownMs));
  await delayCalls(tx, { providerId, until });
}
