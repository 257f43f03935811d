import type { Exchange, Fault, ReplyFault, TransportFault } from './exchange.ts';
import { type Refusal, refusalOf } from './refusals.ts';

/** The panel took the request. `raw` is its reply's text, at most 2,000 letters. */
export type Accepted<Result> = { outcome: 'accepted'; raw: string } & Result;

/** The panel understood and refused: nothing was placed. */
export type Rejected = { outcome: 'rejected'; refusal: Refusal; raw: string };

/**
 * Certainly not done, and safe to send again: no byte left, or the panel answered 429.
 * `not_attempted`: an earlier part of a long list failed, so this part was not sent.
 */
export type NotSent = {
  outcome: 'notSent';
  reason: TransportFault | 'not_attempted';
  /** What the panel asked for, in milliseconds from now. */
  retryAfterMs: number | null;
};

export type UnknownReason =
  | ReplyFault
  | TransportFault
  /** The reply carries a result and an error. */
  | 'result_and_error'
  /** The reply carries an id that is not one to nineteen digits, or lost digits as a number. */
  | 'unusable_id'
  /** The reply to a list does not mention this id. */
  | 'missing'
  /** The reply to a list has rows that do not say whose they are. */
  | 'row_without_id'
  /** The reply to a list says different things about this id. */
  | 'contradiction';

/**
 * It may or may not have been done. Never send it again by yourself: look at the panel first.
 * `status` is the HTTP status, null without a reply.
 */
export type Unknown = {
  outcome: 'unknown';
  reason: UnknownReason;
  status: number | null;
  raw: string;
};

/** What became of a request that changes something. */
export type WriteOutcome<Result> = Accepted<Result> | Rejected | NotSent | Unknown;

/** Why a read has no value. Nothing was changed by asking, so asking again is safe. */
export type ReadFailure =
  | { kind: 'refused'; refusal: Refusal; raw: string }
  /** No connection, or it was lost. */
  | { kind: 'unreachable' }
  | { kind: 'timeout' }
  /** The caller's signal. */
  | { kind: 'aborted' }
  | { kind: 'rate_limited'; retryAfterMs: number | null }
  | { kind: 'oversized' }
  /** `status` is the HTTP status. */
  | { kind: 'unreadable'; reason: UnreadableReason; status: number | null; raw: string }
  /** The reply to a list does not mention this id. */
  | { kind: 'missing' };

export type UnreadableReason = ReplyFault | 'row_without_id' | 'contradiction';

/** A read's value, or why there is none. */
export type Reading<Value> =
  | { ok: true; value: Value; raw: string }
  | { ok: false; failure: ReadFailure };

/** Where a value stands in a reply, for the outcomes that keep it. */
export type Source = { status: number | null; raw: string };

/** A write's outcome when there is no JSON to read. */
export function outcomeOfFault(fault: Fault): NotSent | Unknown {
  const { reason, status, raw, retryAfterMs } = fault;
  if (fault.sent === 'no' && isTransportFault(reason)) {
    return { outcome: 'notSent', reason, retryAfterMs };
  }
  return { outcome: 'unknown', reason, status, raw };
}

const transportFaults: Readonly<Record<TransportFault, true>> = {
  unreachable: true,
  timeout: true,
  aborted: true,
  oversized: true,
  rate_limited: true,
  transport_fault: true,
};

function isTransportFault(reason: Fault['reason']): reason is TransportFault {
  return Object.hasOwn(transportFaults, reason);
}

/** A read's failure when there is no JSON to read. */
export function failureOfFault(fault: Fault): ReadFailure {
  const { reason, status, raw, retryAfterMs } = fault;
  if (reason === 'rate_limited') return { kind: reason, retryAfterMs };
  if (reason === 'timeout' || reason === 'aborted' || reason === 'oversized') {
    return { kind: reason };
  }
  if (reason === 'unreachable' || reason === 'transport_fault') return { kind: 'unreachable' };
  return { kind: 'unreadable', reason, status, raw };
}

/** A refused read; a refusal for too many requests reads as HTTP 429 does. */
function failureOfRefusal(refusal: Refusal, raw: string): ReadFailure {
  if (refusal.code === 'rate_limited') return { kind: 'rate_limited', retryAfterMs: null };
  return { kind: 'refused', refusal, raw };
}

/** The value of a reply that `read` understands, else the refusal it carries, else unreadable. */
export function readingOf<Value>(
  reply: Exchange,
  read: (value: unknown) => Value | null,
): Reading<Value> {
  if (reply.kind === 'fault') return { ok: false, failure: failureOfFault(reply) };
  // A bare text is a refusal among rows, where panels put one, but not as a whole reply.
  const value = typeof reply.value === 'string' ? null : reply.value;
  return readingOfRow(value, reply, read);
}

/** The same for one row of a reply. A bare text is a refusal. */
export function readingOfRow<Value>(
  row: unknown,
  source: Source,
  read: (value: unknown) => Value | null,
): Reading<Value> {
  const { status, raw } = source;
  const refusal = refusalOf(row);
  if (refusal !== null) return { ok: false, failure: failureOfRefusal(refusal, raw) };
  const value = read(row);
  if (value !== null) return { ok: true, value, raw };
  return { ok: false, failure: { kind: 'unreadable', reason: 'unexpected_shape', status, raw } };
}

/** An outcome that leaves everything open. */
export function unknown(reason: UnknownReason, source: Source): Unknown {
  return { outcome: 'unknown', reason, status: source.status, raw: source.raw };
}
