import type { WriteOutcome } from '@panelwright/sdk';
import { assertNever, hourMs, minuteMs, secondMs } from '../base/index.ts';

/** How a cancellation is carried out. */
export type Way =
  /** By the panel itself, at once: no provider has the order. */
  | 'panel'
  /** The provider that has the order is asked. */
  | 'provider'
  /** Later: whether a provider has the order is not known. */
  | 'wait'
  /** By staff. */
  | 'manual';

/** How far an order is with its provider. */
export type DeliveryFacts = {
  state: string;
  reason: string;
  externalId: string | null;
  /** An earlier attempt may have been placed: staff had it sent again all the same. */
  mayBeThere: boolean;
};

/** An order as its cancellation sees it. */
export type OrderFacts = {
  kind: 'single' | 'drip_feed' | 'subscription';
  status: string;
  quantity: bigint;
  remains: bigint;
};

/**
 * How an order is cancelled, by how far its delivery is; without one it is staff's, or the panel's
 * that makes its runs or posts. Only what surely is at no provider, and of which nobody delivered
 * a part, is cancelled by the panel. Pure.
 */
export function chooseWay(order: OrderFacts, delivery: DeliveryFacts | undefined): Way {
  const isParent = order.kind !== 'single';
  if (delivery === undefined) return isParent ? 'panel' : 'manual';
  if (delivery.state === 'following') return 'provider';
  if (delivery.state === 'done') return 'manual';
  if (!isUnsent(delivery)) return 'wait';
  if (delivery.mayBeThere) return delivery.state === 'due' ? 'wait' : 'manual';
  const isUntouched = order.status === 'Pending' && order.remains === order.quantity;
  return isUntouched || isParent ? 'panel' : 'manual';
}

/** Whether the delivery can be closed: it was never sent, or its last attempt was not placed. */
export function isUnsent({ state, reason, externalId }: DeliveryFacts): boolean {
  if (externalId !== null) return false;
  return state === 'due' || (state === 'held' && reason !== 'unknown');
}

/** What a cancellation does after its provider was asked. Notes are for staff alone. */
export type NextStep =
  /** Taken; the order's status will show what came of it. */
  | { step: 'follow' }
  /** Asked again later. */
  | { step: 'retry'; afterMs: number; failures: number; note: string }
  /** Staff decide. */
  | { step: 'manual'; note: string };

/** How long a cancellation waits for what it has to know. */
export const waitMs = 30 * secondMs;

const retryAfterMs = [5, 15, 60, 300, 900].map((seconds) => seconds * secondMs);
const retryMsMax = hourMs;
const triesMax = 10;
/** The provider is stopped, or asked for a pause; its cancellations wait until it goes on. */
const troubleRetryMs = minuteMs;

/**
 * What follows from the answer to a request to cancel. A lost answer is asked for again: a second
 * request for the same order changes nothing there, and is answered as a repeated one. Pure.
 * @param failures how often in a row there was no answer
 */
export function decideNext(outcome: WriteOutcome<object>, failures: number): NextStep {
  switch (outcome.outcome) {
    case 'accepted':
      return { step: 'follow' };
    case 'unknown':
      return retry(failures, { note: `unknown: ${outcome.reason}` });
    case 'notSent': {
      const note = `not sent: ${outcome.reason}`;
      // A worker that was held up gives back what it has not sent.
      if (outcome.reason === 'aborted') return { step: 'retry', afterMs: 0, failures, note };
      return retry(failures, { note, askedMs: outcome.retryAfterMs ?? 0 });
    }
    case 'rejected': {
      const { code, text } = outcome.refusal;
      const note = `refused: ${text}`;
      if (code === 'cancel_repeated') return { step: 'follow' };
      if (code === 'invalid_key' || code === 'suspended' || code === 'rate_limited') {
        return { step: 'retry', afterMs: troubleRetryMs, failures, note };
      }
      return { step: 'manual', note };
    }
    default:
      return assertNever(outcome);
  }
}

function retry(failures: number, why: { note: string; askedMs?: number }): NextStep {
  const { note, askedMs = 0 } = why;
  if (failures + 1 >= triesMax) return { step: 'manual', note };
  const afterMs = Math.max(askedMs, retryAfterMs[failures] ?? retryMsMax);
  return { step: 'retry', afterMs, failures: failures + 1, note };
}
