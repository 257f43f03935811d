import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  AppError,
  type Clock,
  createRateLimiter,
  type Limits,
  type Log,
  type Peers,
  type RateLimiter,
} from '../../base/index.ts';
import {
  isAddressAllowed,
  type KeyHolder,
  type Keyring,
  type RecentCalls,
} from '../../customers/index.ts';
import { transportSecurity } from '../security-headers.ts';
import { type ApiContext, actions } from './actions.ts';
import { createBodyReader, drainBody } from './body.ts';
import { type ActionName, actionNames } from './definition.ts';
import { type Params, parseParams, readQuery, setField } from './params.ts';
import { sendPriceList } from './price-list.ts';
import { refusalStatus, refusalText } from './refusals.ts';
import { errorReply, type Reply } from './replies.ts';

export type ApiOptions = {
  ctx: ApiContext;
  keyring: Keyring;
  clock: Clock;
  log: Log;
  /** With whom calls are counted together. */
  peers?: Peers | undefined;
  /** The caller's address: the socket's, or what a trusted proxy says. */
  addressOf: (request: IncomingMessage) => string;
  recentCalls: RecentCalls;
  onCall: (call: { action: ActionName | 'none'; outcome: Outcome; seconds: number }) => void;
};

export type Outcome = 'ok' | 'refused' | 'limited' | 'failed';

// A wrong key is a mistake a few times and an attack after that.
const badKeyLimits: Limits = { perSecond: 1, burst: 20 };
// A reseller's burst of 1,000 calls in a second passes twice over.
const builtInCallsPerSecond = 1_000;
const burstSeconds = 2;

const headersOfReply = {
  'Content-Type': 'application/json; charset=UTF-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Strict-Transport-Security': transportSecurity,
};
const noParams: Params = { fields: new Map(), lists: new Map() };
const actionSet: ReadonlySet<string> = new Set(actionNames);

/**
 * The handler of `/api/v2`, on Node's own request and response: a framework's Request and Response
 * around them cost more than all the rest of a call (a third of the calls per second, measured).
 */
export function createApiHandler(options: ApiOptions) {
  const { clock, peers } = options;
  const badKeys = createRateLimiter(clock, { name: 'bad keys', peers });
  const calls = createRateLimiter(clock, { name: 'calls', peers });
  const limiters = { badKeys, calls };
  const bodies = createBodyReader();

  return async function handleApiCall(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const started = performance.now();
    let action: ActionName | 'none' = 'none';
    let outcome: Outcome = 'ok';
    let body: Buffer | undefined;
    let caller: { holder: KeyHolder; address: string } | undefined;
    let failure: unknown;
    try {
      body = await bodies.read(request);
      // Nearly every call is read, and its key known, without waiting; each wait takes as long as
      // reading a few parameters.
      const read = readParams(request, body);
      const { params, fault } = read instanceof Promise ? await read : read;
      const address = options.addressOf(request);
      const call = { request, params, address, isRead: fault === undefined };
      const holder = recognise(options, call) ?? (await authenticate(options, limiters, call));
      caller = { holder, address };
      admit(options, limiters.calls, holder);
      if (fault !== undefined) throw fault;
      action = readAction(params);
      const reply = actions[action]({ ctx: options.ctx, holder, params });
      if (reply instanceof Promise) send(response, 200, await reply);
      else if (typeof reply === 'string' || Buffer.isBuffer(reply)) send(response, 200, reply);
      else await sendPriceList(reply, { request, response }, headersOfReply);
    } catch (error) {
      failure = error;
      outcome = sendError(options, { request, response, error });
    } finally {
      if (body !== undefined) bodies.release(body);
    }
    if (caller !== undefined) noteCall(options.recentCalls, caller, { action, failure });
    options.onCall({ action, outcome, seconds: (performance.now() - started) / 1000 });
  };
}

/** Keeps a call for the customer to look at: what was asked, with which key, why refused. */
function noteCall(
  recentCalls: RecentCalls,
  caller: { holder: KeyHolder; address: string },
  call: { action: string; failure: unknown },
): void {
  const { holder, address } = caller;
  const { action, failure } = call;
  const isRefused = failure instanceof AppError;
  const refusal =
    failure === undefined ? null : isRefused ? refusalText(failure) : 'Internal error';
  recentCalls.note(holder, { address, action, refusal });
}

/** The parameters of a call. Those that can't be read count as not given until the key is known. */
function readParams(request: IncomingMessage, body: Buffer): ReadParams | Promise<ReadParams> {
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  const query = mark === -1 ? '' : url.slice(mark + 1);
  const contentType = request.headers['content-type'] ?? '';
  const withRequestId = (params: Params) => addRequestId(request, params);
  const withoutBody = (fault: unknown) => readQueryAlone(query, fault);
  try {
    const params = parseParams({ query, contentType, body });
    if (params instanceof Promise) return params.then(withRequestId, withoutBody);
    return withRequestId(params);
  } catch (error) {
    return withoutBody(error);
  }
}

type ReadParams = { params: Params; fault?: AppError };

