import { createPanelClient, type PanelClient } from '@panelwright/sdk';
import { AppError, type Clock, type ProviderId } from '../base/index.ts';
import type { Ctx, Db } from '../db/index.ts';
import {
  isPublicAddress,
  literalAddress,
  type PrivateAddresses,
  type Resolver,
} from './address.ts';
import { type CallAnswer, describeError, failureOf, failureText } from './failures.ts';
import { type CallAction, createHealthCounter, type HealthCounter } from './health.ts';
import type { Provider } from './provider.ts';
import { type KeyPlace, openKey, sealKey } from './secret.ts';
import { createTransports, type Transports } from './transport.ts';

/**
 * A provider's panel. Calls never throw for what the network or the panel does; each is counted in
 * the provider's health. `add`, `cancel` and `refills` go out on a connection of their own, within
 * the provider's deadline.
 */
export type Upstream = Pick<
  PanelClient,
  'add' | 'cancel' | 'refills' | 'services' | 'status' | 'statuses' | 'refillStatuses' | 'balance'
>;

export type Upstreams = {
  /**
   * The panel of a provider as the row is now; nothing is sent yet.
   * @throws AppError `conflict` when the row has no key, or one that does not open with this
   *   secret; `not_allowed` when there is no secret at all
   */
  open: (provider: Pick<Provider, UpstreamField>) => Upstream;
  /** Encrypts a key for a provider's row. @throws AppError `not_allowed` without a secret */
  seal: (place: KeyPlace, key: string) => Uint8Array;
  /** Refuses an address that says by itself that it is private. @throws AppError `invalid_input` */
  checkUrl: (url: URL) => void;
  /**
   * Posts to another address than a provider's, by the same checked connections; no redirects.
   * @returns the status of the answer
   * @throws TransportError
   */
  post: (call: Post) => Promise<number>;
  /** What went wrong in this process's last failed call to a provider; empty for nothing. */
  lastFailure: (providerId: ProviderId) => string;
  /** When this process last began such a call; null for never. */
  lastCallAt: (providerId: ProviderId, action: CallAction) => Date | null;
  /** Adds what was counted since the last time to the providers' health. */
  flush: () => Promise<void>;
  /** Flushes, and lets go of open connections. */
  close: () => Promise<void>;
};

type Post = { url: string; headers: Record<string, string>; body: string; signal: AbortSignal };

/**
 * What a module needs that speaks to providers. `leaving` is a worker's: when it stops, waits for a
 * slot end at once, and what has not been sent is not sent.
 */
export type ProvidersCtx = Ctx & { upstreams: Upstreams; leaving?: AbortSignal };

type UpstreamField = 'id' | 'url' | 'keySealed' | 'addTimeoutMs' | 'requestIdField';

export type UpstreamsOptions = {
  db: Db;
  clock: Clock;
  /** Encrypts keys; undefined when the operator has set none. */
  secret: string | undefined;
  privateAddresses: PrivateAddresses;
  /** Instead of the system's resolver. */
  resolve?: Resolver;
  /** Certificates to trust besides the system's. */
  trusted?: string;
  /** Instead of the network. For tests. */
  transports?: Transports | undefined;
};

type Connection = Pick<Provider, UpstreamField> & { key: string };

const postReplyBytesMax = 64 * 1024;
const readTimeoutMs = 30_000;
/** A whole catalog can be 4 MB from a slow panel. */
const catalogTimeoutMs = 120_000;

/** Opens the way to all providers. Close it, or its idle connections stay for some seconds. */
export function createUpstreams(options: UpstreamsOptions): Upstreams {
  const transports = options.transports ?? createTransports(options);
  const health = createHealthCounter(options.db);
  const opened = new Map<ProviderId, { made: string; upstream: Upstream }>();
  const failures = new Map<ProviderId, string>();
  const began = new Map<string, Date>();
  const measure = createMeasure(options.clock, {
    onStart: (providerId, action, at) => began.set(`${providerId} ${action}`, at),
    onEnd: (result) => {
      health.count(result);
      if (result.failure !== null) failures.set(result.providerId, result.failure);
    },
  });
  return {
    open: (provider) => {
      const made = describeRow(provider);
      const known = opened.get(provider.id);
      if (known?.made === made) return known.upstream;
      const key = openStoredKey(requireSecret(options.secret), provider);
      const upstream = createUpstream({ ...provider, key }, transports, measure);
      opened.set(provider.id, { made, upstream });
      return upstream;
    },
    seal: (place, key) => sealKey(requireSecret(options.secret), place, key),
    checkUrl: (url) => {
      const literal = literalAddress(url);
      if (literal === undefined || options.privateAddresses === 'allow') return;
      if (!isPublicAddress(literal)) {
        throw new AppError('invalid_input', privateRefusal, { detail: 'private_address' });
      }
    },
    post: async (call) => {
      const request = { ...call, method: 'POST' as const, replyBytesMax: postReplyBytesMax };
      return (await transports.fresh(request)).status;
    },
    lastFailure: (providerId) => failures.get(providerId) ?? '',
    lastCallAt: (providerId, action) => began.get(`${providerId} ${action}`) ?? null,
    flush: () => health.flush(),
    close: async () => {
      transports.close();
      await health.flush();
    },
  };
}

