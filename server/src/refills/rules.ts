import type { Reading, StatusWord, WriteOutcome } from '@panelwright/sdk';
import { assertNever, hourMs, minuteMs, secondMs } from '../base/index.ts';
import type { Schema } from '../db/index.ts';

export type RefillStatus = Schema['refills']['status'];

/** Where a refill may go from where it is; a decided refill stays as it is. */
export const nextStatuses: Readonly<Record<RefillStatus, readonly RefillStatus[]>> = {
  Pending: ['In progress', 'Completed', 'Rejected', 'Error'],
  'In progress': ['Completed', 'Rejected', 'Error'],
  Completed: [],
  Rejected: [],
  Error: [],
};

/** Whether a refill is decided for good. */
export function isDecided(status: RefillStatus): boolean {
  return nextStatuses[status].length === 0;
}

/** What a refill does after its provider was asked for it. Notes are for staff alone. */
export type NextStep =
  /** Taken; from now on its status is asked for. */
  | { step: 'follow'; externalId: string }
  /** Asked for again later; nothing was asked for yet. */
  | { step: 'retry'; afterMs: number; failures: number; note: string }
  /** The provider can't do it: staff do. */
  | { step: 'manual'; note: string }
  | { step: 'reject'; note: string }
  /** Neither taken nor not taken as far as anyone knows. */
  | { step: 'unknown'; note: string };

/**
 * Begins the note of a refill that may run at its provider without us knowing its number, and stays
 * there whatever comes later.
 */
export const unknownMark = 'unknown: ';
/** A first look at a refill soon, then ever more rarely. */
export const firstLookMs = minuteMs;

const retryAfterMs = [5, 15, 60, 300, 900].map((seconds) => seconds * secondMs);
const retryMsMax = hourMs;
/** Tries of about half a day, while the provider is out of reach. */
const notSentMax = 16;
/** The provider is stopped, or asked for a pause; its refills wait until it goes on. */
const troubleRetryMs = minuteMs;

/**
 * What follows from the answer to a request for a refill. What is unknown is never asked for again
 * by itself: a second refill is a second delivery. Pure.
 * @param before how often in a row it was not sent, and whether an earlier request for this order
 *   may have arrived unnoticed
 */
export function decideNext(
  outcome: WriteOutcome<{ refill: string }>,
  before: { failures: number; mayRunThere: boolean },
): NextStep {
  const next = decideAlone(outcome, before);
  const keepsMark = before.mayRunThere && next.step !== 'follow';
  if (!keepsMark || next.note.startsWith(unknownMark)) return next;
  return { ...next, note: `${unknownMark}${next.note}` };
}

function decideAlone(
  outcome: WriteOutcome<{ refill: string }>,
  before: { failures: number; mayRunThere: boolean },
): NextStep {
  const { failures } = before;
  switch (outcome.outcome) {
    case 'accepted':
      return { step: 'follow', externalId: outcome.refill };
    case 'unknown':
      return { step: 'unknown', note: `${unknownMark}${outcome.reason}` };
    case 'notSent': {
      const note = `not sent: ${outcome.reason}`;
      // A worker that was held up gives back what it has not sent.
      if (outcome.reason === 'aborted') return { step: 'retry', afterMs: 0, failures, note };
      if (failures + 1 >= notSentMax) return { step: 'manual', note };
      const backOffMs = retryAfterMs[failures] ?? retryMsMax;
      const afterMs = Math.max(outcome.retryAfterMs ?? 0, backOffMs);
      return { step: 'retry', afterMs, failures: failures + 1, note };
    }
    case 'rejected':
      return decideRejected(outcome.refusal, before);
    default:
      return assertNever(outcome);
  }
}

type Refusal = Extract<WriteOutcome<object>, { outcome: 'rejected' }>['refusal'];

function decideRejected(
  refusal: Refusal,
  before: { failures: number; mayRunThere: boolean },
): NextStep {
  const note = `refused: ${refusal.text}`;
  switch (refusal.code) {
    case 'invalid_key':
    case 'suspended':
    case 'rate_limited':
      return { step: 'retry', afterMs: troubleRetryMs, failures: before.failures, note };
    case 'incorrect_request':
    case 'refill_disabled':
    case 'not_enough_funds':
      // Says something of the panel or of our account there, not of the refill.
      return { step: 'manual', note };
    case 'refill_running':
    case 'too_soon':
      // Where an earlier request may have arrived, it is this one's own echo.
      return { step: before.mayRunThere ? 'unknown' : 'reject', note };
    default:
      return { step: 'reject', note };
  }
}

/** What a provider says about a refill: its status, or what staff should know. */
export type Said = { status: RefillStatus } | { note: string };

/** Reads the answer about a refill; undefined when it says nothing about it. Pure. */
export function readSaid(reading: Reading<StatusWord<RefillStatus>>): Said | undefined {
  if (reading.ok) {
    const { known, word } = reading.value;
    return known ? { status: word } : { note: `unknown status "${word}"` };
  }
  const { failure } = reading;
  return failure.kind === 'refused' ? { note: `refused: ${failure.refusal.text}` } : undefined;
}
