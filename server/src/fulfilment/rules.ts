import { createHash } from 'node:crypto';
import type { AddOutcome, OrderStatus as UpstreamStatus } from '@panelwright/sdk';
import { assertNever, minuteMs, secondMs } from '../base/index.ts';
import { isFinal, type Report } from '../orders/index.ts';
import type { Provider } from '../providers/index.ts';

/** Why an order waits for staff. Each is a queue of its own name. */
export type HeldReason =
  /** The service has no route left to try. */
  | 'no_route'
  /** It costs more at the provider than the customer paid. */
  | 'margin'
  /** Every route refused it. */
  | 'rejected'
  /** No route could be reached, many times over. */
  | 'not_sent'
  /** Another order runs on the link upstream, for hours. */
  | 'duplicate_link'
  /** What the provider says about it can't be applied. */
  | 'flagged'
  /** Whether it was placed can't be found out. */
  | 'unknown'
  /** The provider accepted it after it was closed here: it delivers for nothing. */
  | typeof lateAccepted;

/** What a delivery does after an attempt. */
export type NextStep =
  /** Placed there; from now on its status is asked for. */
  | { step: 'follow'; externalId: string }
  /** Sent again later by the same route; nothing was placed. */
  | { step: 'retry'; afterMs: number; failures: number }
  /** Sent by the next route, or held for this reason when there is none. */
  | { step: 'next_route'; afterMs: number; reason: HeldReason }
  /** Neither placed nor not placed as far as anyone knows. */
  | { step: 'unknown'; reason: string };

const seenLettersMax = 2_000;
/** What is read of it again is at its head. */
const seenHeadLetters = 200;
/** Waits for staff although its order is final, until they acknowledge it. */
export const lateAccepted = 'late_accepted';
/** The reason of an unknown attempt that was asked for again under its request id. */
export const askedAgain = 'asked_again';
/** A first look soon, for orders that are done in a minute. */
export const firstPollSeconds = 5;
const pollSecondsMin = 5;
export const pollSecondsMax = 3_600;
/** So many times its age an order that changes waits at most. */
const waitOfAgeMax = 4;

const retryAfterMs = [5, 15, 60, 300, 900].map((seconds) => seconds * secondMs);
/** Tries at one route that is out of reach before the next one has its turn. */
const notSentMax = 5;
const linkRetryMs = 5 * minuteMs;
const linkRetriesMax = 48;
const failoverMs = secondMs;
const fundsRetryMs = minuteMs;

/**
 * What follows from the answer to `add`. What was refused or never sent goes to the next route, or
 * is tried again where the reason passes by itself; what is unknown is never sent again. Pure.
 * @param failures how often in a row this route failed before
 */
export function decideNext(outcome: AddOutcome, failures: number): NextStep {
  switch (outcome.outcome) {
    case 'accepted':
      return { step: 'follow', externalId: outcome.order };
    case 'unknown':
      return { step: 'unknown', reason: outcome.reason };
    case 'notSent':
      // A worker that stops gives back what it has not sent.
      if (outcome.reason === 'aborted') return { step: 'retry', afterMs: 0, failures };
      return decideNotSent(outcome.retryAfterMs, failures);
    case 'rejected':
      return decideRejected(outcome.refusal.code, failures);
    default:
      return assertNever(outcome);
  }
}

function decideNotSent(askedMs: number | null, failures: number): NextStep {
  if (failures + 1 >= notSentMax) {
    return { step: 'next_route', afterMs: failoverMs, reason: 'not_sent' };
  }
  const backOffMs = retryAfterMs[failures] ?? pollSecondsMax * secondMs;
  return { step: 'retry', afterMs: Math.max(askedMs ?? 0, backOffMs), failures: failures + 1 };
}

type Rejection = Extract<AddOutcome, { outcome: 'rejected' }>['refusal']['code'];

function decideRejected(code: Rejection, failures: number): NextStep {
  switch (code) {
    case 'not_enough_funds':
    case 'invalid_key':
    case 'suspended':
      // The provider is stopped; its orders wait until it goes on.
      return { step: 'retry', afterMs: fundsRetryMs, failures };
    case 'rate_limited':
      return decideNotSent(null, failures);
    case 'duplicate_link':
      return failures < linkRetriesMax
        ? { step: 'retry', afterMs: linkRetryMs, failures: failures + 1 }
        : { step: 'next_route', afterMs: failoverMs, reason: 'duplicate_link' };
    case 'request_id_conflict':
      // Somebody used it before, and that can only have been us.
      return { step: 'unknown', reason: 'request_id_conflict' };
    default:
      return { step: 'next_route', afterMs: failoverMs, reason: 'rejected' };
  }
}

/** Whether a provider refused an order because our balance there is too low. Pure. */
export function saysOutOfFunds(outcome: AddOutcome): boolean {
  return outcome.outcome === 'rejected' && outcome.refusal.code === 'not_enough_funds';
}

/** An order as its provider's reports are read against. */
export type Followed = { quantity: bigint; isDelegated: boolean };

/** A report to apply, or what staff should look at; nothing is applied then. */
export type Reading = { kind: 'report'; report: Report } | { kind: 'flag'; problem: string };