const privateRefusal =
  'the address is not a public one; PANELWRIGHT_PRIVATE_ADDRESSES=allow permits that';

function requireSecret(secret: string | undefined): string {
  if (secret !== undefined) return secret;
  throw new AppError(
    'not_allowed',
    'set PANELWRIGHT_SECRET (32 or more random characters, the same for every process of this ' +
      "panel): providers' keys are encrypted with it",
  );
}

/** All that an upstream is made of; the row's other columns change with every call. */
function describeRow(provider: Pick<Provider, UpstreamField>): string {
  const { url, keySealed, addTimeoutMs, requestIdField } = provider;
  const key = keySealed === null ? null : Buffer.from(keySealed).toString('base64');
  return JSON.stringify([url, key, addTimeoutMs, requestIdField]);
}

function openStoredKey(secret: string, provider: Pick<Provider, UpstreamField>): string {
  const { id, url, keySealed } = provider;
  if (keySealed === null) {
    throw new AppError('conflict', `provider ${id} has no key; store it (providers update)`);
  }
  return openKey(secret, { providerId: id, url }, keySealed);
}

type Measure = ReturnType<typeof createMeasure>;

type Observer = {
  onStart: (providerId: ProviderId, action: CallAction, at: Date) => void;
  onEnd: HealthCounter['count'];
};

/** Times a call and counts it. */
function createMeasure(clock: Clock, observer: Observer) {
  return async <Answer extends CallAnswer>(
    call: { connection: Connection; action: CallAction },
    work: (onError: (error: unknown) => void) => Promise<Answer>,
  ): Promise<Answer> => {
    const { id: providerId, key } = call.connection;
    const { action } = call;
    observer.onStart(providerId, action, clock.now());
    const startMs = performance.now();
    let network = '';
    const answer = await work((error) => {
      network = describeError(error);
    });
    const failed = failureOf(answer);
    if (failed === 'skip') return answer;
    const failure =
      failed === null
        ? null
        : failureText(action, { ...failed, detail: failed.detail || network }, key);
    const tookMs = performance.now() - startMs;
    observer.onEnd({ providerId, action, at: clock.now(), tookMs, failure });
    return answer;
  };
}

function createUpstream(
  connection: Connection,
  transports: Transports,
  measure: Measure,
): Upstream {
  const { key, url, addTimeoutMs, requestIdField } = connection;
  type Way = { action: CallAction; kind: 'fresh' | 'kept'; timeoutMs: number };
  /** A client per call is cheap, and so an error is known to be this call's own. */
  const call = <Answer extends CallAnswer>(
    way: Way,
    ask: (client: PanelClient) => Promise<Answer>,
  ) =>
    measure({ connection, action: way.action }, (onError) => {
      const transport = transports[way.kind];
      return ask(
        createPanelClient({
          url,
          key,
          timeoutMs: way.timeoutMs,
          headers: { 'user-agent': 'Panelwright' },
          ...(requestIdField === null ? {} : { requestIdField }),
          transport: (request) =>
            transport(request).catch((error: unknown) => {
              onError(error);
              throw error;
            }),
        }),
      );
    });
  const write = (action: CallAction): Way => ({ action, kind: 'fresh', timeoutMs: addTimeoutMs });
  const read = (action: CallAction): Way => ({ action, kind: 'kept', timeoutMs: readTimeoutMs });
  return {
    add: ({ requestId, ...order }, options) => {
      const sent = requestIdField === null ? order : { ...order, requestId };
      return call(write('add'), (client) => client.add(sent, options));
    },
    cancel: (ids, options) => call(write('cancel'), (client) => client.cancel(ids, options)),
    refills: (ids, options) => call(write('refill'), (client) => client.refills(ids, options)),
    services: (options) =>
      call({ ...read('services'), timeoutMs: catalogTimeoutMs }, (client) =>
        client.services(options),
      ),
    status: (id, options) => call(read('status'), (client) => client.status(id, options)),
    statuses: (ids, options) => call(read('status'), (client) => client.statuses(ids, options)),
    refillStatuses: (ids, options) =>
      call(read('refill_status'), (client) => client.refillStatuses(ids, options)),
    balance: (options) => call(read('balance'), (client) => client.balance(options)),
  };
}
