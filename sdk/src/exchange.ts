import { refusalOf } from './refusals.ts';
import { type Transport, TransportError, type TransportReply } from './transport.ts';
import { cleanText, isJsonObject, isNothing, own } from './values.ts';

/** What one request needs to know of the client it belongs to. */
export type Connection = {
  url: string;
  key: string;
  /** What a reply may say the key back as; null for one that could be any part of a reply. */
  keySpellings: RegExp | null;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  replyBytesMax: number;
  transport: Transport;
};

/** A reply that came but says nothing certain. */
export type ReplyFault =
  /** 3xx: it is not followed, and whoever sent it may have handled the request. */
  | 'redirect'
  | 'server_error'
  /** A status that does not go with the body: a bare 403 of a firewall, a 202, a 408. */
  | 'unexpected_status'
  | 'empty'
  /** Not UTF-8. */
  | 'not_text'
  /** HTML, or JSON that was cut. */
  | 'not_json'
  | 'unexpected_shape';

/** Why there is no usable reply at all. */
export type TransportFault =
  | 'unreachable'
  | 'timeout'
  /** The caller's signal. */
  | 'aborted'
  | 'oversized'
  /** HTTP 429: the panel turned the request away without handling it. */
  | 'rate_limited'
  /** The transport threw something that is no `TransportError`. */
  | 'transport_fault';

export type Fault = {
  kind: 'fault';
  reason: ReplyFault | TransportFault;
  /** `'no'` is certain: nothing was sent, or the panel refused to look at it. */
  sent: 'no' | 'maybe';
  /** Null without a reply. */
  status: number | null;
  raw: string;
  retryAfterMs: number | null;
};

/** JSON of a 2xx, or of a 4xx that carries an `error`. `raw` is the reply's text, bounded. */
export type JsonReply = { kind: 'json'; status: number; value: unknown; raw: string };

export type Exchange = JsonReply | Fault;

/** How much of a reply's text is kept with an answer, in letters. */
const rawLettersMax = 2000;
/** How long a transport that ignores its signal is waited for after the deadline. */
const transportGraceMs = 1000;
/** A panel that asks for more is asked again tomorrow. */
const retryAfterMsMax = 86_400_000;
/** A key shorter than this could be any part of a reply; nobody has one. */
const redactedKeyLengthMin = 8;

/**
 * Sends one request and reads its reply, within the connection's deadline. Never retries, never
 * throws: every fault of the network or the reply is a returned one.
 */
export async function exchange(
  connection: Connection,
  fields: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<Exchange> {
  if (signal?.aborted) return fault('aborted', { sent: 'no' });
  const deadline = startDeadline(connection.timeoutMs, signal);
  try {
    const sending = send(connection, fields, deadline.signal);
    return readReply(await Promise.race([sending, deadline.abandoned]), connection);
  } catch (error) {
    return faultOfError(error, deadline.signal);
  } finally {
    deadline.stop();
  }
}

/** The key and the action come last, so that no field of an order can stand in for them. */
async function send(
  connection: Connection,
  fields: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<TransportReply> {
  const { action = '', ...rest } = fields;
  return connection.transport({
    url: connection.url,
    method: 'POST',
    headers: {
      accept: 'application/json',
      ...connection.headers,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ ...rest, key: connection.key, action }).toString(),
    signal,
    replyBytesMax: connection.replyBytesMax,
  });
}

/** Aborts after `timeoutMs` or with the caller; `abandoned` rejects if that had no effect. */
function startDeadline(timeoutMs: number, caller: AbortSignal | undefined) {
  const controller = new AbortController();
  const onCallerAbort = () => controller.abort('aborted');
  const timer = setTimeout(() => controller.abort('timeout'), timeoutMs);
  let grace: ReturnType<typeof setTimeout> | undefined;
  caller?.addEventListener('abort', onCallerAbort, { once: true });
  const abandoned = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener('abort', () => {
      const error = new TransportError('timeout', { sent: 'maybe' });
      grace = setTimeout(() => reject(error), transportGraceMs);
    });
  });
  const stop = () => {
    clearTimeout(timer);
    clearTimeout(grace);
    caller?.removeEventListener('abort', onCallerAbort);
  };
  return { signal: controller.signal, abandoned, stop };
}

function faultOfError(error: unknown, signal: AbortSignal): Fault {
  if (!(error instanceof TransportError)) return fault('transport_fault', { sent: 'maybe' });
  const isAborted = error.kind === 'timeout' && signal.reason === 'aborted';
  return fault(isAborted ? 'aborted' : error.kind, { sent: error.sent });
}