/**
 * What a provider's status means for the order. Words that nobody knows and numbers that can't be
 * are for staff; nothing is guessed where money follows. Pure.
 */
export function readStatus(status: UpstreamStatus, followed: Followed): Reading {
  if (!status.status.known) return flag(`unknown status "${status.status.word}"`);
  const { word } = status.status;
  const startCount = readCount(status.startCount);
  const remains = readCount(status.remains) ?? (isNegative(status.remains) ? 0n : undefined);
  const isTooMuch = remains !== undefined && remains > followed.quantity;
  const counts = startCount === undefined ? {} : { startCount };
  switch (word) {
    case 'Pending':
    case 'In progress':
    case 'Processing':
      if (isTooMuch) return flag(`${word} with remains ${remains} of ${followed.quantity}`);
      return report({ status: word, ...counts, ...(remains === undefined ? {} : { remains }) });
    case 'Active':
    case 'Paused':
      if (!followed.isDelegated) return flag(`${word} is no status of a plain order`);
      return report({ status: 'In progress', ...counts });
    case 'Completed':
      return report({ status: 'Completed', ...counts });
    case 'Partial':
      if (remains === undefined || isTooMuch) {
        return flag(`Partial with remains ${status.remains ?? 'unknown'} of ${followed.quantity}`);
      }
      return report({ status: 'Partial', remains, ...counts });
    case 'Canceled':
    case 'Refunded':
      return readCanceled(word, status, followed);
    case 'Expired':
    case 'Failed':
      return flag(`${word}: whether anything was delivered is not said`);
    default:
      return assertNever(word);
  }
}

/** Cancelled whole, unless the provider says in the same breath that something was delivered. */
function readCanceled(word: string, said: UpstreamStatus, followed: Followed): Reading {
  const remains = isNegative(said.remains) ? 0n : readCount(said.remains);
  const isFree = costsNothing(said.charge);
  // Many panels set remains to 0 when they cancel; with a charge beside it, it means delivered.
  const saysDelivered =
    remains === undefined
      ? said.charge !== null
      : remains < followed.quantity && (remains > 0n || said.charge !== null);
  if (!isFree && saysDelivered) {
    const what = `charge ${said.charge}, remains ${remains ?? 'unknown'} of ${followed.quantity}`;
    return flag(`${word} with ${what}: Canceled or Partial?`);
  }
  if (followed.isDelegated && (said.runs ?? 0) > 0 && remains !== followed.quantity) {
    return flag(`${word} after ${said.runs} runs: how much was delivered is not said`);
  }
  return report({ status: 'Canceled' });
}

/** Whether a provider says that it keeps nothing for an order. */
export function costsNothing(charge: string | null): boolean {
  return charge !== null && /^0*(?:\.0*)?$/.test(charge);
}

function report(value: Report): Reading {
  return { kind: 'report', report: value };
}

function flag(problem: string): Reading {
  return { kind: 'flag', problem };
}

function readCount(value: number | null): bigint | undefined {
  return value === null || value < 0 ? undefined : BigInt(value);
}

function isNegative(value: number | null): boolean {
  return value !== null && value < 0;
}

/**
 * A status as text: the same text again means that nothing changed since it was last applied. What
 * was charged counts only where something follows from it. A long text, of a parent with many
 * orders, ends in a hash: cut, it would stay the same when the next order comes.
 */
export function statusKey(status: UpstreamStatus): string {
  const { startCount, remains, runs, posts, orders, charge } = status;
  const { word } = status.status;
  const rest = [startCount, remains, runs, posts, orders?.join(',')].map((part) => part ?? '');
  const charged = word === 'Canceled' || word === 'Refunded' ? [charge ?? ''] : [];
  const text = [word, ...rest, ...charged].join('|');
  if (text.length <= seenLettersMax) return text;
  const hash = createHash('sha256').update(text).digest('base64url');
  return `${text.slice(0, seenHeadLetters).toWellFormed()}…${hash}`;
}

/**
 * When to look again after a change: a quarter of the time that delivery still takes at its pace so
 * far. Of an order that has just begun the little there is does not tell its pace: it waits at most
 * four times its age. Without a change the interval grows by half each time, so it follows an age.
 */
export function pollSecondsAfterChange(order: {
  quantity: bigint;
  remains: bigint;
  ageSeconds: number;
  before: number;
}): number {
  const done = order.quantity - order.remains;
  if (done <= 0n) return order.before;
  const permille = (order.remains * 1_000n) / done;
  const leftSeconds = (order.ageSeconds * Number(permille)) / 1_000;
  const seconds = Math.min(leftSeconds / 4, order.ageSeconds * waitOfAgeMax, pollSecondsMax);
  return Math.round(Math.max(seconds, pollSecondsMin));
}

/** Whether nothing is left to follow. */
export function isOver(status: Parameters<typeof isFinal>[0] | null): boolean {
  return status !== null && isFinal(status);
}

/** Whether a provider may be sent orders now. */
export function takesOrders(provider: Provider): boolean {
  return provider.state === 'on' && provider.keySealed !== null;
}
