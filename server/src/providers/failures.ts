import {
  type Answers,
  plainText,
  type ReadFailure,
  type Reading,
  type ServicesReading,
  TransportError,
  type WriteOutcome,
} from '@panelwright/sdk';
import { privateAddressCode } from './address.ts';

/** What a call to a provider can answer. */
export type CallAnswer =
  | WriteOutcome<object>
  | Reading<unknown>
  | ServicesReading
  | Answers<WriteOutcome<object> | Reading<unknown>>;

/** Why a call failed, as a word, and what the panel or the network said about it. */
export type Failure = { reason: string; detail: string };

/** Refusals that are an answer like any other: the panel works, and understood the question. */
const ordinaryRefusals: ReadonlySet<string> = new Set(['incorrect_order', 'refill_not_found']);
/** Refusals of a write that are not about the order at all. */
const brokenRefusals: ReadonlySet<string> = new Set(['invalid_key', 'suspended']);

const detailLettersMax = 200;
const causesMax = 4;

/**
 * Whether a call failed: null for no. `skip`: it says nothing about the provider, because the
 * caller gave it up or nothing was asked. A refused order is no failure, an answer that nobody
 * can read is one. A list fails only as a whole.
 */
export function failureOf(answer: CallAnswer): Failure | 'skip' | null {
  if ('outcome' in answer) return failureOfWrite(answer);
  if ('ok' in answer) return answer.ok ? null : failureOfRead(answer.failure);
  const [first, ...rest] = [...answer.answers.values()].map(failureOf);
  if (first === undefined) return 'skip';
  return rest.includes(null) ? null : first;
}

function failureOfWrite(outcome: WriteOutcome<object>): Failure | 'skip' | null {
  if (outcome.outcome === 'accepted') return null;
  if (outcome.outcome === 'rejected') {
    const { code, text } = outcome.refusal;
    return brokenRefusals.has(code) ? { reason: 'refused', detail: text } : null;
  }
  if (outcome.reason === 'aborted') return 'skip';
  if (outcome.outcome === 'notSent') return { reason: outcome.reason, detail: '' };
  return { reason: withStatus(outcome.reason, outcome.status), detail: outcome.raw };
}

function failureOfRead(
  failure: ReadFailure | (ServicesReading & { ok: false })['failure'],
): Failure | 'skip' | null {
  if (failure.kind === 'aborted') return 'skip';
  if (failure.kind === 'missing') return null;
  if (failure.kind === 'implausible') return { reason: failure.reason, detail: failure.raw };
  if (failure.kind === 'unreadable') {
    return { reason: withStatus(failure.reason, failure.status), detail: failure.raw };
  }
  if (failure.kind !== 'refused') return { reason: failure.kind, detail: '' };
  const { code, text } = failure.refusal;
  return ordinaryRefusals.has(code) ? null : { reason: 'refused', detail: text };
}

function withStatus(reason: string, status: number | null): string {
  return status === null || status === 200 ? reason : `${reason} ${status}`;
}

/**
 * A failure as staff read it: `balance: server_error 502: Bad gateway`. No markup, no key, and of
 * what came from outside at most 200 letters.
 */
export function failureText(action: string, failure: Failure, key: string): string {
  const clean = [key, encodeURIComponent(key)].reduce(
    (text, secret) => text.replaceAll(secret, '***'),
    failure.detail,
  );
  const detail = plainText(clean).slice(0, detailLettersMax);
  return [action, failure.reason, ...(detail === '' ? [] : [detail])].join(': ');
}

const networkErrors: Readonly<Record<string, string>> = {
  [privateAddressCode]: 'the address is not a public one, which the settings refuse',
  ECONNREFUSED: 'nothing answers at this address',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the host',
  ETIMEDOUT: 'the host does not answer',
  EPROTO: 'it does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is from an unknown authority',
};

/** An error of the network in words. Never its message, which may name anything. */
export function describeError(error: unknown): string {
  const code = codeOf(error);
  return networkErrors[code] ?? code;
}

/** The first code along the causes; of several tried addresses, the first one's. */
function codeOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > causesMax) return '';
  if (error instanceof AggregateError && error.errors.length > 0) {
    return codeOf(error.errors[0], depth + 1);
  }
  const code: unknown = Reflect.get(error, 'code');
  const isOwn = error instanceof TransportError || typeof code !== 'string';
  return isOwn ? codeOf(error.cause, depth + 1) : code;
}