function fault(reason: Fault['reason'], rest: Partial<Fault> & Pick<Fault, 'sent'>): Fault {
  return { kind: 'fault', reason, status: null, raw: '', retryAfterMs: null, ...rest };
}

function readReply(reply: TransportReply, connection: Connection): Exchange {
  const { status, body } = reply;
  if (body.byteLength > connection.replyBytesMax) {
    return fault('oversized', { sent: 'maybe', status });
  }
  const text = decodeUtf8(body);
  const spellings = connection.keySpellings;
  const raw = boundedRaw(text ?? '', spellings);
  const parsed = text === null ? { fault: 'not_text' as const } : parseJson(text, spellings);
  const retryAfterMs = readRetryAfter(reply.headers['retry-after']);
  if (status === 429 && !claimsResult(parsed.value)) {
    return fault('rate_limited', { sent: 'no', status, raw, retryAfterMs });
  }
  const reason = statusFault(status, parsed.value) ?? parsed.fault;
  if (reason !== undefined) return fault(reason, { sent: 'maybe', status, raw, retryAfterMs });
  return { kind: 'json', status, value: parsed.value, raw };
}

/** Strict: a broken letter may stand in for a digit. A byte order mark is dropped. */
function decodeUtf8(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return null;
  }
}

/**
 * Escapes of NUL, of what may be half a letter, and of letters that need none; a reply without them
 * and without the key, however that is spelled, needs no second look.
 */
const oddEscape = /\\u(?:00[0-7]|d[89a-f])/i;

function parseJson(
  text: string,
  spellings: RegExp | null,
): { value?: unknown; fault?: ReplyFault } {
  if (text.trim() === '') return { fault: 'empty' };
  const isOdd = oddEscape.test(text) || withoutKey(text, spellings) !== text;
  const cleanValue = (_name: string, value: unknown) =>
    typeof value === 'string' ? cleanText(withoutKey(value, spellings)) : value;
  try {
    return { value: JSON.parse(text, isOdd ? cleanValue : undefined) };
  } catch {
    return { fault: 'not_json' };
  }
}

/** A 429 that names an order all the same proves nothing. */
function claimsResult(value: unknown): boolean {
  if (!isJsonObject(value)) return Array.isArray(value);
  return ['order', 'refill', 'cancel'].some((key) => !isNothing(own(value, key)));
}

/**
 * What a status alone decides. Below 500 an object with an `error` is the panel speaking; without
 * one a 4xx may come from anything on the way. 408 is a gateway that stopped waiting.
 */
function statusFault(status: number, value: unknown): ReplyFault | undefined {
  if (status >= 300 && status < 400) return 'redirect';
  if (status >= 500) return 'server_error';
  if (status >= 200 && status < 300) return undefined;
  const isRefusal = isJsonObject(value) && refusalOf(value) !== null;
  return status >= 400 && status !== 408 && status !== 429 && isRefusal
    ? undefined
    : 'unexpected_status';
}

/** What is kept of a reply's text: its beginning, without the key should the panel repeat that. */
export function boundedRaw(text: string, spellings: RegExp | null): string {
  return cleanText(withoutKey(text, spellings), rawLettersMax);
}

function withoutKey(text: string, spellings: RegExp | null): string {
  return spellings === null ? text : text.replace(spellings, '***');
}

/** Matches a key with each letter as it is, after a backslash, or as JSON or a URL escapes it. */
export function spellingsOf(key: string): RegExp | null {
  if (key.length < redactedKeyLengthMin) return null;
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const letters = Array.from(key, (letter) => {
    const itself = `\\\\?\\u{${hex(letter.codePointAt(0) ?? 0, 1)}}`;
    const units = Array.from({ length: letter.length }, (_, at) => letter.charCodeAt(at));
    const inJson = units.map((unit) => `\\\\u${hex(unit, 4)}`).join('');
    const inUrl = Array.from(new TextEncoder().encode(letter), (byte) => `%${hex(byte, 2)}`);
    return `(?:${itself}|${inJson}|${inUrl.join('')})`;
  });
  return new RegExp(letters.join(''), 'giu');
}

/** Seconds or a date, as milliseconds from now, at most a day. */
function readRetryAfter(header: string | undefined): number | null {
  const text = header?.trim() ?? '';
  const ms = /^\d{1,9}$/.test(text)
    ? Number.parseInt(text, 10) * 1000
    : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), retryAfterMsMax);
}