function addRequestId(request: IncomingMessage, params: Params): ReadParams {
  const requestId = request.headers['idempotency-key'];
  if (typeof requestId === 'string' && !params.fields.has('request_id')) {
    setField(params, 'request_id', requestId);
  }
  return { params };
}

function readQueryAlone(query: string, fault: unknown): ReadParams {
  if (!(fault instanceof AppError)) throw fault;
  try {
    return { params: readQuery(query), fault };
  } catch {
    return { params: noParams, fault };
  }
}

/** `isRead`: whether all parameters are known, and so whether a key that is missing was sent. */
type Call = { request: IncomingMessage; params: Params; address: string; isRead: boolean };

/** Who calls, if the key is known in memory and used from where it may be. */
function recognise({ keyring }: ApiOptions, call: Call): KeyHolder | undefined {
  const holder = keyring.peek(readKey(call.request, call.params));
  return holder !== undefined && isAddressAllowed(holder, call.address) ? holder : undefined;
}

/**
 * Finds who calls, at the least cost first: a known key at once, a malformed one without a query,
 * an unknown one only while its address has not tried too many.
 */
async function authenticate(
  options: ApiOptions,
  limiters: { badKeys: RateLimiter; calls: RateLimiter },
  call: Call,
): Promise<KeyHolder> {
  const { address } = call;
  const key = readKey(call.request, call.params);
  const cached = options.keyring.peek(key);
  if (cached === undefined) {
    const waitSeconds = limiters.badKeys.waitSeconds(address, badKeyLimits);
    if (waitSeconds > 0) throw rateLimited(waitSeconds);
  }
  const holder = cached ?? (await options.keyring.resolve(key));
  const isElsewhere = holder !== undefined && !isAddressAllowed(holder, address);
  if (isElsewhere) {
    // The caller is told no more than that the key is wrong; its owner sees why.
    const failure = new AppError('invalid_key', 'the key is used from another address');
    noteCall(options.recentCalls, { holder, address }, { action: 'none', failure });
  }
  if (holder === undefined || isElsewhere) {
    // A body that can't be read may hold the right key: nobody has tried a wrong one.
    if (call.isRead || key !== '') limiters.badKeys.take(address, badKeyLimits);
    throw new AppError('invalid_key', 'no, wrong or revoked key, or not from this address');
  }
  return holder;
}

/** Lets a known caller in, unless they call too often or are suspended. */
function admit(options: ApiOptions, calls: RateLimiter, holder: KeyHolder): void {
  const { callsPerSecondDefault } = options.ctx.catalog.current().settings;
  const perSecond = holder.callsPerSecondMax ?? callsPerSecondDefault ?? builtInCallsPerSecond;
  const waitSeconds = calls.take(holder.keyId, {
    perSecond,
    burst: perSecond * burstSeconds,
  });
  if (waitSeconds > 0) throw rateLimited(waitSeconds);
  if (holder.status === 'suspended') {
    throw new AppError('customer_suspended', 'the customer is suspended');
  }
}

function readKey(request: IncomingMessage, params: Params): string {
  const field = params.fields.get('key');
  if (field !== undefined) return field;
  const header = request.headers['x-api-key'];
  if (typeof header === 'string') return header.trim();
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
  return bearer?.[1] ?? '';
}

function readAction(params: Params): ActionName {
  const action = params.fields.get('action') ?? '';
  if (!actionSet.has(action)) throw new AppError('incorrect_request', 'no or unknown action');
  return action as ActionName; // the set holds the action names and nothing else
}

function rateLimited(waitSeconds: number): AppError {
  return new AppError('rate_limited', 'too many calls', { detail: String(waitSeconds) });
}

function sendError(
  options: ApiOptions,
  failed: { request: IncomingMessage; response: ServerResponse; error: unknown },
): Outcome {
  const { request, response, error } = failed;
  // A client that went away is told nothing, and its going is no fault of ours to log.
  if (response.destroyed || request.errored || request.socket.destroyed) return 'failed';
  if (error instanceof AppError) {
    const status = refusalStatus(error);
    if (status !== 200) response.setHeader('Retry-After', error.detail || '1');
    const reply = errorReply(refusalText(error));
    if (request.complete) send(response, status, reply);
    else sendWhileDraining(request, response, { status, reply });
    return status === 200 ? 'refused' : 'limited';
  }
  const requestId = crypto.randomUUID();
  options.log.error({ error, requestId }, 'an API call failed');
  response.setHeader('X-Request-Id', requestId);
  send(response, 500, errorReply('Internal error'));
  return 'failed';
}

function send(response: ServerResponse, status: number, body: Reply): void {
  response.writeHead(status, { ...headersOfReply, 'Content-Length': body.length });
  response.end(body, 'latin1');
}

/**
 * Answers before the body has come whole. The answer is complete at once, but the connection ends
 * only later: closed with bytes unread it would be reset, and the answer lost.
 */
function sendWhileDraining(
  request: IncomingMessage,
  response: ServerResponse,
  answer: { status: number; reply: string },
): void {
  response.writeHead(answer.status, {
    ...headersOfReply,
    'Content-Length': Buffer.byteLength(answer.reply),
    Connection: 'close',
  });
  response.write(answer.reply);
  void drainBody(request).then(() => response.end());
}
