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
import { type ActionName, actionNames } from './definition.ts';
import { type Params, parseParams, readQuery, setField } from './params.ts';
import { answerPriceList } from './price-list.ts';
import { refusalStatus, refusalText } from './refusals.ts';
import { errorReply, type Reply } from './replies.ts';

export type ApiOptions = {
  ctx: ApiContext;
  keyring: Keyring;
  clock: Clock;
  log: Log;
  /** With whom calls are counted together. */
  peers?: Peers | undefined;
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

/** A call, whatever brought it. */
export type ApiCall = {
  /** What follows the question mark. */
  query: string;
  /** A header by its name in small letters. */
  header: (name: string) => string | undefined;
  /** The caller's. */
  address: string;
  body: Buffer;
};

/** What a call is answered. A length is part of it only where there is a body. */
export type ApiAnswer = {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Reply | undefined;
};

export type ApiHandler = {
  /** Answers a call. Never rejects. */
  answer: (call: ApiCall) => Promise<ApiAnswer>;
  /** Answers a call whose body is refused. */
  refuse: (refusal: AppError) => ApiAnswer;
  /** Counts a call whose client went away before it was read. */
  lose: () => void;
};

/** The handler of `/api/v2`, of calls that were brought by whatever can. */
export function createApiHandler(options: ApiOptions): ApiHandler {
  const { clock, peers } = options;
  const badKeys = createRateLimiter(clock, { name: 'bad keys', peers });
  const calls = createRateLimiter(clock, { name: 'calls', peers });
  const limiters = { badKeys, calls };

  async function answer(call: ApiCall): Promise<ApiAnswer> {
    const started = performance.now();
    let action: ActionName | 'none' = 'none';
    let caller: { holder: KeyHolder; address: string } | undefined;
    let answered: ApiAnswer;
    let failure: unknown;
    try {
      // Nearly every call is read, and its key known, without waiting; each wait takes as long as
      // reading a few parameters.
      const read = readParams(call);
      const { params, fault } = read instanceof Promise ? await read : read;
      const asked = { call, params, isRead: fault === undefined };
      const holder = recognise(options, asked) ?? (await authenticate(options, limiters, asked));
      caller = { holder, address: call.address };
      admit(options, limiters.calls, holder);
      if (fault !== undefined) throw fault;
      action = readAction(params);
      const given = actions[action]({ ctx: options.ctx, holder, params });
      const reply = given instanceof Promise ? await given : given;
      answered =
        typeof reply === 'string' || Buffer.isBuffer(reply)
          ? { status: 200, headers: headersOfReply, body: reply }
          : await answerPriceList(reply, call, headersOfReply);
    } catch (error) {
      failure = error;
      answered = answerError(options, error);
    }
    if (caller !== undefined) noteCall(options.recentCalls, caller, { action, failure });
    const seconds = (performance.now() - started) / 1000;
    options.onCall({ action, outcome: outcomeOf(failure), seconds });
    return answered;
  }

  return {
    answer,
    refuse: (refusal) => {
      options.onCall({ action: 'none', outcome: outcomeOf(refusal), seconds: 0 });
      return answerError(options, refusal);
    },
    lose: () => options.onCall({ action: 'none', outcome: 'failed', seconds: 0 }),
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
function readParams(call: ApiCall): ReadParams | Promise<ReadParams> {
  const { query, body } = call;
  const contentType = call.header('content-type') ?? '';
  const withRequestId = (params: Params) => addRequestId(call, params);
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

function addRequestId(call: ApiCall, params: Params): ReadParams {
  const requestId = call.header('idempotency-key');
  if (requestId !== undefined && !params.fields.has('request_id')) {
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
type Asked = { call: ApiCall; params: Params; isRead: boolean };

/** Who calls, if the key is known in memory and used from where it may be. */
function recognise({ keyring }: ApiOptions, { call, params }: Asked): KeyHolder | undefined {
  const holder = keyring.peek(readKey(call, params));
  return holder !== undefined && isAddressAllowed(holder, call.address) ? holder : undefined;
}

/**
 * Finds who calls, at the least cost first: a known key at once, a malformed one without a query,
 * an unknown one only while its address has not tried too many.
 */
async function authenticate(
  options: ApiOptions,
  limiters: { badKeys: RateLimiter; calls: RateLimiter },
  { call, params, isRead }: Asked,
): Promise<KeyHolder> {
  const { address } = call;
  const key = readKey(call, params);
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
    if (isRead || key !== '') limiters.badKeys.take(address, badKeyLimits);
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

function readKey(call: ApiCall, params: Params): string {
  const field = params.fields.get('key');
  if (field !== undefined) return field;
  const header = call.header('x-api-key');
  if (header !== undefined) return header.trim();
  const bearer = /^Bearer +(\S+)$/i.exec(call.header('authorization') ?? '');
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

function answerError({ log }: ApiOptions, error: unknown): ApiAnswer {
  if (error instanceof AppError) {
    const status = refusalStatus(error);
    const headers =
      status === 200 ? headersOfReply : { ...headersOfReply, 'Retry-After': error.detail || '1' };
    return { status, headers, body: errorReply(refusalText(error)) };
  }
  const requestId = crypto.randomUUID();
  log.error({ error, requestId }, 'an API call failed');
  const headers = { ...headersOfReply, 'X-Request-Id': requestId };
  return { status: 500, headers, body: errorReply('Internal error') };
}

function outcomeOf(failure: unknown): Outcome {
  if (failure === undefined) return 'ok';
  if (!(failure instanceof AppError)) return 'failed';
  return refusalStatus(failure) === 200 ? 'refused' : 'limited';
}
